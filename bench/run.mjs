// The bench: C, this library (class and raw) and Node's net on the same work, interleaved in random
// order, all on one core. Ratios against C: speed is C's time / ours, cpu is ours / C's.
//
//   npm run bench -- [pingpong] [receive] [would-block] [memory] [sendmsg] … [--rounds N]
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '15' } },
});
const rounds = Number(values.rounds);
const counts = {
  pingpong: 20_000,
  receive: 256 * 1024 * 1024,
  'would-block': 300_000,
  sendmsg: 20_000,
  'two-sends': 20_000,
  datagrams: 2_000,
  'pollset-100': 3_000,
  'pollset-1000': 3_000,
  'pollset-5000': 3_000,
};
const wanted = positionals.length > 0 ? positionals : [...Object.keys(counts), 'memory'];

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const out = file('../out/bench');
mkdirSync(out, { recursive: true });
execFileSync('cc', ['-O2', '-o', `${out}/c`, file('c.c')]);
const nodeApi = `-I${file('../node_modules/node-api-headers/include')}`;
execFileSync('cc', [
  '-O2',
  '-shared',
  '-fPIC',
  nodeApi,
  '-o',
  `${out}/floor.node`,
  file('floor.c'),
]);

function start(command, ...args) {
  const child = spawn('taskset', ['-c', '0', command, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { child, next: async () => (await lines.next()).value };
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const shown = (list) =>
  `${median(list).toFixed(2)} (${Math.min(...list).toFixed(2)}–${Math.max(...list).toFixed(2)})`;

console.log(
  `${cpus()[0].model}, Node ${process.version}, ${rounds} rounds, client and server on one core`,
);
const server = start(`${out}/c`);
const port = await server.next();
const clients = {
  C: start(`${out}/c`, port),
  class: start(process.execPath, file('blocking.mjs'), port, 'class'),
  raw: start(process.execPath, file('blocking.mjs'), port, 'raw'),
  net: start(process.execPath, file('net.mjs'), port),
  floor: start(process.execPath, file('blocking.mjs'), port, 'floor'),
};

// What a client cannot do, or has no row for: "would block" is no call of net's.
const only = {
  raw: ['pingpong', 'receive', 'would-block'],
  net: ['pingpong', 'receive'],
  floor: ['would-block'],
};

async function measure(row) {
  const names = Object.keys(clients).filter((name) => (only[name] ?? [row]).includes(row));
  const results = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const name of [...names].sort(() => Math.random() - 0.5)) {
      clients[name].child.stdin.write(`${row} ${counts[row]}\n`);
      const [wall, cpu] = (await clients[name].next()).split(' ').map(Number);
      if (round >= 0) results[name].push({ wall: wall / counts[row], cpu: cpu / counts[row] });
    }
  }
  console.log(`\n${row}`);
  for (const name of names) {
    const each = results[name];
    const wall = median(each.map((result) => result.wall));
    if (row === 'would-block') {
      const above = each.map((result, i) => result.wall - results.floor[i].wall);
      console.log(
        `  ${name.padEnd(6)} ${wall.toFixed(0)} ns, above the floor ${median(above).toFixed(0)} ns`,
      );
    } else {
      const speed = each.map((result, i) => results.C[i].wall / result.wall);
      const cpu = each.map((result, i) => result.cpu / results.C[i].cpu);
      console.log(`  ${name.padEnd(6)} speed ${shown(speed)}, cpu ${shown(cpu)}`);
    }
  }
}

for (const row of wanted.filter((name) => name in counts)) await measure(row);
if (wanted.includes('memory')) {
  console.log('\nmemory, bytes for each open socket');
  const counts = { class: 10_000, net: 2_000 };
  for (const [what, count] of Object.entries(counts)) {
    const args = ['--expose-gc', file('memory.mjs'), what, String(count)];
    const bytes = execFileSync(process.execPath, args, { encoding: 'utf8' });
    console.log(`  ${what.padEnd(6)} ${Number(bytes).toFixed(0)}`);
  }
}
for (const { child } of [server, ...Object.values(clients)]) {
  child.kill();
  await once(child, 'exit');
}
