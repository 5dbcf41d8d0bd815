/**
 * Makes prebuilds/ on one Linux machine: `npm run prebuild`, or `npm run prebuild -- linux win32-x64`
 * for the targets whose names begin so. Each binary has to pass the gates.
 *
 * The addon is linked with the few files of LLVM's C++ library that it needs, built without
 * exceptions, instead of all of it: so a binary is a third as large, wants no C++ library of the
 * system's, and a new target takes seconds.
 */
import { copyFileSync, mkdirSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { argv, env, execPath } from 'node:process';
import { faultsOf, isOfNode } from './gates.mjs';
import { symbols, undefinedNames } from './symbols.mjs';
import { folder, targets } from './targets.mjs';
import { installToolchain, library, zig } from './toolchain.mjs';

const require = createRequire(import.meta.url);

/** uv.h is in the headers of a Node installation: NODEDIR, or the Node that runs this. */
const nodedir = env.NODEDIR ?? resolve(realpathSync(execPath), '../..');

const common = [
  '-c',
  '-std=c++20',
  '-O2',
  '-g0',
  '-fPIC',
  '-fno-exceptions',
  '-fno-rtti',
  '-ffunction-sections',
  '-fdata-sections',
  // Of what is inside nothing is to be seen outside, or it would mix with the host program's.
  '-fvisibility=hidden',
  '-fvisibility-global-new-delete-hidden',
  '-D_LIBCPP_DISABLE_VISIBILITY_ANNOTATIONS',
  '-D_LIBCXXABI_DISABLE_VISIBILITY_ANNOTATIONS',
];

const ours = [
  '-std=c++17',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-DNAPI_VERSION=8',
  '-DNAPI_DISABLE_CPP_EXCEPTIONS',
  '-DNODE_ADDON_API_DISABLE_DEPRECATED',
  '-DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
  '-DBUILDING_NODE_EXTENSION',
  '-DUSING_UV_SHARED',
  // As node-gyp has it: offsets in files are of 64 bits everywhere.
  '-D_FILE_OFFSET_BITS=64',
  `-I${require('node-api-headers').include_dir}`,
  `-I${dirname(require.resolve('node-addon-api/package.json'))}`,
  '-isystem',
  join(nodedir, 'include/node'),
];

/** None of it is in a hot call, so it is made small. */
const theirs = [
  '-w',
  '-Oz',
  '-fno-unwind-tables',
  '-fno-asynchronous-unwind-tables',
  '-DLIBCXX_BUILDING_LIBCXXABI',
  '-DLIBCXXABI_SILENT_TERMINATE',
  '-D_LIBCPP_BUILDING_LIBRARY',
  '-D_LIBCXXABI_BUILDING_LIBRARY',
  `-I${join(library, 'libcxx/src')}`,
  `-I${join(library, 'libcxxabi/include')}`,
  `-I${join(library, 'libcxxabi/src')}`,
];
const theirSources = [
  'libcxx/src/chrono.cpp',
  'libcxx/src/condition_variable.cpp',
  'libcxx/src/condition_variable_destructor.cpp',
  'libcxx/src/exception.cpp',
  'libcxx/src/future.cpp',
  'libcxx/src/memory.cpp',
  'libcxx/src/mutex.cpp',
  'libcxx/src/mutex_destructor.cpp',
  'libcxx/src/new.cpp',
  'libcxx/src/stdexcept.cpp',
  'libcxx/src/string.cpp',
  'libcxx/src/system_error.cpp',
  'libcxx/src/thread.cpp',
  'libcxx/src/verbose_abort.cpp',
  'libcxxabi/src/abort_message.cpp',
  'libcxxabi/src/cxa_default_handlers.cpp',
  'libcxxabi/src/cxa_guard.cpp',
  'libcxxabi/src/cxa_handlers.cpp',
  'libcxxabi/src/cxa_noexception.cpp',
  'libcxxabi/src/cxa_virtual.cpp',
  'libcxxabi/src/stdlib_exception.cpp',
  'libcxxabi/src/stdlib_new_delete.cpp',
  'libcxxabi/src/stdlib_stdexcept.cpp',
];

/** Which files of native/platform a system has, and what it is linked with. */
const systems = {
  linux: {
    platform: /^(linux|posix)\w*\.cc$/,
    theirs: [],
    link: ['-Wl,--gc-sections', '-Wl,--version-script=scripts/prebuild/exports.map'],
  },
  darwin: {
    platform: /^(darwin|posix)\w*\.cc$/,
    theirs: [],
    link: ['-Wl,-dead_strip', '-Wl,-undefined,dynamic_lookup'],
  },
  win32: {
    platform: /^win32\w*\.cc$/,
    theirs: ['libcxx/src/support/win32/thread_win32.cpp'],
    link: ['-Wl,--gc-sections', '-lws2_32', '-liphlpapi'],
  },
};

function filesIn(path, pattern) {
  return readdirSync(path)
    .filter((name) => pattern.test(name))
    .map((name) => join(path, name));
}

function outputOf(target, name) {
  return join('out/prebuild', target.name, name);
}

function objectOf(target, source) {
  return outputOf(target, `${basename(source, extname(source))}.o`);
}

function targetFlags(target) {
  return ['-target', target.zig, ...(target.flags ?? [])];
}

/** The objects of a target, and what makes them. */
function compilations(target) {
  const system = systems[target.system];
  const own = [...filesIn('native', /\.cc$/), ...filesIn('native/platform', system.platform)];
  const others = [...theirSources, ...system.theirs].map((name) => join(library, name));
  const compile = (source, flags) =>
    zig('c++', ...targetFlags(target), ...common, ...flags, source, '-o', objectOf(target, source));
  return {
    objects: [...own, ...others].map((source) => objectOf(target, source)),
    tasks: [
      ...own.map((source) => () => compile(source, ours)),
      ...others.map((source) => () => compile(source, theirs)),
    ],
  };
}

/** What binds the functions of Node on Windows, where a library's imports need a file's name. */
async function compileImports(target, objects) {
  const names = undefinedNames(objects).map((name) => name.replace('__imp_', ''));
  const list = names.filter(isOfNode).map((name) => `X(${name})`);
  const object = objectOf(target, 'win32_node.c');
  const define = `-DNODE_FUNCTIONS(X)=${list.join(' ')}`;
  const source = 'scripts/prebuild/win32_node.c';
  await zig('cc', ...targetFlags(target), '-c', '-O2', define, source, '-o', object);
  return object;
}

async function link(target, objects) {
  const extra = target.system === 'win32' ? [await compileImports(target, objects)] : [];
  const inputs = [...objects, ...extra, ...systems[target.system].link];
  const made = outputOf(target, 'bsd-sockets.node');
  await zig('cc', ...targetFlags(target), '-shared', '-s', ...inputs, '-o', made);
  const faults = faultsOf(target, symbols(target, made));
  if (faults.length > 0) throw new Error([`${target.name} is not fit:`, ...faults].join('\n  '));
  const file = join(folder, target.file);
  mkdirSync(dirname(file), { recursive: true });
  copyFileSync(made, file);
  console.log(`${target.name.padEnd(18)} ${String(statSync(file).size).padStart(7)} bytes`);
}

/** Runs as many at once as there are processors. */
async function runAll(tasks) {
  const rest = tasks.values();
  const worker = async () => {
    for (const task of rest) await task();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

const wanted = argv.slice(2);
const chosen = targets.filter(
  ({ name }) => wanted.length === 0 || wanted.some((start) => name.startsWith(start)),
);
if (chosen.length === 0) throw new Error(`No target begins with ${wanted.join(' or ')}`);

await installToolchain();
const jobs = chosen.map((target) => ({ target, ...compilations(target) }));
for (const { target } of jobs) {
  rmSync(outputOf(target, ''), { recursive: true, force: true });
  mkdirSync(outputOf(target, ''), { recursive: true });
}
await runAll(jobs.flatMap(({ tasks }) => tasks));
await runAll(
  jobs.map(
    ({ target, objects }) =>
      () =>
        link(target, objects),
  ),
);
