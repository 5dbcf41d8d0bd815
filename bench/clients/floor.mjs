// The floor under a call from JavaScript: the same system call in a C loop inside the Node process.
import { createRequire } from 'node:module';
import { dial } from './blocking-rows.mjs';
import { check, serve } from './protocol.mjs';

const { wouldBlock } = createRequire(import.meta.url)('../../out/bench/floor.node');

await serve({
  'would-block'({ port }) {
    const fd = dial(port).detach();
    return {
      run(count) {
        check(wouldBlock(fd, count) === count, 'data');
      },
    };
  },
});
