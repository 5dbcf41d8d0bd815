// Node's own blocking calls on a descriptor: fs.readSync and fs.writeSync, without flags.
import { readSync, writeSync } from 'node:fs';
import { blockingRows } from './blocking-rows.mjs';
import { serve } from './protocol.mjs';

const { pingpong, receive } = blockingRows((socket) => {
  const fd = socket.detach();
  return {
    send: (bytes) => writeSync(fd, bytes),
    receive(into, length, flags) {
      let got = readSync(fd, into, 0, length);
      // What MSG_WAITALL does by itself.
      while (flags !== 0 && got < length) got += readSync(fd, into, got, length - got);
      return got;
    },
  };
});

await serve({ pingpong, receive });
