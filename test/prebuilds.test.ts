/** The gates that prebuilt binaries have to pass can fail: each of these symbol lists is wrong. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const entry = 'napi_register_module_v1';
const good = {
  glibc: {
    libraries: ['libc.so.6'],
    open: ['napi_throw', 'uv_poll_start', 'recv@GLIBC_2.17', '__gmon_start__'],
    exported: [entry],
  },
  darwin: {
    libraries: ['/usr/lib/libSystem.B.dylib'],
    open: ['napi_throw'],
    exported: [entry],
    isSigned: true,
  },
  win32: { libraries: ['KERNEL32.dll'], open: ['napi_throw'], exported: [entry] },
};
const targets = {
  glibc: { name: 'linux-x64-glibc', system: 'linux' },
  darwin: { name: 'darwin-arm64', system: 'darwin' },
  win32: { name: 'win32-x64', system: 'win32' },
};

function faults(kind: keyof typeof good, change: object = {}): string[] {
  const source = `import { faultsOf } from './scripts/prebuild/gates.mjs';
    const [target, symbols] = JSON.parse(process.argv[1]);
    console.log(JSON.stringify(faultsOf(target, symbols)));`;
  const input = JSON.stringify([targets[kind], { ...good[kind], ...change }]);
  const options = { cwd: join(__dirname, '..'), encoding: 'utf8' } as const;
  const args = ['--input-type=module', '-e', source, input];
  return JSON.parse(execFileSync(process.execPath, args, options)) as string[];
}

test.each(['glibc', 'darwin', 'win32'] as const)('a good binary for %s passes', (kind) => {
  expect(faults(kind)).toEqual([]);
});

test.each([
  ['glibc', { open: ['recv@GLIBC_2.29'] }, 'recv@GLIBC_2.29 is newer than 2.28'],
  ['glibc', { open: ['_Znwm@GLIBCXX_3.4'] }, "_Znwm@GLIBCXX_3.4 is not glibc's"],
  ['glibc', { open: ['napi_of_tomorrow'] }, 'napi_of_tomorrow is not in Node-API 8'],
  ['glibc', { libraries: ['libstdc++.so.6'] }, 'needs libstdc++.so.6'],
  ['glibc', { exported: [entry, 'memcpy'] }, 'exports memcpy'],
  ['glibc', { exported: [] }, `does not export ${entry}`],
  ['darwin', { open: ['accept4'] }, 'accept4 is in no library of the system'],
  ['darwin', { isSigned: false }, 'is not signed'],
  ['win32', { libraries: ['libstdc++-6.dll'] }, 'needs libstdc++-6.dll'],
] as const)('on %s %j is refused', (kind, change, fault) => {
  expect(faults(kind, change)).toEqual([fault]);
});
