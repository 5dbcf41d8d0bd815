/** The public members of `Socket`; its options are in options.test.ts. */
import { closeSync, openSync } from 'node:fs';
import { userInfo } from 'node:os';
import * as library from '../../lib/index';
import * as raw from '../../lib/raw';
import { run } from '../support/child';
import { eachWithConnection, flips, testMembers } from '../support/members';
import { outcome, text } from '../support/peer';

const { DatagramSocket, SELECT_READ, SELECT_WRITE, Socket, StreamSocket, WOULD_BLOCK, constants } =
  library;
const { AF_INET, SOL_SOCKET, SO_KEEPALIVE } = constants;
const ends = eachWithConnection();

testMembers(
  'Socket',
  {
    '#pollAsync': async () => {
      expect(await ends.client.pollAsync(SELECT_WRITE)).toBe(true);
      expect(await ends.client.pollAsync(SELECT_READ, { timeout: 10 })).toBe(false);
      const readable = ends.client.pollAsync(SELECT_READ);
      ends.accepted.sendBytes('x');
      expect(await readable).toBe(true);
      await expect(new Socket().pollAsync(SELECT_READ)).rejects.toHaveProperty('code', 'EBADF');
      await expect(ends.client.pollAsync(99)).rejects.toHaveProperty('code', 'ERR_OUT_OF_RANGE');
    },
    '#watch': async () => {
      const seen: number[] = [];
      const { stop } = await new Promise<{ stop: () => void }>((resolve) => {
        const watch = ends.accepted.watch(SELECT_READ | library.SELECT_URGENT, (bits) => {
          seen.push(bits);
          text(ends.accepted);
          resolve(watch);
        });
        ends.client.sendBytes('x');
      });
      stop();
      ends.client.sendBytes('y');
      expect(await ends.accepted.pollAsync(SELECT_READ)).toBe(true);
      expect(seen).toEqual([SELECT_READ]);
      expect(outcome(() => ends.accepted.watch(1, null as never))).toBe('ERR_INVALID_ARG_TYPE');
      expect(outcome(() => new Socket().watch(1, () => undefined))).toBe('EBADF');
    },
    '#ref #unref #hasRef': () => {
      const { stdout } = run(`function main() {
      const server = new ServerSocket('127.0.0.1:0');
      console.log(server.hasRef());
      server.acceptConnectionAsync();
      console.log(server.unref().hasRef(), server.ref().hasRef());
      server.unref();
    }`);
      expect(stdout).toBe('true\nfalse true\n');
    },
    '.fromFileDescriptor': () => {
      const udp = new DatagramSocket('127.0.0.1:0');
      const sockets = [ends.server, ends.client, udp].map((socket) =>
        Socket.fromFileDescriptor(socket.dup().detach()),
      );
      expect(sockets.map((socket) => socket.constructor.name)).toEqual([
        'ServerSocket',
        'StreamSocket',
        'DatagramSocket',
      ]);
      expect(sockets[1]?.peerAddress().equals(ends.server.address())).toBe(true);
      for (const socket of [udp, ...sockets]) socket.close();
      const file = openSync('/dev/null', 'r');
      expect(outcome(() => Socket.fromFileDescriptor(file))).toBe('ENOTSOCK');
      closeSync(file);
      expect(outcome(() => Socket.fromFileDescriptor(-1))).toBe('EBADF');
    },
    '.pair': () => {
      for (const [type, name] of [
        [constants.SOCK_STREAM, 'StreamSocket'],
        [constants.SOCK_SEQPACKET, 'StreamSocket'],
        [constants.SOCK_DGRAM, 'DatagramSocket'],
      ] as const) {
        const [first, second] = Socket.pair(type);
        expect([first.constructor.name, second.type()]).toEqual([name, type]);
        expect(first.address().family()).toBe('unix');
        first.close();
        second.close();
      }
      expect(outcome(() => Socket.pair(99))).toBe('EINVAL');
    },
    '#dup': () => {
      ends.client.setReceiveTimeout(20);
      const copy = ends.client.dup();
      expect(copy).toBeInstanceOf(StreamSocket);
      expect(copy.sockfd()).not.toBe(ends.client.sockfd());
      expect(raw.fcntl(copy.sockfd(), constants.F_GETFD)).toBe(constants.FD_CLOEXEC);
      ends.client.close();
      copy.sendBytes('x');
      expect(text(ends.accepted)).toBe('x');
      expect(outcome(() => text(copy))).toBe('ETIMEDOUT');
      copy.close();
      expect(outcome(() => copy.dup())).toBe('EBADF');
    },
    '#detach': () => {
      const fd = ends.client.detach();
      expect(ends.client.isNull()).toBe(true);
      ends.client.close();
      expect(raw.send(fd, Buffer.from('x'), 0, 1, 0)).toBe(1);
      expect(outcome(() => ends.client.detach())).toBe('EBADF');
      const taken = StreamSocket.fromFileDescriptor(fd);
      taken.close();
      expect(raw.close(fd)).toBe(-constants.EBADF);
      ends.client.connect(ends.server.address());
    },
    '#isSupported': () => {
      expect(ends.client.isSupported('NoDelay')).toBe(true);
      expect(ends.client.isSupported('UdpCork')).toBe(false);
      expect(outcome(() => new StreamSocket().isSupported('NoDelay'))).toBe('EBADF');
    },
    '#tcpInfo': () => {
      ends.client.sendBytes('hello');
      expect(text(ends.accepted)).toBe('hello');
      const info = ends.accepted.tcpInfo();
      expect(info).toMatchObject({ state: constants.TCP_ESTABLISHED, bytes_received: 5 });
      expect(Object.keys(info).length).toBeGreaterThan(50);
      const [unix, other] = Socket.pair();
      expect(outcome(() => unix.tcpInfo())).toBe('EOPNOTSUPP');
      unix.close();
      other.close();
    },
    '#peerCredentials': () => {
      const [first, second] = Socket.pair();
      const { uid, gid } = userInfo();
      expect(first.peerCredentials()).toEqual({ pid: process.pid, uid, gid });
      first.close();
      second.close();
    },
    '#originalDestination': () => {
      // What a rule changes is in families.test.ts.
      expect(outcome(() => ends.accepted.originalDestination())).toMatch(/^E(NOENT|NOPROTOOPT)$/);
    },
    '#attachFilter #detachFilter': () => {
      const receiver = new DatagramSocket('127.0.0.1:0');
      const sender = new DatagramSocket();
      const [LOAD_BYTE, JUMP_IF_EQUAL, RETURN] = [0x30, 0x15, 0x06];
      const HEADER = 8;
      receiver.attachFilter([
        [LOAD_BYTE, 0, 0, HEADER],
        [JUMP_IF_EQUAL, 0, 1, 0x79],
        [RETURN, 0, 0, 0xffffffff],
        [RETURN, 0, 0, 0],
      ]);
      for (const word of ['no', 'yes']) sender.sendTo(word, receiver.address());
      const buffer = Buffer.alloc(8);
      expect(receiver.receiveBytes(buffer)).toBe(3);
      receiver.detachFilter();
      sender.sendTo('no', receiver.address());
      expect(receiver.receiveBytes(buffer)).toBe(2);
      const errors = [
        () => {
          receiver.detachFilter();
        },
        () => {
          receiver.attachFilter([[LOAD_BYTE, 0, 0, HEADER]]);
        },
        () => {
          receiver.attachFilter([]);
        },
        () => {
          receiver.attachFilter([[0x10000, 0, 0, 0]]);
        },
        () => {
          receiver.attachFilter([[RETURN, 0, 0, -1]]);
        },
      ].map(outcome);
      const bad = 'ERR_OUT_OF_RANGE';
      expect(errors).toEqual(['ENOENT', 'EINVAL', bad, bad, bad]);
      receiver.close();
      sender.close();
    },
    '#getSpin #setSpin': () => {
      expect(ends.client.getSpin()).toBe(0);
      ends.client.setSpin(50);
      expect(ends.client.getSpin()).toBe(50);
      ends.accepted.sendBytes('a');
      expect(text(ends.client)).toBe('a');
      ends.client.setReceiveTimeout(20);
      expect(outcome(() => text(ends.client))).toBe('ETIMEDOUT');
      // A part is not taken for all.
      ends.accepted.sendBytes('ab');
      expect(text(ends.client, constants.MSG_WAITALL, 4)).toBe('ab');
      ends.client.setSpin(Infinity);
      ends.client.setBlocking(false);
      expect(text(ends.client)).toBe(WOULD_BLOCK);
      expect(
        outcome(() => {
          ends.client.setSpin(NaN);
        }),
      ).toBe('ERR_OUT_OF_RANGE');
    },
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
      const raws = new Socket('ipv4', constants.SOCK_DGRAM, constants.IPPROTO_UDP);
      expect(raws.type()).toBe(constants.SOCK_DGRAM);
      expect(new library.DatagramSocket(raws).equals(raws)).toBe(true);
      expect(outcome(() => new StreamSocket(raws))).toBe('ERR_INVALID_ARG_TYPE');
      raws.close();
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
          new StreamSocket().init('ipv4', constants.SOCK_DGRAM);
        }),
      ).toBe('ERR_INVALID_ARG_VALUE');
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
  ['.share', '#descriptor', '#bindTo', '#bindTo6', '.register', '.handle'],
);
