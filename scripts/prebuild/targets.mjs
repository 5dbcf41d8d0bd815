/** What prebuilds/ holds: one binary for each system, at the path where node-gyp-build looks for it. */

/**
 * `zig` is the toolchain's name for the target. glibc 2.17 is the oldest that it knows headers for
 * on all three processors; macOS 11 is what the oldest Node we take needs on Apple's own.
 */
export const targets = [
  {
    name: 'linux-x64-glibc',
    system: 'linux',
    zig: 'x86_64-linux-gnu.2.17',
    file: 'linux-x64/bsd-sockets.glibc.node',
  },
  {
    name: 'linux-arm64-glibc',
    system: 'linux',
    zig: 'aarch64-linux-gnu.2.17',
    file: 'linux-arm64/bsd-sockets.glibc.node',
  },
  {
    name: 'linux-armv7-glibc',
    system: 'linux',
    zig: 'arm-linux-gnueabihf.2.17',
    flags: ['-mcpu=generic+v7a'],
    file: 'linux-arm/bsd-sockets.armv7.glibc.node',
  },
  {
    name: 'linux-x64-musl',
    system: 'linux',
    zig: 'x86_64-linux-musl',
    file: 'linux-x64/bsd-sockets.musl.node',
  },
  {
    name: 'linux-arm64-musl',
    system: 'linux',
    zig: 'aarch64-linux-musl',
    file: 'linux-arm64/bsd-sockets.musl.node',
  },
  {
    name: 'darwin-x64',
    system: 'darwin',
    zig: 'x86_64-macos.11.0',
    file: 'darwin-x64/bsd-sockets.node',
  },
  {
    name: 'darwin-arm64',
    system: 'darwin',
    zig: 'aarch64-macos.11.0',
    file: 'darwin-arm64/bsd-sockets.node',
  },
  {
    name: 'win32-x64',
    system: 'win32',
    zig: 'x86_64-windows-gnu',
    file: 'win32-x64/bsd-sockets.node',
  },
  {
    name: 'win32-arm64',
    system: 'win32',
    zig: 'aarch64-windows-gnu',
    file: 'win32-arm64/bsd-sockets.node',
  },
];

export const folder = 'prebuilds';
