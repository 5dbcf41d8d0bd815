/**
 * `node scripts/sanitized.mjs <tool> [tests]`: builds the addon for the tool, proves on
 * planted faults that the tool finds each, and then runs the tests under it. Fails if a test does,
 * or if there is any report about the addon.
 *
 * The sanitizers' runtimes must be loaded before everything else. They are made a library of a copy
 * of Node (and not LD_PRELOADed), so that the tests' Node children have them too, and the programs
 * that are not Node do not.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const file = (name) => join(root, 'test/sanitizers', name);

/** One process: what a worker leaves is looked for at its end, which Jest would not wait for. */
const jestWithout = (names) => [
  join(root, 'node_modules/jest/bin/jest.js'),
  '--runInBand',
  '--testTimeout',
  '120000',
  `--testNamePattern=^(?!${names})`,
];

/** Allocated by the addon itself, or by Node-API for it: no other code's frame comes before. */
function isOurLeak(block) {
  const frames = block.split('\n').filter((line) => /^\s+#\d+ /.test(line));
  const callers = frames.slice(1).filter((frame) => !/ (napi_|v8impl::)/.test(frame));
  return /(native|test\/sanitizers)\/[\w/]+\.(cc|h)|<unknown module>/.test(callers[0] ?? '');
}

const tools = {
  asan: {
    build: ['--debug', '--CDSANITIZE=address,undefined,float-cast-overflow'],
    runtime: 'libasan.so',
    environment: (reports) => ({
      // What a program leaves that ends by process.exit() is not ours alone; isOurLeak() tells.
      // A test puts a library of its own before everything.
      ASAN_OPTIONS: `detect_leaks=1:exitcode=0:verify_asan_link_order=0:log_path=${reports}`,
      // This runtime has no log beside the other's: a report ends the process, and so the test.
      UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1:abort_on_error=1',
    }),
    reports: (log) => [
      ...log.split('\n').filter((line) => /ERROR: Addr|runtime error:/.test(line)),
      ...log
        .split('\n\n')
        .filter((block) => /^(In)?[Dd]irect leak/.test(block) && isOurLeak(block)),
    ],
    planted: [
      { overflow: 'heap-buffer-overflow' },
      { useAfterFree: 'heap-use-after-free' },
      { undefined: 'signed integer overflow' },
      { leak: 'in Leak ', leakReference: 'in LeakReference ' },
    ],
    // Left out: that resident memory is flat, as this tool keeps what was freed.
    command: (tests) => [...jestWithout('three seconds of the soak pass'), ...tests],
  },
  tsan: {
    build: ['--debug', '--CDSANITIZE=thread'],
    runtime: 'libtsan.so',
    environment: (reports) => ({
      // Node is not built for it: without this the tool sees what V8 does and not how it is locked.
      TSAN_OPTIONS: `ignore_noninstrumented_modules=1:exitcode=0:log_path=${reports}`,
    }),
    reports: (log) => log.split('\n').filter((line) => line.startsWith('WARNING: ThreadSanitizer')),
    planted: [{ race: 'data race' }],
    // Where there are threads. Left out: this tool puts a signal's handler off until the call ends
    // that the handler would end, and makes system calls of its own.
    command: (tests) => [
      ...jestWithout('Ctrl-C ends (receiveBytes|acceptConnection)|strace '),
      ...(tests.length > 0 ? tests : ['async', 'blocked', 'ownership', 'poll-set', 'semantics']),
    ],
  },
  valgrind: {
    build: ['--debug'],
    wrapper: (reports) => [
      'valgrind',
      `--log-file=${reports}.%p`,
      `--suppressions=${file('valgrind.supp')}`,
      '--leak-check=full',
      '--show-leak-kinds=definite,possible',
      '--errors-for-leak-kinds=definite,possible',
    ],
    environment: () => ({}),
    reports: (log) =>
      log
        .split(/\n==\d+== \n/)
        .filter((block) => /==\d+== +at 0x/.test(block) && /==\d+== +by 0x/.test(block))
        // It wants a whole name or family of a sockaddr, whatever length the call was told.
        .filter((block) => !/Syscall param socketcall\.\w+\(\w+\.(sa|sun|sin6?)_\w+\)/.test(block)),
    planted: [
      {
        overflow: 'Overflow',
        useAfterFree: 'UseAfterFree',
        uninitialised: 'Uninitialised',
        leak: 'definitely lost',
        leakReference: 'napi_create_reference',
      },
    ],
    // Jest under it would take minutes: a program of its own.
    command: (programs) =>
      programs.length > 0
        ? programs
        : [join(root, 'test/generated/raw.mjs'), '--seed=1', '--calls=2000'],
  },
};

const [name, ...rest] = process.argv.slice(2);
const tool = tools[name];
if (tool === undefined) throw new Error(`no tool of that name: ${String(name)}`);
const out = join(root, 'out', name);
const reportsFolder = join(out, 'reports');

function build(source, folder) {
  const options = ['rebuild', '-d', source, '-O', join(out, folder, 'build'), ...tool.build];
  execFileSync('npx', ['cmake-js', ...options], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Node, with the tool's runtime as its first library. */
function makeNode() {
  if (tool.runtime === undefined) return process.execPath;
  const library = execFileSync('gcc', [`-print-file-name=${tool.runtime}`], { encoding: 'utf8' });
  const node = join(out, 'node');
  rmSync(node, { force: true });
  copyFileSync(process.execPath, node);
  execFileSync('patchelf', ['--add-needed', library.trim(), node]);
  return node;
}

/** Runs Node under the tool: whether the program succeeded, and the tool's reports. */
function run(node, programArguments, stderrTo) {
  rmSync(reportsFolder, { recursive: true, force: true });
  mkdirSync(reportsFolder, { recursive: true });
  const path = join(reportsFolder, 'report');
  const command = [...(tool.wrapper?.(path) ?? []), node, ...programArguments];
  const { status, stderr } = spawnSync(command[0], command.slice(1), {
    cwd: root,
    stdio: ['ignore', 'inherit', stderrTo],
    encoding: 'utf8',
    env: { ...process.env, ...tool.environment(path), BSD_SOCKETS_PREBUILD: join(out, 'addon') },
  });
  const logs = readdirSync(reportsFolder).map((log) =>
    readFileSync(join(reportsFolder, log), 'utf8'),
  );
  return { succeeded: status === 0, reports: [...logs, stderr ?? ''].flatMap(tool.reports) };
}

function checkPlanted(node) {
  const addon = join(out, 'planted/build/Debug/planted.node');
  for (const faults of tool.planted) {
    const names = Object.keys(faults);
    const { reports } = run(node, [file('planted.cjs'), addon, ...names], 'pipe');
    for (const [fault, expected] of Object.entries(faults)) {
      if (reports.some((report) => report.includes(expected))) continue;
      throw new Error(`${name} did not find the planted fault "${fault}"`);
    }
    console.log(`${name} finds the planted ${names.join(', ')}`);
  }
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const node = makeNode();
build('native', 'addon');
build('test/sanitizers', 'planted');
checkPlanted(node);
const { succeeded, reports } = run(node, tool.command(rest), 'inherit');
for (const report of reports) console.log(report);
console.log(`${name}: ${String(reports.length)} reports`);
if (reports.length > 0 || !succeeded) process.exitCode = 1;
