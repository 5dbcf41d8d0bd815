/** The Synch, server and client in two workers. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const example = join(__dirname, '../../examples/telnet-synch.mjs');

test('all output up to the mark is discarded', () => {
  const { stdout } = spawnSync(process.execPath, [example], { encoding: 'utf8', timeout: 25_000 });
  expect(stdout).toMatch(/server: \d{5,} bytes sent; IAC IP, data mark/);
  expect(stdout).toMatch(/client: \d{5,} bytes of output discarded up to the data mark/);
  expect(stdout).toContain('then: "\\r\\nready> "');
});
