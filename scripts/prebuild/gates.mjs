/** What a binary may need, so that it loads wherever its target says it does. */
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { library } from './toolchain.mjs';

const require = createRequire(import.meta.url);
const { js_native_api_symbols, node_api_symbols } = require('node-api-headers').symbols.v8;
const nodeApi = new Set([...js_native_api_symbols, ...node_api_symbols]);

const entry = 'napi_register_module_v1';
const exportable = new Set([entry, 'node_api_module_get_api_version_v1']);

/** What official builds of Node 18 need themselves. */
const newestGlibc = [2, 28];

/** The system's own. No C++ library is among them: each has its own age. */
const libraries = {
  glibc: ['libc.so.6', 'libdl.so.2', 'libm.so.6', 'libpthread.so.0', 'ld-linux-armhf.so.3'],
  musl: ['libc.so'],
  darwin: ['/usr/lib/libSystem.B.dylib'],
  win32: ['iphlpapi.dll', 'kernel32.dll', 'msvcrt.dll', 'ws2_32.dll'],
};

/** The compiler's start files ask for it, and do without it. */
const optional = '__gmon_start__';

/** Whether Node itself has this name: Node-API's functions, and libuv's. */
export const isOfNode = (name) => /^(napi|node_api|uv)_/.test(name);

function faultOfNodeName(name) {
  return name.startsWith('uv_') || nodeApi.has(name) ? [] : [`${name} is not in Node-API 8`];
}

function isNewer(version, [major, minor]) {
  const [thisMajor, thisMinor] = version.split('.').map(Number);
  return thisMajor > major || (thisMajor === major && thisMinor > minor);
}

/** With glibc every name that is not Node's has the version it came with. */
function faultOfGlibcName(name) {
  const [, version] = /@GLIBC_([\d.]+)$/.exec(name) ?? [];
  if (version === undefined) return name === optional ? [] : [`${name} is not glibc's`];
  return isNewer(version, newestGlibc) ? [`${name} is newer than ${newestGlibc.join('.')}`] : [];
}

let muslNames;
function faultOfMuslName(name) {
  const list = join(library, 'libc/musl/libc.S');
  muslNames ??= new Set(readFileSync(list, 'utf8').match(/(?<=^(\.globl|\.weak|WEAK64) )\S+/gm));
  return muslNames.has(name) || name === optional ? [] : [`${name} is not musl's`];
}

const faultOfOther = {
  glibc: faultOfGlibcName,
  musl: faultOfMuslName,
  darwin: (name) => [`${name} is in no library of the system`],
  win32: (name) => [`${name} is not Node's`],
};

/** What `symbols` of a binary say against it, one line each; nothing if it is fit to be shipped. */
export function faultsOf(target, symbols) {
  const kind = target.system === 'linux' ? target.name.split('-').at(-1) : target.system;
  const strangers = symbols.libraries.filter(
    (name) => !libraries[kind].includes(kind === 'win32' ? name.toLowerCase() : name),
  );
  const shown = symbols.exported.filter((name) => !exportable.has(name));
  return [
    ...strangers.map((name) => `needs ${name}`),
    ...symbols.open.flatMap((name) =>
      isOfNode(name) ? faultOfNodeName(name) : faultOfOther[kind](name),
    ),
    ...shown.map((name) => `exports ${name}`),
    ...(symbols.exported.includes(entry) ? [] : [`does not export ${entry}`]),
    // Apple's own processors run nothing that is not signed, if only by itself.
    ...(symbols.isSigned === false && target.name.endsWith('arm64') ? ['is not signed'] : []),
  ];
}
