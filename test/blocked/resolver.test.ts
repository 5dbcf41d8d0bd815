/** The system's resolver, which no signal ends, does not hold a worker either. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../support/child';
import { testWith } from '../support/programs';

const folder = mkdtempSync(join(tmpdir(), 'resolver-'));
const configuration = join(folder, 'resolv.conf');
writeFileSync(configuration, 'nameserver 127.0.0.1\noptions timeout:30 attempts:5\n');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A network of its own, whose name server is the test's. */
const namespace = [
  ...['unshare', '--net', '--mount', 'sh', '-c'],
  `ip link set lo up && mount --bind ${configuration} /etc/resolv.conf && exec "$@"`,
  'sh',
];

/** A worker that asks a name server, which never answers. */
const program = `
  const { Worker } = require('node:worker_threads');
  function asking(last) {
    const server = new bsd.DatagramSocket('127.0.0.1:53');
    const worker = new Worker(\`
      const { SocketAddress } = require(${JSON.stringify(require.resolve('../../dist/index.js'))});
      const raw = require(${JSON.stringify(require.resolve('../../dist/raw.js'))});
      QUESTION;
      process._rawDebug('answered');
    \`.replace('QUESTION', question), { eval: true });
    server.receiveFromAsync(Buffer.alloc(512)).then(() => last(worker));
  }
`;

describe.each([
  ['a name', "new SocketAddress('nowhere.example', 80)"],
  [
    'an address',
    "raw.getnameinfo(new SocketAddress('192.0.2.1', 80).sockaddr, raw.constants.NI_NAMEREQD)",
  ],
])('a worker that asks for %s (needs unshare, ip and root)', (_what, question) => {
  const asks = `${program}; const question = ${JSON.stringify(question)};`;

  testWith(
    'unshare',
    'ip',
    'root',
  )('is terminated while the server is silent', () => {
    const { stdout, stderr } = run(
      `${asks} function main() {
        asking(async (worker) => { console.log(await worker.terminate()); process.exit(); });
      }`,
      namespace,
    );
    expect(stderr).toBe('');
    expect(stdout).toBe('1\n');
  });

  testWith(
    'unshare',
    'ip',
    'root',
  )('does not hold process.exit()', () => {
    const { stderr, status } = run(
      `${asks} function main() { asking(() => process.exit(4)); }`,
      namespace,
    );
    expect(stderr).toBe('');
    expect(status).toBe(4);
  });
});

testWith(
  'unshare',
  'ip',
  'root',
)('setInterruptible ends a question on the main thread too', () => {
  const { stdout } = run(
    `function main() {
      const server = new bsd.DatagramSocket('127.0.0.1:53');
      bsd.setInterruptible(true);
      server.watch(bsd.SELECT_READ, () => { console.log('asked'); process.exit(); });
      const ask = () => {
        try { new bsd.SocketAddress('nowhere.example', 80); } catch (error) { console.log(error.code); }
      };
      setImmediate(ask);
    }`,
    namespace,
  );
  expect(stdout).toBe('EAI_INTR\nasked\n');
});
