/** The public members of `SocketAddress`. */
import * as net from 'node:net';
import * as library from '../../lib/index';
import { testMembers } from '../support/members';
import { outcome } from '../support/peer';

const { SocketAddress, constants } = library;
const { AF_INET, AF_INET6 } = constants;

const v4 = (): library.SocketAddress => new SocketAddress('127.0.0.1', 80);
/** A sockaddr of AF_X25, for which there is no name here. */
const otherBytes = (): Buffer => Buffer.from(Uint8Array.of(9, 0, 0x31, 0x32));
const unix = (): library.SocketAddress => new SocketAddress('/tmp/socket');

testMembers('SocketAddress', {
  '#cid': () => {
    const address = new SocketAddress({ cid: 2, port: 1024 });
    expect([address.cid(), address.port(), address.family()]).toEqual([2, 1024, 'vsock']);
    expect(new SocketAddress(address.toString()).equals(address)).toBe(true);
    expect(address.toJSON()).toEqual({ family: 'vsock', cid: 2, port: 1024 });
    expect(outcome(() => v4().cid())).toBe('ERR_INVALID_STATE');
    expect(outcome(() => new SocketAddress({ cid: -1, port: 0 }))).toBe('ERR_OUT_OF_RANGE');
    expect(outcome(() => address.host())).toBe('ERR_INVALID_STATE');
  },
  '#octets': () => {
    expect([...v4().octets()]).toEqual([127, 0, 0, 1]);
    expect(new SocketAddress('[::1]:1').octets()).toHaveLength(16);
    expect(unix().octets().toString()).toBe('/tmp/socket');
    expect(new SocketAddress(otherBytes()).octets().toString()).toBe('12');
  },
  '.from': () => {
    const address = v4();
    expect(SocketAddress.from(address)).toBe(address);
    for (const form of [
      '127.0.0.1:80',
      { host: '127.0.0.1', port: 80 },
      { address: '127.0.0.1', port: '80' },
      new net.SocketAddress({ address: '127.0.0.1', port: 80 }),
      '127.0.0.1:http',
    ]) {
      expect(SocketAddress.from(form).equals(address)).toBe(true);
    }
    expect(SocketAddress.from(80).toString()).toBe('0.0.0.0:80');
  },
  '.fromBytes': () => {
    const bytes = v4().addr();
    expect(SocketAddress.fromBytes(bytes).toString()).toBe('127.0.0.1:80');
    expect(outcome(() => SocketAddress.fromBytes(bytes, 3))).toBe('ERR_OUT_OF_RANGE');
    expect(outcome(() => SocketAddress.fromBytes(Buffer.alloc(16)))).toBe('ERR_OUT_OF_RANGE');
    const other = SocketAddress.fromBytes(otherBytes());
    expect([other.family(), other.addr()]).toEqual(['other', otherBytes()]);
    for (const member of ['host', 'port', 'path', 'cid'] as const) {
      expect(outcome(() => other[member]())).toBe('ERR_INVALID_STATE');
    }
  },
  '.resolve': async () => {
    const all = await SocketAddress.resolve('localhost', 'http', { family: 'ipv4' });
    expect(all.map(String)).toContain('127.0.0.1:80');
    const missing = SocketAddress.resolve('no.such.host.invalid', 1);
    await expect(missing).rejects.toBeInstanceOf(library.HostNotFoundError);
    const signal = AbortSignal.abort();
    await expect(SocketAddress.resolve('localhost', 1, { signal })).rejects.toHaveProperty(
      'name',
      'AbortError',
    );
  },
  '#host': () => {
    expect(v4().host()).toBe('127.0.0.1');
    expect(new SocketAddress('1:0:0:2:0:0:0:3', 1).host()).toBe('1:0:0:2::3');
    expect(outcome(() => unix().host())).toBe('ERR_INVALID_STATE');
  },
  '#port': () => {
    expect(v4().port()).toBe(80);
    expect(new SocketAddress('127.0.0.1', 'ftp').port()).toBe(21);
  },
  '#path': () => {
    expect(unix().path()).toBe('/tmp/socket');
    expect(new SocketAddress('\0name').path()).toBe('\0name');
    expect(new SocketAddress('unix').path()).toBe('');
    expect(outcome(() => v4().path())).toBe('ERR_INVALID_STATE');
  },
  '#family': () => {
    expect([v4(), new SocketAddress('[::1]:1'), unix()].map((a) => a.family())).toEqual([
      'ipv4',
      'ipv6',
      'unix',
    ]);
  },
  '#af': () => {
    expect(v4().af()).toBe(AF_INET);
    expect(new SocketAddress(AF_INET6, 1).af()).toBe(AF_INET6);
  },
  '#addr': () => {
    const address = v4();
    address.addr().fill(0);
    expect(address.toString()).toBe('127.0.0.1:80');
  },
  '#length': () => {
    expect(v4().length()).toBe(16);
    expect(new SocketAddress('\0name').length()).toBe(7);
  },
  '#toString': () => {
    for (const form of ['1.2.3.4:5', '[::1%lo]:80', '/tmp/x', '\0abstract']) {
      expect(new SocketAddress(form).toString()).toBe(form);
    }
    expect(new SocketAddress(otherBytes()).toString()).toBe('09003132');
  },
  '#toJSON': () => {
    expect(JSON.stringify(v4())).toBe('{"family":"ipv4","host":"127.0.0.1","port":80}');
    expect(JSON.stringify(unix())).toBe('{"family":"unix","path":"/tmp/socket"}');
    const json = { family: 'other', af: 9, sockaddr: '09003132' };
    expect(new SocketAddress(otherBytes()).toJSON()).toEqual(json);
  },
  '#equals': () => {
    expect(v4().equals('127.0.0.1:80')).toBe(true);
    expect(v4().equals('127.0.0.1:81')).toBe(false);
    expect(new SocketAddress('\0a').equals({ path: '\0b' })).toBe(false);
  },
  '#compareTo': () => {
    const sorted = ['1.2.3.4:5', '1.2.3.4:6', '1.2.3.5:5', '[::1]:1', '/a', '/b'];
    const mixed = [...sorted].reverse().map((text) => new SocketAddress(text));
    expect(mixed.sort((a, b) => a.compareTo(b)).map(String)).toEqual(sorted);
    expect(new SocketAddress(otherBytes()).compareTo('/b')).toBeGreaterThan(0);
  },
  '#toEndpoint': () => {
    expect(v4().toEndpoint()).toEqual({ address: '127.0.0.1', port: 80 });
    expect(new SocketAddress(otherBytes()).toEndpoint()).toEqual({ address: '09003132' });
  },
});
