/** Values of every kind, and what stands for values that only a run has. */
import net from 'node:net';
import fc from 'fast-check';

/** Made anew for each use: calls may fill, detach or close it. */
const made = (make) => fc.constant({ make });

export const numbers = fc.oneof(
  fc.constantFrom(0, 1, 2, 3, 8, 16, 64, -1, -0, 1.5, NaN),
  fc.integer({ min: -64, max: 64 }),
);
export const largeNumbers = fc.oneof(
  numbers,
  fc.integer(),
  fc.double(),
  fc.constantFrom(
    2 ** 31 - 1,
    2 ** 31,
    -(2 ** 31),
    2 ** 32 - 1,
    2 ** 32,
    2 ** 53,
    1e300,
    Infinity,
    -Infinity,
  ),
);

export const buffers = fc.oneof(
  made(() => Buffer.alloc(64, 1)),
  made(() => Buffer.alloc(0)),
  made(() => new Uint8Array(new ArrayBuffer(96), 32, 16)),
  made(() => new Float64Array(4)),
  made(() => new DataView(new ArrayBuffer(24), 8)),
  made(() => new ArrayBuffer(32)),
  made(() => new SharedArrayBuffer(32)),
  made(() => new Uint8Array(new SharedArrayBuffer(32))),
  made(() => {
    const memory = new Uint8Array(16);
    structuredClone(memory.buffer, { transfer: [memory.buffer] });
    return memory;
  }),
  made(() => new Int32Array(12)),
  fc.integer({ min: 0, max: 140 }).map((length) => ({ make: () => Buffer.alloc(length, length) })),
);

export const ints = fc.oneof(
  fc
    .integer({ min: 0, max: 12 })
    .map((length) => ({ make: () => new Int32Array(length).fill(16) })),
  fc.constantFrom(0, 1, 16, 64, 128).map((value) => ({ make: () => Int32Array.of(value) })),
);

export const strings = fc.oneof(
  fc.constantFrom(
    '',
    'lo',
    '127.0.0.1',
    '::1',
    'fe80::1%lo',
    '/nowhere/name',
    '\0name',
    'a\0b',
    '0',
    '80',
  ),
  // A path that can be bound would leave a file.
  fc.string({ maxLength: 120 }).filter((text) => !text.startsWith('/')),
);

/** What never is what is asked for. */
export const oddities = fc.oneof(
  fc.constantFrom(undefined, null, true, false, '', 'x', 0n, 2n ** 70n, Symbol('odd')),
  made(() => ({})),
  made(() => []),
  made(() => () => undefined),
  made(() => new Proxy({}, {})),
  made(() => new Proxy([], { get: (target, key) => (key === 'length' ? 3 : target[key]) })),
  made(() => ({ valueOf: () => 1, toString: () => '1' })),
  made(() => Object.create(null)),
  made(() => new net.Socket()),
  made(() => new Date(0)),
  made(() => Object.assign([Buffer.alloc(4)], { 2: Buffer.alloc(4) })),
  fc.anything({ maxDepth: 2, withBigInt: true, withTypedArray: true, withSparseArray: true }),
);

export const vectors = fc
  .array(buffers, { maxLength: 20 })
  .map((parts) => ({ make: () => parts.map((part) => part.make()) }));

/** The value itself. */
export function resolve(value) {
  return typeof value === 'object' && value !== null && typeof value.make === 'function'
    ? value.make()
    : value;
}
