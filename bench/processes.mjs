// The processes of the bench: C is compiled on the spot, each variant and each peer is a process of
// its own, pinned to a core, which answers one command at a time.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ACROSS_CORES, ANY_CORE } from './rows.mjs';

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const out = file('../out/bench');
const cc = process.env.CC ?? 'cc';

/** Ten thousand connections need as many descriptors. */
const DESCRIPTORS = 20_000;

export function compile() {
  mkdirSync(out, { recursive: true });
  const warnings = ['-O2', '-Wall', '-Wextra', '-Werror'];
  execFileSync(cc, [...warnings, '-o', `${out}/peer`, file('peers/peer.c')]);
  execFileSync(cc, [...warnings, '-pthread', '-o', `${out}/c`, file('clients/c.c')]);
  const headers = `-I${file('../node_modules/node-api-headers/include')}`;
  const addon = ['-shared', '-fPIC', headers, '-o', `${out}/floor.node`, file('clients/floor.c')];
  execFileSync(cc, [...warnings, ...addon]);
}

export function versions() {
  const first = (command, ...args) =>
    execFileSync(command, args, { encoding: 'utf8' }).split('\n')[0];
  return {
    node: process.version,
    cc: first(cc, '--version'),
    python: first('python3', '--version'),
    kernel: first('uname', '-sr'),
  };
}

const commands = {
  c: [`${out}/c`],
  python: ['python3', file('clients/python.py')],
  memory: [process.execPath, '--expose-gc', file('clients/memory.mjs')],
  'start-up': [process.execPath, file('clients/start-up.cjs')],
};

const commandOf = (client) => commands[client] ?? [process.execPath, file(`clients/${client}.mjs`)];

class Line {
  #child;
  #lines;

  constructor(core, command, args) {
    const pinned = core === undefined ? [] : ['taskset', '-c', core];
    const raised = ['prlimit', `--nofile=${DESCRIPTORS}:`, ...pinned, ...command];
    this.#child = spawn(raised[0], [...raised.slice(1), ...args.map(String)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.name = [...command, ...args].join(' ');
  }

  /** The next line that the process prints. */
  async next() {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${this.name} has ended`);
    return value;
  }

  ask(command) {
    this.#child.stdin.write(`${command}\n`);
    return this.next();
  }

  async end() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

/** The core of the client and of its peer; undefined is any. */
function coresOf({ cores }) {
  if (cores === ANY_CORE) return [undefined, undefined];
  return cores === ACROSS_CORES ? ['0', '1'] : ['0', '0'];
}

/** One command's answer, for each operation. */
function figures(answer, operations) {
  const [wall, cpu, first, last] = answer.split(' ').map(Number);
  return { wall: wall / operations, cpu: cpu / operations, first, last };
}

let serial = 0;

/**
 * The processes of a row: `ask(variant, count)` gives the figures of one command. A row without a
 * peer whose processes answer no commands has a new process for each figure.
 */
export async function start(row) {
  const [own, others] = coresOf(row);
  const [what, ...peerArguments] = row.peer ?? [];
  const sized = what === 'echo' || what === 'sink' ? [row.size] : peerArguments;
  const peer = row.peer && new Line(others, [`${out}/peer`], [what, ...sized]);
  const port = peer ? await peer.next() : 0;
  const launch = ({ client, does }) =>
    new Line(own, commandOf(client), [does, port, row.size ?? 0]);
  const lines = new Map();
  if (!row.isOneShot) for (const variant of row.variants) lines.set(variant, launch(variant));
  return {
    async ask(variant, count, operations) {
      const line = lines.get(variant) ?? launch(variant);
      const answer = await (row.isOneShot ? line.next() : line.ask(`${count} ${serial++}`));
      if (row.isOneShot) await line.end();
      return figures(answer, operations);
    },
    async end() {
      for (const line of [...lines.values(), peer]) await line?.end();
    },
  };
}
