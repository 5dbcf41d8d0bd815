/**
 * Every error of the library is made here: {@link SocketError} for what the kernel said, and Node's
 * own `TypeError` and `RangeError` codes for misuse, which is found before any call is made.
 */
import { inspect } from 'node:util';
import { constants } from './constants';
import { Invalid, native } from './native';

/** Where a call was going to, as far as it is known. */
export interface Endpoint {
  address?: string;
  port?: number;
  path?: string;
}

let codes: Map<number, string> | undefined;

/** The `E*` name of an errno; the names are collected when the first error is made. */
function codeOf(errno: number): string {
  codes ??= errnoNames();
  return codes.get(errno) ?? `E${String(errno)}`;
}

function errnoNames(): Map<number, string> {
  const names = new Map<number, string>();
  for (const [name, value] of Object.entries(native.constants)) {
    // Of two names for one number the manual pages of sockets use the one that stands first here.
    const isAlias = name === 'EWOULDBLOCK' || name === 'ENOTSUP' || name === 'EDEADLOCK';
    if (/^E(?!POLL)[A-Z0-9]+$/.test(name) && !isAlias) names.set(value, name);
  }
  return names;
}

/** The error of a system call, in Node's own form. */
export class SocketError extends Error {
  override name = 'SocketError';
  /** The `E*` (or `EAI_*`) name. */
  readonly code: string;
  /** The negated errno. */
  readonly errno: number;
  /** The system call, by its name in the manual. */
  readonly syscall: string;
  declare readonly address?: string;
  declare readonly port?: number;
  declare readonly path?: string;
  /** Of a send that failed: how many bytes had gone before. */
  declare readonly bytesSent?: number;

  constructor(errno: number, syscall: string, endpoint: Endpoint = {}, code?: string, hint = '') {
    const name = code ?? codeOf(-errno);
    const target =
      endpoint.port === undefined
        ? (endpoint.path ?? endpoint.address)
        : `${String(endpoint.address)}:${String(endpoint.port)}`;
    super(`${syscall} ${name}${target === undefined ? '' : ` ${target}`}${hint && `: ${hint}`}`);
    this.code = name;
    this.errno = errno;
    this.syscall = syscall;
    Object.assign(this, endpoint);
  }
}

/** A timeout passed (`ETIMEDOUT`): one that the kernel kept, or one that the library kept. */
export class TimeoutError extends SocketError {
  override name = 'TimeoutError';
}

/** `ECONNREFUSED`. */
export class ConnectionRefusedError extends SocketError {
  override name = 'ConnectionRefusedError';
}

/** `ECONNRESET`. The kernel tells it once; the next receive returns 0. */
export class ConnectionResetError extends SocketError {
  override name = 'ConnectionResetError';
}

/** `ECONNABORTED`. */
export class ConnectionAbortedError extends SocketError {
  override name = 'ConnectionAbortedError';
}

/** `EADDRINUSE`. */
export class AddressInUseError extends SocketError {
  override name = 'AddressInUseError';
}

/** `EBADF`: the socket is closed or was never opened. No call was made. */
export class InvalidSocketError extends SocketError {
  override name = 'InvalidSocketError';

  constructor(syscall: string) {
    super(-constants.EBADF, syscall, {}, 'EBADF', 'the socket is closed or was never opened');
  }
}

/** The resolver found no such host or service: `ENOTFOUND`, or an `EAI_*` code. */
export class HostNotFoundError extends SocketError {
  override name = 'HostNotFoundError';

  constructor(
    readonly hostname: string,
    code: string,
    errno: number,
    hint?: string,
  ) {
    super(errno, 'getaddrinfo', { address: hostname }, code, hint);
  }
}

const classes = new Map([
  [constants.ETIMEDOUT, TimeoutError],
  [constants.ECONNREFUSED, ConnectionRefusedError],
  [constants.ECONNRESET, ConnectionResetError],
  [constants.ECONNABORTED, ConnectionAbortedError],
  [constants.EADDRINUSE, AddressInUseError],
]);

/** The error for a negated errno, of the class that a caller would ask for. */
export function socketError(errno: number, syscall: string, endpoint?: Endpoint): SocketError {
  return new (classes.get(-errno) ?? SocketError)(errno, syscall, endpoint);
}

/** A timeout that passed in `syscall`. */
export function timeoutError(syscall: string, endpoint?: Endpoint): SocketError {
  return socketError(-constants.ETIMEDOUT, syscall, endpoint);
}

/** A wait that its signal has ended; in Node's own form. */
export function abortError(signal: AbortSignal): Error {
  const error = new Error('The operation was aborted', { cause: signal.reason });
  return Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' });
}

/** Tells how much of a send had gone before it failed. */
export function withBytesSent<T extends Error>(error: T, bytesSent: number): T {
  return Object.assign(error, { bytesSent });
}

function withCode<T extends Error>(error: T, code: string): T & { code: string } {
  return Object.assign(error, { code });
}

function show(value: unknown): string {
  return inspect(value, { depth: -1, maxStringLength: 64, breakLength: Infinity });
}

/** An argument of a wrong type. */
export function invalidArgType(name: string, expected: string, received: unknown): TypeError {
  const type = received === null || received === undefined ? '' : `type ${typeof received} `;
  const shown = type === '' ? String(received) : `(${show(received)})`;
  return withCode(
    new TypeError(`The "${name}" argument must be ${expected}. Received ${type}${shown}`),
    'ERR_INVALID_ARG_TYPE',
  );
}

/** An argument of the right type with a value that cannot be. */
export function outOfRange(name: string, range: string, received: unknown): RangeError {
  return withCode(
    new RangeError(
      `The value of "${name}" is out of range. It must be ${range}. Received ${show(received)}`,
    ),
    'ERR_OUT_OF_RANGE',
  );
}

/** A text that does not say what it should. */
export function invalidArgValue(name: string, reason: string, received: unknown): TypeError {
  return withCode(
    new TypeError(`The argument "${name}" ${reason}. Received ${show(received)}`),
    'ERR_INVALID_ARG_VALUE',
  );
}

/** `value`, if it is a boolean. */
export function boolean(name: string, value: boolean): boolean {
  if (typeof value === 'boolean') return value;
  throw invalidArgType(name, 'a boolean', value);
}

native.onInvalidArgument((syscall, name, kind, expected, received) => {
  if (kind === Invalid.Descriptor) throw new InvalidSocketError(syscall);
  throw kind === Invalid.Range
    ? outOfRange(name, expected, received)
    : invalidArgType(name, expected, received);
});
