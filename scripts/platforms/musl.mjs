/**
 * What Bun for musl wants, which Debian has not got for musl: a C++ library. It gets the one made
 * for glibc, and with musl-shim.c what that misses.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { installToolchain, zig } from '../prebuild/toolchain.mjs';

const source = fileURLToPath(new URL('musl-shim.c', import.meta.url));

/** Puts both into `folder`, from where Debian has the C++ library. */
async function makeLibraries(target, from, folder, shim) {
  mkdirSync(folder, { recursive: true });
  await installToolchain();
  const made = path.join(folder, shim);
  await zig('cc', '-target', target, '-shared', '-fPIC', '-O1', source, '-o', made);
  for (const name of ['libstdc++.so.6', 'libgcc_s.so.1']) {
    copyFileSync(path.join(from, name), path.join(folder, name));
  }
}

/** For this machine; `folder` becomes its library path. The shim has the name of what is wanted. */
export function makeMusl(folder) {
  return makeLibraries(
    'x86_64-linux-musl',
    '/usr/lib/x86_64-linux-gnu',
    folder,
    'ld-linux-x86-64.so.2',
  );
}

/** Unpacks a package for another processor; the machine's own apt stays as it is. */
function unpack(name, architecture, folder) {
  const state = path.join(folder, 'apt');
  mkdirSync(path.join(state, 'lists/partial'), { recursive: true });
  mkdirSync(path.join(state, 'archives/partial'), { recursive: true });
  const settings = {
    'APT::Architecture': architecture,
    'APT::Architectures::': architecture,
    'Acquire::Languages': 'none',
    'APT::Sandbox::User': '',
    'Dir::State::Lists': path.join(state, 'lists'),
    'Dir::State::status': '/dev/null',
    'Dir::Cache': state,
  };
  const options = Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  const apt = (...args) => execFileSync('apt-get', [...options, ...args], { cwd: state });
  apt('update');
  apt('download', name);
  const [archive] = readdirSync(state).filter((file) => file.startsWith(`${name}_`));
  execFileSync('dpkg-deb', ['-x', path.join(state, archive), folder]);
}

/** For arm64: `folder` becomes the root that the emulator looks into first. */
export async function makeMuslForArm64(folder) {
  const libraries = path.join(folder, 'lib/aarch64-linux-musl');
  if (!existsSync(libraries)) unpack('musl', 'arm64', folder);
  await makeLibraries('aarch64-linux-musl', '/usr/aarch64-linux-gnu/lib', libraries, 'shim.so');
}
