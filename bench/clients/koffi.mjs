// The C library's calls by a foreign function interface, koffi.
import koffi from 'koffi';
import { blockingRows } from './blocking-rows.mjs';
import { serve } from './protocol.mjs';

const libc = koffi.load('libc.so.6');
const recv = libc.func('long recv(int fd, void *buffer, size_t length, int flags)');
const send = libc.func('long send(int fd, const void *buffer, size_t length, int flags)');
const MSG_NOSIGNAL = 0x4000;

const {
  pingpong,
  receive,
  records,
  send: sendRow,
  'would-block': wouldBlock,
} = blockingRows((socket) => {
  const fd = socket.detach();
  return {
    send: (bytes) => send(fd, bytes, bytes.length, MSG_NOSIGNAL),
    receive: (into, length, flags) => recv(fd, into, length, flags),
  };
});

await serve({ pingpong, receive, records, send: sendRow, 'would-block': wouldBlock });
