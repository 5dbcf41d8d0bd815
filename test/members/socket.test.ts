/** The public members of `Socket`. */
import * as library from '../../lib/index';
import * as raw from '../../lib/raw';
import { eachWithConnection, flips, testMembers } from '../support/members';
import { outcome, text } from '../support/peer';

const { SELECT_READ, SELECT_WRITE, Socket, StreamSocket, WOULD_BLOCK, constants } = library;
const { AF_INET, SOL_SOCKET, SO_KEEPALIVE } = constants;
const ends = eachWithConnection();

testMembers(
  'Socket',
  {
    '.select': () => {
      const read: library.Socket[] = [ends.accepted];
      ends.client.sendBytes('x');
      expect(Socket.select(read, [], [], 5000)).toBe(1);
    },
    '.supportsIPv4': () => {
      expect(Socket.supportsIPv4()).toBe(true);
    },
    '.supportsIPv6': () => {
      expect(typeof Socket.supportsIPv6()).toBe('boolean');
    },
    '.makeBuffer': () => {
      expect([...Socket.makeBuffer(2)]).toEqual([0, 0]);
      const bytes = Uint16Array.of(1, 2);
      Socket.makeBuffer(bytes)[2] = 7;
      expect(bytes[1]).toBe(7);
    },
    '.makeBufVec': () => {
      expect(Socket.makeBufVec(2, 3).map((b) => b.byteLength)).toEqual([3, 3]);
      expect(Socket.makeBufVec(['ab', 'ü']).map((b) => b.byteLength)).toEqual([2, 2]);
    },
    '.destroyBufVec': () => {
      const vector = Socket.makeBufVec(2, 3);
      Socket.destroyBufVec(vector);
      expect(vector).toEqual([]);
    },
    '#assign': () => {
      const other = new StreamSocket();
      other.assign(ends.client);
      expect(other.sockfd()).toBe(ends.client.sockfd());
      expect(outcome(() => other.assign(ends.server))).toBe('ERR_INVALID_ARG_TYPE');
      expect(other.equals(ends.client)).toBe(true);
    },
    '#equals': () => {
      expect(new StreamSocket(ends.client).equals(ends.client)).toBe(true);
      expect(ends.client.equals(ends.accepted)).toBe(false);
    },
    '#compareTo': () => {
      expect(ends.server.compareTo(ends.client)).toBeLessThan(0);
      expect(new Socket(ends.client).compareTo(ends.client)).toBe(0);
    },
    '#impl': () => {
      expect(new StreamSocket(ends.client.impl()).equals(ends.client)).toBe(true);
      expect(outcome(() => new StreamSocket(ends.server.impl()))).toBe('ERR_INVALID_ARG_TYPE');
    },
    '#sockfd': () => {
      expect(ends.client.sockfd()).toBeGreaterThan(2);
      expect(new Socket().sockfd()).toBe(-1);
    },
    '#isNull': () => {
      expect([ends.client.isNull(), new Socket().isNull()]).toEqual([false, true]);
    },
    '#type': () => {
      expect(ends.client.type()).toBe(constants.SOCK_STREAM);
    },
    '#secure': () => {
      expect(ends.client.secure()).toBe(false);
    },
    '#init': () => {
      const socket = new StreamSocket();
      socket.init('ipv6');
      expect(socket.address().toString()).toBe('[::]:0');
      expect(
        outcome(() => {
          socket.init(AF_INET);
        }),
      ).toBe('EISCONN');
      socket.close();
    },
    '#close': () => {
      const handle = new Socket(ends.client);
      ends.client.close();
      ends.client.close();
      expect(handle.isNull()).toBe(true);
      expect(text(ends.accepted)).toBe(0);
    },
    '#address': () => {
      expect(ends.client.address().equals(ends.accepted.peerAddress())).toBe(true);
    },
    '#peerAddress': () => {
      expect(ends.client.peerAddress().equals(ends.server.address())).toBe(true);
      const socket = new StreamSocket('ipv4');
      expect(outcome(() => socket.peerAddress())).toBe('ENOTCONN');
      socket.close();
    },
    '#available': () => {
      ends.client.sendBytes('hello');
      expect(ends.accepted.poll(5000, SELECT_READ)).toBe(true);
      expect(ends.accepted.available()).toBe(5);
    },
    '#atUrgentMark': () => {
      ends.client.sendUrgent(1);
      expect(ends.accepted.poll(5000, library.SELECT_URGENT)).toBe(true);
      expect(ends.accepted.atUrgentMark()).toBe(true);
    },
    '#getError': () => {
      expect(ends.client.getError()).toBeNull();
    },
    '#getBlocking': () => {
      raw.ioctl(ends.client.sockfd(), constants.FIONBIO, Int32Array.of(1));
      expect(ends.client.getBlocking()).toBe(false);
    },
    '#setBlocking': () => {
      flips(
        () => ends.client.getBlocking(),
        (on) => {
          ends.client.setBlocking(on);
        },
      );
      ends.client.setBlocking(false);
      expect(text(ends.client)).toBe(WOULD_BLOCK);
      ends.server.setBlocking(false);
      expect(ends.server.acceptConnection()).toBeNull();
    },
    '#getOption': () => {
      expect(ends.client.getOption(SOL_SOCKET, constants.SO_TYPE)).toBe(constants.SOCK_STREAM);
      expect(ends.client.getOption(SOL_SOCKET, SO_KEEPALIVE, 'bool')).toBe(false);
      expect(ends.client.getOption(SOL_SOCKET, SO_KEEPALIVE, 'bytes', 4)).toHaveLength(4);
      expect(outcome(() => ends.client.getOption(SOL_SOCKET, 9999))).toBe('ENOPROTOOPT');
    },
    '#setOption': () => {
      ends.client.setOption(SOL_SOCKET, SO_KEEPALIVE, true);
      expect(ends.client.getKeepAlive()).toBe(true);
      ends.client.setOption(SOL_SOCKET, SO_KEEPALIVE, Int32Array.of(0));
      expect(ends.client.getKeepAlive()).toBe(false);
      ends.client.setOption(SOL_SOCKET, constants.SO_RCVTIMEO, 20, 'timeval');
      expect(outcome(() => text(ends.client))).toBe('ETIMEDOUT');
    },
    '#getReceiveTimeout': () => {
      expect(ends.client.getReceiveTimeout()).toBe(0);
    },
    '#setReceiveTimeout': () => {
      ends.client.setReceiveTimeout(20.5);
      expect(ends.client.getReceiveTimeout()).toBeGreaterThanOrEqual(20.5);
      expect(outcome(() => text(ends.client))).toBe('ETIMEDOUT');
      expect(
        outcome(() => {
          ends.client.setReceiveTimeout(-1);
        }),
      ).toBe('ERR_OUT_OF_RANGE');
    },
    '#getSendTimeout': () => {
      expect(ends.client.getSendTimeout()).toBe(0);
    },
    '#setSendTimeout': () => {
      ends.client.setSendTimeout(250);
      expect(ends.client.getSendTimeout()).toBeGreaterThanOrEqual(250);
    },
    '#getReceiveBufferSize': () => {
      expect(ends.client.getReceiveBufferSize()).toBeGreaterThan(0);
    },
    '#setReceiveBufferSize': () => {
      ends.client.setReceiveBufferSize(32000);
      expect(ends.client.getReceiveBufferSize()).toBe(64000);
    },
    '#getSendBufferSize': () => {
      expect(ends.client.getSendBufferSize()).toBeGreaterThan(0);
    },
    '#setSendBufferSize': () => {
      ends.client.setSendBufferSize(32000);
      expect(ends.client.getSendBufferSize()).toBe(64000);
    },
    '#getLinger': () => {
      expect(ends.client.getLinger()).toEqual({ on: false, seconds: 0 });
    },
    '#setLinger': () => {
      ends.client.setLinger(true, 20);
      expect(ends.client.getLinger()).toEqual({ on: true, seconds: 20 });
      ends.client.setLinger(false, 0);
      expect(
        outcome(() => {
          ends.client.setLinger(true, -1);
        }),
      ).toBe('ERR_OUT_OF_RANGE');
    },
    '#getNoDelay': () => {
      expect(ends.client.getNoDelay()).toBe(false);
    },
    '#setNoDelay': () => {
      flips(
        () => ends.client.getNoDelay(),
        (on) => {
          ends.client.setNoDelay(on);
        },
      );
    },
    '#getKeepAlive': () => {
      expect(ends.client.getKeepAlive()).toBe(false);
    },
    '#setKeepAlive': () => {
      flips(
        () => ends.client.getKeepAlive(),
        (on) => {
          ends.client.setKeepAlive(on);
        },
      );
    },
    '#getOOBInline': () => {
      expect(ends.client.getOOBInline()).toBe(false);
    },
    '#setOOBInline': () => {
      flips(
        () => ends.client.getOOBInline(),
        (on) => {
          ends.client.setOOBInline(on);
        },
      );
    },
    '#getReuseAddress': () => {
      expect([ends.client.getReuseAddress(), ends.server.getReuseAddress()]).toEqual([false, true]);
    },
    '#setReuseAddress': () => {
      flips(
        () => ends.client.getReuseAddress(),
        (on) => {
          ends.client.setReuseAddress(on);
        },
      );
    },
    '#getReusePort': () => {
      expect(ends.server.getReusePort()).toBe(false);
    },
    '#setReusePort': () => {
      flips(
        () => ends.client.getReusePort(),
        (on) => {
          ends.client.setReusePort(on);
        },
      );
    },
    '#poll': () => {
      expect(ends.client.poll(0, SELECT_WRITE)).toBe(true);
      expect(ends.client.poll(1.5, SELECT_READ)).toBe(false);
      expect(outcome(() => ends.client.poll(-1, SELECT_READ))).toBe('ERR_OUT_OF_RANGE');
      expect(outcome(() => ends.client.poll(0, 16))).toBe('ERR_OUT_OF_RANGE');
    },
    '#pollEvents': () => {
      expect(ends.client.pollEvents(0, SELECT_READ | SELECT_WRITE)).toBe(SELECT_WRITE);
    },
  },
  ['.share', '#descriptor'],
);
