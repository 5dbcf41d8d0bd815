/** The import rule and the places of things, executable. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = join(__dirname, '..');

/** Every module of lib/, lowest first. A module imports only from lower layers. */
const layers = [
  ['native'],
  ['constants'],
  ['errors'],
  ['waiting', 'buffers', 'address'],
  ['fifo-buffer', 'growable-buffer', 'options', 'descriptor'],
  ['event-set', 'interrupted', 'readiness'],
  ['raw', 'socket-impl'],
  ['socket-options'],
  ['socket'],
  ['control', 'datagram-batch', 'poll-set'],
  ['transfer'],
  ['async-transfer'],
  ['socket-stream'],
  ['stream-socket', 'datagram-socket'],
  ['server-socket', 'dialog-socket', 'node-net'],
  ['sockets'],
  ['index'],
];

const modules = readdirSync(join(root, 'lib'))
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  .map((file) => file.slice(0, -3));

function layerOf(module: string): number {
  return layers.findIndex((layer) => layer.includes(module));
}

function importsOf(module: string): string[] {
  const source = readFileSync(join(root, 'lib', `${module}.ts`), 'utf8');
  return [...source.matchAll(/(?:from|import|require\() ?'([^']+)'/g)].map(
    (match) => match[1] ?? '',
  );
}

function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesUnder(path) : [path];
  });
}

const nativeSources = filesUnder('native').filter((file) => /\.(cc|h)$/.test(file));

test('every module of lib/ has its layer', () => {
  expect([...modules].sort()).toEqual(layers.flat().sort());
});

test.each(modules)('%s imports from lower layers only', (module) => {
  const local = importsOf(module).filter((name) => name.startsWith('./'));
  const wrong = local.filter((name) => layerOf(name.slice(2)) >= layerOf(module));
  expect(wrong).toEqual([]);
});

test('only native.ts loads the addon', () => {
  const loaders = modules.filter((module) => importsOf(module).includes('node-gyp-build'));
  expect(loaders).toEqual(['native']);
});

test('only the platform files have preprocessor conditions', () => {
  const conditional = nativeSources.filter((file) =>
    /^\s*#\s*(if|ifdef|ifndef|elif)\b/m.test(readFileSync(join(root, file), 'utf8')),
  );
  expect(conditional.filter((file) => !file.startsWith('native/platform/'))).toEqual([]);
});

test('both builds list every native source', () => {
  const sources = nativeSources.filter((file) => file.endsWith('.cc')).sort();
  const gyp = readFileSync(join(root, 'binding.gyp'), 'utf8').match(/native\/[\w/]+\.cc/g) ?? [];
  const cmakeText = readFileSync(join(root, 'native/CMakeLists.txt'), 'utf8');
  const cmake = (cmakeText.match(/^\s+[\w/]+\.cc$/gm) ?? []).map((file) =>
    relative(root, join(root, 'native', file.trim())),
  );
  // What POSIX systems share stands in several lists.
  expect([...new Set(gyp)].sort()).toEqual(sources);
  expect([...cmake].sort()).toEqual([...gyp].sort());
});
