/**
 * Runs the tests on every platform and runtime that this machine can run or emulate, and prints a
 * matrix of all targets: npm run test:platforms [-- row … [--tests pattern]], or --fast for a part,
 * or --own for the machine's own system and Node.
 * `row` is the beginning of what a row is called; without one all run. Their runtimes come from npm,
 * what these need from apt, and the binaries from `npm run prebuild` (for Node and glibc on x64 the
 * checkout's own build serves as well).
 */
import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { faultsOf } from '../prebuild/gates.mjs';
import { symbols } from '../prebuild/symbols.mjs';
import { folder as prebuilds, targets } from '../prebuild/targets.mjs';
import { installToolchain } from '../prebuild/toolchain.mjs';
import { fast, own, rows } from './rows.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const out = path.join(root, 'out/platforms');
const harness = path.join(root, 'scripts/platforms/run-file.cjs');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tests: { type: 'string', default: '' },
    fast: { type: 'boolean', default: false },
    own: { type: 'boolean', default: false },
  },
});

const nameOf = (row) => `${row.target}, ${row.runtime}`;
const asked = values.own ? [nameOf(own)] : values.fast ? fast.rows : positionals;
const isAsked = (name) => asked.length === 0 || asked.some((start) => name.startsWith(start));
const pattern = values.fast ? fast.tests : new RegExp(values.tests);
const files = readdirSync(path.join(root, 'test'), { recursive: true })
  .map((file) => file.replaceAll(path.sep, '/'))
  .filter((file) => file.endsWith('.test.ts') && pattern.test(file))
  .sort();

/** Debian's packages; who is not root is told by apt. */
function installDebian(packages) {
  if (packages.length === 0) return;
  const installed = execFileSync('dpkg-query', ['-W', '-f=${Package} ${Status}\n'], {
    encoding: 'utf8',
  });
  const missing = packages.filter(
    (name) => !installed.includes(`\n${name} install ok installed\n`),
  );
  if (missing.length === 0) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = { stdio: ['ignore', 'ignore', 'inherit'], env };
  execFileSync('apt-get', ['install', '-y', '--no-install-recommends', ...missing], options);
}

/** The folder of a runtime from npm, whatever system it is made for. */
function installRuntime(name) {
  const prefix = path.join(root, 'out/runtimes', name.replaceAll('/', '-'));
  const folder = path.join(prefix, 'node_modules', name.slice(0, name.lastIndexOf('@')));
  if (!existsSync(folder)) {
    mkdirSync(prefix, { recursive: true });
    const options = ['--no-save', '--force', '--no-audit', '--no-fund', '--loglevel=error'];
    execFileSync('npm', ['install', ...options, '--prefix', prefix, name], { stdio: 'inherit' });
  }
  return folder;
}

/** One file that starts the runtime, with all that stands before it. */
function launcher(row, folder) {
  const program = path.join(folder, row.program);
  const file = path.join(folder, 'run');
  const command = [...(row.through ?? []), program, ...(row.options ?? [])]
    .map((word) => `'${word}'`)
    .join(' ');
  writeFileSync(file, `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
  return file;
}

/** Ends when the program has, or with all that it started when the time is over. */
function ended(command, args, env, log, seconds) {
  const output = openSync(log, 'w');
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    // A file: Node writes to no pipe of wine's.
    stdio: ['ignore', output, output],
    detached: true,
  });
  closeSync(output);
  return new Promise((resolve, reject) => {
    // Windows has no groups of processes.
    const group = process.platform === 'win32' ? child.pid : -child.pid;
    const timer = setTimeout(() => process.kill(group, 'SIGKILL'), seconds * 1000);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      resolve(signal ?? code);
    });
  });
}

/** What a row says of a test or of an error; `$1` in it is what the pattern found. */
function reasonOf(row, kind, text) {
  for (const skip of row.skips ?? []) {
    const found = skip[kind]?.exec(text);
    if (found) return skip.why.replace('$1', found[1]);
  }
  return undefined;
}

/** A title says what its test needs: '… (needs root)', or 'vsftpd (needs it)'. */
function needOf(name) {
  const [, what, needs] = /(\S+) \(needs ([^)]*)\)/.exec(name) ?? [];
  return needs?.replace(/^it\b/, what) ?? name;
}

function outcomeOf(row, file, { name, status, errors }) {
  if (status === 'skip') {
    return { outcome: 'skipped', why: reasonOf(row, 'test', `${file} › ${name}`) ?? needOf(name) };
  }
  if (errors.length === 0) return { outcome: 'passed' };
  const why = reasonOf(row, 'error', errors.join('\n'));
  return why === undefined
    ? { outcome: 'failed', why: errors.join('\n') }
    : { outcome: 'skipped', why };
}

/** What became of each test of a file; a file that did not end is a test that failed. */
async function runFile(row, executable, file) {
  const elsewhere = reasonOf(row, 'file', file);
  if (elsewhere !== undefined) return [{ file, name: file, outcome: 'skipped', why: elsewhere }];
  const base = path.join(out, nameOf(row).replaceAll(/\W+/g, '-'), file.replaceAll('/', '-'));
  mkdirSync(path.dirname(base), { recursive: true });
  rmSync(`${base}.json`, { force: true });
  const slowness = row.slowness ?? 1;
  const env = {
    PREBUILDS_ONLY: existsSync(binaryOf(row.target)) ? '1' : '',
    PLATFORM_EXECUTABLE: executable,
    PLATFORM_SLOWNESS: String(slowness),
    ...row.env,
  };
  const skipped = (row.skips ?? []).flatMap(({ test }) => (test ? [test.source] : []));
  const args = [
    harness,
    path.join(root, 'test', file),
    `${base}.json`,
    ...(skipped.length > 0 ? [skipped.join('|')] : []),
  ];
  const end = await ended(executable, args, env, `${base}.log`, 120 * slowness);
  if (!existsSync(`${base}.json`)) {
    const log = readFileSync(`${base}.log`, 'utf8').trim();
    return [{ file, name: `ends with ${end}`, outcome: 'failed', why: log.slice(-1000) }];
  }
  const { tests, unhandledErrors } = JSON.parse(readFileSync(`${base}.json`, 'utf8'));
  return [
    ...tests.map((test) => ({ file, name: test.name, ...outcomeOf(row, file, test) })),
    ...unhandledErrors.map((error) => ({
      file,
      name: 'outside a test',
      ...outcomeOf(row, file, { errors: [error] }),
    })),
  ];
}

function binaryOf(target) {
  return path.join(root, prebuilds, targets.find(({ name }) => name === target).file);
}

async function runRow(row) {
  installDebian(row.apt ?? []);
  const executable = row.executable ?? launcher(row, installRuntime(row.package));
  await row.prepare?.();
  const left = [...files];
  const told = [];
  const next = async () => {
    for (let file; (file = left.shift()) !== undefined;) {
      told.push(...(await runFile(row, executable, file)));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, next));
  return told;
}

/** How often each word comes, the most frequent first. */
function counted(words) {
  const counts = new Map();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([word, count]) => `${word} (${count})`);
}

const matrix = [];

for (const row of values.own ? [own] : rows.filter((each) => isAsked(nameOf(each)))) {
  const started = performance.now();
  const told = await runRow(row);
  const of = (outcome) => told.filter((test) => test.outcome === outcome);
  for (const { file, name, why } of of('failed')) {
    console.log(`FAILED  ${file}: ${name}\n${why.replaceAll(/^/gm, '        ')}`);
  }
  const binary = existsSync(binaryOf(row.target)) ? 'prebuilt' : 'built here';
  const result = `ran ${of('passed').length} passed / ${of('skipped').length} skipped / ${of('failed').length} failed`;
  const skipped = counted(of('skipped').map(({ why }) => why)).join('; ');
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`${nameOf(row)}: ${result} in ${seconds} s`);
  matrix.push({ target: row.target, runtime: row.runtime, binary, result, skipped });
}

for (const target of targets.filter(({ name }) => !rows.some((row) => row.target === name))) {
  if (!isAsked(target.name)) continue;
  await installToolchain();
  const faults = faultsOf(target, symbols(target, binaryOf(target.name)));
  const result = faults.length === 0 ? 'linked, gates passed' : `failed: ${faults.join(', ')}`;
  matrix.push({ target: target.name, runtime: '–', binary: 'prebuilt', result, skipped: '' });
}

console.log('\n| target | runtime | binary | result |');
console.log('| --- | --- | --- | --- |');
for (const { target, runtime, binary, result } of matrix) {
  console.log(`| ${target} | ${runtime} | ${binary} | ${result} |`);
}
console.log('\nSkipped, for want of:\n');
for (const { target, runtime, skipped } of matrix) {
  if (skipped !== '') console.log(`- ${target}, ${runtime}: ${skipped}`);
}
process.exit(matrix.some(({ result }) => /[1-9]\d* failed|^failed/.test(result)) ? 1 : 0);
