/** Socket addresses: immutable, made from every form that a user writes them in. */
import { lookup } from 'node:dns/promises';
import { constants } from './constants';
import {
  HostNotFoundError,
  invalidArgType,
  invalidArgValue,
  outOfRange,
  type Endpoint,
} from './errors';
import { native, type Bytes, type DecodedAddress } from './native';

/** The families whose addresses have parts; {@link SocketAddress.af} gives the `AF_` number. */
export type Family = 'ipv4' | 'ipv6' | 'unix' | 'vsock';

/** A path, a host and port, a context and port of AF_VSOCK, or what Node and this library give as addresses. */
export type AddressObject =
  | { readonly path: string | Bytes }
  | { readonly cid: number; readonly port: number }
  | {
      readonly host: string;
      readonly port: number | string;
      readonly family?: unknown;
      readonly flowlabel?: number;
    }
  | {
      readonly address: string;
      readonly port: number | string;
      readonly family?: unknown;
      readonly flowlabel?: number;
    };

/**
 * Every form of an address: a {@link SocketAddress}, a port (of 0.0.0.0), `'host:port'`,
 * `'[ipv6%scope]:port'`, `'/path'`, `'\0abstract'`, `'vsock:cid:port'`, Node's `net.SocketAddress`, or an object.
 */
export type SocketAddressLike = SocketAddress | number | string | AddressObject;

/** Which addresses are asked for, and what ends the asking. */
export interface ResolveOptions {
  /** Only addresses of this family. */
  family?: 'ipv4' | 'ipv6';
  /** Ends the waiting with the signal's reason. */
  signal?: AbortSignal;
}

const families = new Map<number, Family>([
  [constants.AF_INET, 'ipv4'],
  [constants.AF_INET6, 'ipv6'],
  [constants.AF_UNIX, 'unix'],
  ...(constants.AF_VSOCK === undefined ? [] : [[constants.AF_VSOCK, 'vsock'] as const]),
]);
const familyNames: readonly Family[] = ['ipv4', 'ipv6', 'unix', 'vsock'];
const wildcards = { ipv4: '0.0.0.0', ipv6: '::' } as const;
/** VMADDR_CID_ANY and VMADDR_PORT_ANY. */
const ANY_VSOCK = 0xffffffff;

/** The `AF_` number of a family's name, or of that number itself. */
export function familyNumber(family: Family | number): number {
  for (const [number, name] of families) {
    if (family === name || family === number) return number;
  }
  throw typeof family === 'number' || typeof family === 'string'
    ? outOfRange('family', "'ipv4', 'ipv6', 'unix' or 'vsock', or its AF_ number", family)
    : invalidArgType('family', 'a string or a number', family);
}

/** How many bytes a path may have: sun_path less the NUL behind it. */
const LONGEST_PATH = 107;

function fromPath(path: string | Bytes): Buffer {
  const bytes = native.encodeAddress(constants.AF_UNIX, path);
  if (typeof bytes !== 'number') return bytes;
  throw bytes === -constants.ENAMETOOLONG
    ? outOfRange('path', `at most ${String(LONGEST_PATH)} bytes`, path)
    : invalidArgValue('path', 'must not contain NUL, but in front of an abstract name', path);
}

/** The port's number: 0 to 65535, or the name of a service. */
function portNumber(port: number | string): number {
  if (typeof port === 'number') {
    if (Number.isInteger(port) && port >= 0 && port <= 0xffff) return port;
    throw outOfRange('port', 'an integer from 0 to 65535', port);
  }
  if (typeof port !== 'string') throw invalidArgType('port', 'a number or a string', port);
  if (/^\d+$/.test(port)) {
    if (port.length <= 5 && Number(port) <= 0xffff) return Number(port);
    throw outOfRange('port', 'an integer from 0 to 65535', port);
  }
  if (!/^[\w.+/-]*[A-Za-z][\w.+/-]*$/.test(port) || /^[+-]/.test(port)) {
    throw invalidArgValue('port', 'must be a number from 0 to 65535 or a service name', port);
  }
  const found = native.getaddrinfo(null, port, constants.AF_INET, 0, 0, 0);
  if (typeof found === 'number') throw notFound(port, found);
  return (found[0] && native.decodeAddress(found[0].address).port) ?? 0;
}

function notFound(name: string, code: number): HostNotFoundError {
  const [eai] =
    Object.entries(native.constants).find(([key, value]) => {
      return key.startsWith('EAI_') && value === code;
    }) ?? [];
  const isMissing = eai === 'EAI_NONAME' || eai === 'EAI_NODATA';
  return new HostNotFoundError(
    name,
    isMissing ? 'ENOTFOUND' : (eai ?? 'EAI_FAIL'),
    code,
    native.gai_strerror(code),
  );
}

/** The sockaddr of a host written in numbers, or undefined for a name. */
function fromNumeric(
  host: string,
  port: number,
  family?: number,
  flowInfo?: number,
): Buffer | undefined {
  if (host === '' || /[\s\0]/.test(host)) {
    throw invalidArgValue('host', 'must be a host name or an address', host);
  }
  for (const candidate of [constants.AF_INET, constants.AF_INET6]) {
    if (family !== undefined && family !== candidate) continue;
    const bytes = native.encodeAddress(candidate, host, port, flowInfo);
    if (typeof bytes !== 'number') return bytes;
    if (bytes === -constants.ENODEV) {
      throw invalidArgValue('host', 'names an interface that does not exist', host);
    }
  }
  return undefined;
}

function fromHost(host: string, port: number | string, family?: number, flowInfo?: number): Buffer {
  if (typeof host !== 'string') throw invalidArgType('host', 'a string', host);
  const number = portNumber(port);
  const numeric = fromNumeric(host, number, family, flowInfo);
  if (numeric !== undefined) return numeric;
  const found = native.getaddrinfo(
    host,
    String(number),
    family ?? constants.AF_UNSPEC,
    constants.SOCK_STREAM,
    0,
    0,
  );
  if (typeof found === 'number') throw notFound(host, found);
  if (!found[0]) throw notFound(host, constants.EAI_NONAME);
  return found[0].address;
}

/** Splits `'host:port'` and `'[host]:port'`. */
function splitHostPort(text: string): [host: string, port: string] {
  const match = /^\[([^\]]*)\]:([^:]*)$/.exec(text) ?? /^([^:[\]]*):([^:]*)$/.exec(text);
  if (match?.[1] !== undefined && match[2] !== undefined) return [match[1], match[2]];
  throw invalidArgValue(
    'address',
    "must be 'host:port', '[IPv6 address]:port', '/path' or '\\0abstract name'",
    text,
  );
}

function fromVsock(cid: number, port: number): Buffer {
  for (const [name, value] of Object.entries({ cid, port })) {
    if (typeof value !== 'number') throw invalidArgType(name, 'a number', value);
    if (!Number.isInteger(value) || value < 0 || value > ANY_VSOCK) {
      throw outOfRange(name, 'an integer of 32 bits', value);
    }
  }
  return native.encodeVsock(cid, port);
}

function fromText(text: string, family?: number): Buffer {
  const vsock = /^vsock:(\d{1,10}):(\d{1,10})$/.exec(text);
  if (vsock) return fromVsock(Number(vsock[1]), Number(vsock[2]));
  const isPath = text.startsWith('/') || text.startsWith('\0');
  if (isPath ? family === undefined || family === constants.AF_UNIX : family === constants.AF_UNIX)
    return fromPath(text);
  return fromHost(...splitHostPort(text), family);
}

function isFamily(value: unknown): value is Family {
  return familyNames.includes(value as Family);
}

function fromObject(object: AddressObject, family?: number): Buffer {
  if ('path' in object) return fromPath(object.path);
  if ('cid' in object) return fromVsock(object.cid, object.port);
  const host = 'host' in object ? object.host : object.address;
  const asked = family ?? (isFamily(object.family) ? familyNumber(object.family) : undefined);
  return fromHost(host, object.port, asked, object.flowlabel);
}

/** A copy of a sockaddr. */
function fromBytes(bytes: Bytes, length: number): Buffer {
  if (typeof bytes !== 'object' || (bytes as unknown) === null) {
    throw invalidArgType('bytes', 'an ArrayBufferView or ArrayBuffer', bytes);
  }
  if (!Number.isInteger(length) || length < 0 || length > bytes.byteLength) {
    throw outOfRange('length', 'from 0 to the length of the bytes', length);
  }
  const [memory, offset] = ArrayBuffer.isView(bytes)
    ? [bytes.buffer, bytes.byteOffset]
    : [bytes, 0];
  const sockaddr = Buffer.from(Buffer.from(memory, offset, length));
  const { family, octets, cid } = decode(sockaddr);
  if (family === constants.AF_UNSPEC || (octets ?? cid) === undefined) {
    throw outOfRange('address', 'a whole sockaddr of a family', bytes);
  }
  return sockaddr;
}

/** One address in any form but several arguments, with the family that was asked for. */
function fromValue(value: unknown, family?: number): Buffer {
  if (value instanceof SocketAddress) return value.sockaddr;
  if (ArrayBuffer.isView(value)) return fromBytes(value, value.byteLength);
  if (typeof value === 'number') {
    const name = families.get(family ?? constants.AF_INET) ?? 'ipv4';
    if (name === 'unix') throw invalidArgType('path', 'a string', value);
    if (name === 'vsock') return fromVsock(ANY_VSOCK, value);
    return fromHost(wildcards[name], value, family);
  }
  if (typeof value === 'string') return fromText(value, family);
  const isObject = typeof value === 'object' && value !== null;
  if (isObject && ['path', 'host', 'address', 'cid'].some((key) => key in value)) {
    return fromObject(value as AddressObject, family);
  }
  throw invalidArgType(
    'address',
    'a SocketAddress, a port, a string, or an object with host and port or with path',
    value,
  );
}

/** The address that means any, or none in particular. */
function wildcard(family: Family): Buffer {
  if (family === 'unix') return fromPath('');
  return family === 'vsock' ? fromVsock(ANY_VSOCK, ANY_VSOCK) : fromHost(wildcards[family], 0);
}

/** An IP address as text, from its 4 or 16 bytes. */
export function hostText(octets: Buffer): string {
  if (octets.length === 4) return octets.join('.');
  if (octets.length !== 16) throw outOfRange('length', '4 or 16 bytes, an address', octets.length);
  const groups = octets.toString('hex').match(/.{4}/g) ?? [];
  return new SocketAddress(groups.join(':'), 0).host();
}

/** Where a sockaddr's own bytes begin, behind its family. */
const DATA = 2;

/** What a sockaddr says; of a family that has no name here, its bytes. */
function decode(sockaddr: Buffer): DecodedAddress & { cid?: number } {
  const decoded = native.decodeAddress(sockaddr);
  if (decoded.family === constants.AF_VSOCK) return { ...decoded, ...native.decodeVsock(sockaddr) };
  if (families.has(decoded.family) || sockaddr.length < DATA) return decoded;
  return { ...decoded, octets: sockaddr.subarray(DATA) };
}

/** The order of families: ours, then the others by their numbers. */
function rank(af: number): number {
  const known = [...families.keys()].indexOf(af);
  return known < 0 ? families.size + af : known;
}

/**
 * An address of a socket. Immutable. IPv4, IPv6, Unix and AF_VSOCK addresses are made from text and
 * objects; one of another family, such as AF_NETLINK or AF_PACKET, from its sockaddr's bytes, and
 * {@link octets} has what its manual page describes.
 */
export class SocketAddress {
  /** @internal The sockaddr itself; nobody writes to it. */
  readonly sockaddr: Buffer;
  #decoded: (DecodedAddress & { cid?: number }) | undefined;

  /** 0.0.0.0:0 */
  constructor();
  /**
   * One of the forms of {@link SocketAddressLike}, or a family for its wildcard address. A host
   * name is resolved by getaddrinfo(3), which blocks; the first result counts.
   */
  constructor(address: SocketAddressLike | Family);
  /** A copy of a `sockaddr`. */
  constructor(sockaddr: NodeJS.ArrayBufferView);
  /** A host or a family, and a port: its number or the name of a service. */
  constructor(host: string, port: number | string);
  /** A family by its name or `AF_` number, and an address that must be of it. */
  constructor(family: Family | number, address: SocketAddressLike);
  constructor(family: Family | number, host: string, port: number | string);
  constructor(...args: readonly unknown[]) {
    const [first, second, third] = args;
    if (args.length === 0) {
      this.sockaddr = fromHost(wildcards.ipv4, 0);
    } else if (args.length === 1 && isFamily(first)) {
      this.sockaddr = wildcard(first);
    } else if (args.length === 1) {
      this.sockaddr = fromValue(first);
    } else if (args.length === 2 && (isFamily(first) || typeof first === 'number')) {
      this.sockaddr = this.#ofFamily(familyNumber(first), fromValue(second, familyNumber(first)));
    } else if (args.length === 2) {
      this.sockaddr = fromHost(first as string, second as number | string);
    } else {
      const family = familyNumber(first as Family | number);
      this.sockaddr = fromHost(second as string, third as number | string, family);
    }
  }

  #ofFamily(family: number, sockaddr: Buffer): Buffer {
    const actual = native.decodeAddress(sockaddr).family;
    if (actual === family) return sockaddr;
    const asked = families.get(family) ?? family;
    throw invalidArgValue('address', `must be of the family ${asked}`, families.get(actual));
  }

  /** The address in any of its forms. */
  static from(address: SocketAddressLike): SocketAddress {
    return address instanceof SocketAddress ? address : new SocketAddress(address);
  }

  /** The address in the first `length` bytes of a `sockaddr`, as the raw calls fill it in. */
  static fromBytes(bytes: Bytes, length?: number): SocketAddress {
    return new SocketAddress(
      fromBytes(bytes, length ?? (bytes as Bytes | undefined)?.byteLength ?? 0),
    );
  }

  /**
   * All addresses of a host, in the resolver's order, without blocking the event loop.
   * {@link HostNotFoundError} if there is none.
   */
  static async resolve(
    host: string,
    port: number | string,
    { family, signal }: ResolveOptions = {},
  ): Promise<SocketAddress[]> {
    signal?.throwIfAborted();
    if (typeof host !== 'string') throw invalidArgType('host', 'a string', host);
    const number = portNumber(port);
    const af = family === undefined ? undefined : familyNumber(family);
    const numeric = fromNumeric(host, number, af);
    if (numeric !== undefined) return [new SocketAddress(numeric)];
    const ipVersion = family === undefined ? 0 : family === 'ipv4' ? 4 : 6;
    const answer = lookup(host, { all: true, verbatim: true, family: ipVersion }).catch(
      (error: unknown) => {
        const { code, errno } = error as NodeJS.ErrnoException;
        throw new HostNotFoundError(host, code ?? 'EAI_FAIL', errno ?? 0);
      },
    );
    const found = await (signal === undefined ? answer : beforeAbort(answer, signal));
    return found.map(({ address }) => new SocketAddress(address, number));
  }

  get #fields(): DecodedAddress & { cid?: number } {
    return (this.#decoded ??= decode(this.sockaddr));
  }

  /** The numeric host, IPv6 as RFC 5952 says, with its `%scope`. Unix addresses have none. */
  host(): string {
    return this.#fields.host ?? this.#hasNo('host');
  }

  /** The port, 0 to 65535. Unix addresses have none. */
  port(): number {
    return this.#fields.port ?? this.#hasNo('port');
  }

  /** The path, or the abstract name behind a NUL; empty for an unnamed Unix socket. */
  path(): string {
    if (this.family() === 'unix') return String(this.#fields.octets);
    return this.#hasNo('path');
  }

  /** The context identifier of an AF_VSOCK address: a virtual machine, or its host. */
  cid(): number {
    return this.#fields.cid ?? this.#hasNo('cid');
  }

  /**
   * The host's 4 or 16 bytes, in network order, or those of a Unix path; of another family, all
   * bytes behind the family. A copy.
   */
  octets(): Buffer {
    return Buffer.from(this.#fields.octets ?? this.#hasNo('octets'));
  }

  #hasNo(member: string): never {
    throw invalidState(`an address of the family ${this.family()} has no ${member}()`);
  }

  /** The family's name; `'other'` for one that {@link af} tells apart. */
  family(): Family | 'other' {
    return families.get(this.af()) ?? 'other';
  }

  /** The family's `AF_` number. */
  af(): number {
    return this.#fields.family;
  }

  /** A copy of the `sockaddr`, for the raw calls. */
  addr(): Buffer {
    return Buffer.from(this.sockaddr);
  }

  /** The length of the `sockaddr`, in bytes. */
  length(): number {
    return this.sockaddr.length;
  }

  /**
   * Text that makes the same address again: `host:port`, `[host]:port` or the path. Of another
   * family, its sockaddr in hexadecimal, which does not.
   */
  toString(): string {
    const { host, port } = this.#fields;
    const { cid } = this.#fields;
    if (cid !== undefined) return `vsock:${String(cid)}:${String(port)}`;
    if (this.family() === 'other') return this.sockaddr.toString('hex');
    if (host === undefined) return this.path();
    return this.family() === 'ipv6' ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
  }

  /** The parts, as `JSON.stringify` writes them. */
  toJSON():
    | { family: Family; host: string; port: number }
    | { family: Family; path: string }
    | { family: Family; cid: number; port: number }
    | { family: 'other'; af: number; sockaddr: string } {
    const family = this.family();
    if (family === 'other') return { family, af: this.af(), sockaddr: this.toString() };
    if (family === 'unix') return { family, path: this.path() };
    if (family === 'vsock') return { family, cid: this.cid(), port: this.port() };
    return { family, host: this.host(), port: this.port() };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `SocketAddress { ${JSON.stringify(this.toString())} }`;
  }

  /** Same family, host, scope and port, or same path. */
  equals(other: SocketAddressLike): boolean {
    return this.compareTo(other) === 0;
  }

  /** Negative, 0 or positive: by family (IPv4, IPv6, Unix, AF_VSOCK, others), host, port. */
  compareTo(other: SocketAddressLike): number {
    const a = this.#fields;
    const b = SocketAddress.from(other).#fields;
    return (
      rank(a.family) - rank(b.family) ||
      Buffer.compare(a.octets ?? Buffer.alloc(0), b.octets ?? Buffer.alloc(0)) ||
      (a.scopeId ?? 0) - (b.scopeId ?? 0) ||
      (a.cid ?? 0) - (b.cid ?? 0) ||
      (a.port ?? 0) - (b.port ?? 0)
    );
  }

  /** The members that an error about this address carries. */
  toEndpoint(): Endpoint {
    if (this.family() === 'unix') return { path: this.path() };
    if (this.family() === 'other') return { address: this.toString() };
    if (this.family() === 'vsock')
      return { address: `vsock:${String(this.cid())}`, port: this.port() };
    return { address: this.host(), port: this.port() };
  }
}

/** Room for an address that a call fills in, and its length, which is value and result. */
export class AddressRoom {
  /** As large as the largest sockaddr there is. */
  readonly bytes = Buffer.alloc(128);
  readonly length = Int32Array.of(this.bytes.length);

  /** What the call has filled in. */
  address(): SocketAddress {
    return SocketAddress.fromBytes(this.bytes, this.length[0]);
  }
}

function invalidState(message: string): Error {
  return Object.assign(new Error(message), { code: 'ERR_INVALID_STATE' });
}

/** `promise`, unless `signal` comes first. */
async function beforeAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
}
