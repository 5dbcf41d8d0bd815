/** The package as a program sees it: what it exports, in both module systems, and its types. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as library from '../lib/index';
import { ServerSocket, SocketAddress, StreamSocket, type SocketBufVec } from '../lib/index';
import * as raw from '../lib/raw';

const root = join(__dirname, '..');

function names(load: string): string[] {
  const source = `const library = ${load};
    console.log(JSON.stringify(Object.keys(library).filter((name) =>
      !['default', 'module.exports', '__esModule'].includes(name)).sort()))`;
  const args = ['--input-type=module', '-e', source];
  return JSON.parse(
    execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' }),
  ) as string[];
}

test.each([
  ['bsd-sockets', library],
  ['bsd-sockets/raw', raw],
])('%s exports the same names to import and require', (name, module) => {
  const required = names(`(await import('node:module')).createRequire(
    ${JSON.stringify(join(root, 'package.json'))})('${name}')`);
  expect(names(`await import('${name}')`)).toEqual(required);
  expect(required).toEqual(
    Object.keys(module)
      .filter((key) => key !== '__esModule')
      .sort(),
  );
});

test('every class that is exported has its file of member tests', () => {
  const classes = Object.entries(library).filter(
    ([name, value]) =>
      typeof value === 'function' && /^[A-Z]/.test(name) && !name.endsWith('Error'),
  );
  // What a handle shares is tested through the handles.
  const asked = classes.map(([name]) => name).filter((name) => name !== 'SocketImpl');
  const fileOf = (name: string): string =>
    name.replace(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '-').toLowerCase();
  const missing = asked.filter(
    (name) => !existsSync(join(__dirname, 'members', `${fileOf(name)}.test.ts`)),
  );
  expect(missing).toEqual([]);
});

/** tsc fails where a line that is marked as an error compiles; nothing of this runs. */
export function misuseDoesNotCompile(socket: StreamSocket, server: ServerSocket): void {
  // @ts-expect-error a string is not memory to receive into
  socket.receiveBytes('text');
  // @ts-expect-error a FIFO has no flags to receive with
  socket.receiveBytes(new library.FIFOBuffer(1), 0, 1, 2);
  // @ts-expect-error the count is a number, not the data
  const data: Buffer = socket.receiveBytes(Buffer.alloc(1));
  // @ts-expect-error accept may give null
  const connection: StreamSocket = server.acceptConnection();
  // @ts-expect-error a linger is on or off, for so many seconds
  socket.setLinger(5);
  // @ts-expect-error an option of this kind is a boolean
  socket.setOption(1, 2, 3, 'bool');
  // @ts-expect-error a vector has no offset
  socket.sendBytes([Buffer.alloc(1)] as SocketBufVec, 0, 1);
  // @ts-expect-error there is no such family
  socket.init('ipx');
  // @ts-expect-error an address does not change
  new SocketAddress(80).sockaddr = Buffer.alloc(0);
  // @ts-expect-error a raw call takes buffer, offset and length
  raw.recv(0, Buffer.alloc(1), 0);
  expect([data, connection]).toBeDefined();
}
