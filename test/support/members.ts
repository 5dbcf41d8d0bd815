/** Tests by public member of a class: each has one, and a test fails when a member has none. */
import * as library from '../../lib/index';

type ClassName = {
  [Name in keyof typeof library]: (typeof library)[Name] extends { prototype: object }
    ? Name
    : never;
}[keyof typeof library];

const notAsked = new Set(['#constructor', '.prototype', '.length', '.name']);

/**
 * One test for each entry. A key names the members that it is about: '#member' of the instance,
 * '.member' of the class. `internal` members are for the library's own classes.
 */
export function testMembers(
  name: ClassName,
  tests: Record<string, () => unknown>,
  internal: readonly string[] = [],
): void {
  describe(name, () => {
    test.each(Object.entries(tests))('%s', async (_, member) => {
      await member();
    });

    test('every public member has a test', () => {
      const constructor: { prototype: object } = library[name];
      const members = [
        ...Object.getOwnPropertyNames(constructor.prototype).map((key) => `#${key}`),
        ...Object.getOwnPropertySymbols(constructor.prototype)
          .map((key) => `#${String(key.description).replace(/^Symbol\./, '')}`)
          .filter((key) => key === '#asyncIterator'),
        ...Object.getOwnPropertyNames(constructor).map((key) => `.${key}`),
      ];
      const tested = new Set(Object.keys(tests).flatMap((key) => key.split(' ')));
      const asked = members.filter((key) => !notAsked.has(key) && !internal.includes(key));
      expect(asked.filter((key) => !tested.has(key))).toEqual([]);
      expect([...tested].filter((key) => !members.includes(key))).toEqual([]);
    });
  });
}

/** A listening socket and both ends of a connection, new for each test and closed after it. */
export interface Connection {
  server: library.ServerSocket;
  client: library.StreamSocket;
  accepted: library.StreamSocket;
}

export function eachWithConnection(): Connection {
  const connection = {} as Connection;
  beforeEach(() => {
    const server = new library.ServerSocket('127.0.0.1:0');
    const client = new library.StreamSocket(server.address());
    const accepted = server.acceptConnection() as library.StreamSocket;
    Object.assign(connection, { server, client, accepted });
  });
  afterEach(() => {
    for (const socket of [connection.server, connection.client, connection.accepted]) {
      socket.close();
    }
  });
  return connection;
}

/** A boolean option differs before it is set, and is read back. */
export function flips(get: () => boolean, set: (on: boolean) => void): void {
  const before = get();
  set(!before);
  expect(get()).toBe(!before);
  set(before);
  expect(get()).toBe(before);
}
