/** The Synch: server and client in two workers, and the server with telnet at a terminal. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { TIMEOUT } from '../support/child';
import { Peer } from '../support/peer';
import { testWith } from '../support/programs';

const example = join(__dirname, '../../examples/telnet-synch.mjs');

test('all output up to the mark is discarded', () => {
  const { stdout } = spawnSync(process.execPath, [example], { encoding: 'utf8', timeout: TIMEOUT });
  expect(stdout).toMatch(/server: \d{5,} bytes sent; IAC IP, data mark/);
  expect(stdout).toMatch(/client: \d{5,} bytes of output discarded up to the data mark/);
  expect(stdout).toContain('then: "\\r\\nready> "');
});

/** How many bytes wait in both queues of the connection to this port of 127.0.0.1, proc(5). */
function queued(port: string): number {
  const hex = Number(port).toString(16).toUpperCase().padStart(4, '0');
  const fields = readFileSync('/proc/net/tcp', 'latin1')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, remote]) => [local, remote].includes(`0100007F:${hex}`));
  const bytes = fields.flatMap(([, , , , queues = '']) => queues.split(':'));
  return bytes.reduce((sum, size) => sum + (Number.parseInt(size, 16) || 0), 0);
}

/** So much is more than telnet and the terminal take. */
const FULL = 256 * 1024;

describe('telnet (needs inetutils-telnet): Ctrl-C at a terminal that nobody reads', () => {
  const peer = new Peer();
  let home: string;
  let server: ChildProcess;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'bsd-sockets-'));
  });
  afterEach(() => {
    server.kill();
    rmSync(home, { recursive: true });
  });
  afterAll(() => {
    peer.close();
  });

  testWith('telnet').each([
    ['with a Synch', '127.0.0.1 toggle autosynch\n'],
    ['in the stream alone', ''],
  ])('%s', async (_, telnetrc) => {
    writeFileSync(join(home, '.telnetrc'), telnetrc);
    const child = spawn(process.execPath, [example, '--serve'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    server = child;
    const lines: string[] = [];
    const output = createInterface({ input: child.stdout });
    output.on('line', (line) => lines.push(line));
    const [port] = (await once(output, 'line')) as [string];
    const close = once(child, 'close');
    peer.run(`os.environ['HOME'] = ${JSON.stringify(home)}`);
    peer.run(`terminal = on_terminal('telnet', '127.0.0.1', '${port}')`);
    const before = String(peer.run("shown(terminal, b'output').decode()"));
    for (const end = Date.now() + 10_000; queued(port) < FULL && Date.now() < end;);
    peer.run("os.write(terminal, b'\\x03')");
    const after = String(peer.run("shown(terminal, b'ready> ').decode()"));
    peer.run('os.close(terminal)');
    await close;
    const sent = /server: (\d+) bytes sent; IAC IP/.exec(lines[1] ?? '')?.[1];
    expect(Number(sent) - before.length - after.length).toBeGreaterThan(FULL / 2);
    expect(after.slice(-100)).toContain('\r\nready> ');
  });
});
