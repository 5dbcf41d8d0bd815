// Sync over async by a library: synckit, which also waits by Atomics.wait.
import { fileURLToPath } from 'node:url';
import { createSyncFn } from 'synckit';
import { asked, check, checkContents, contents, serve } from './protocol.mjs';

await serve({
  pingpong() {
    const { port, size } = asked;
    const exchange = createSyncFn(fileURLToPath(new URL('synckit-worker.mjs', import.meta.url)));
    const message = contents(size);
    let answer;
    return {
      run(count) {
        for (let i = 0; i < count; i++) {
          answer = exchange(port, message);
          check(answer.length === size, 'short');
        }
      },
      verify() {
        checkContents(Buffer.from(answer));
        return [];
      },
    };
  },
});
