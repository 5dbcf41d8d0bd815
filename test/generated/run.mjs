/** What the programs with generated calls share: canaries, accounts of descriptors, the report. */
import { strict as assert } from 'node:assert';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Files that nobody but this program knows: whoever reads, writes or closes one is found out. */
export function canaries(count = 8) {
  const folder = fs.mkdtempSync(join(tmpdir(), 'bsd-sockets-canary-'));
  const all = Array.from({ length: count }, (_, i) => {
    const fd = fs.openSync(join(folder, String(i)), 'w+');
    const content = `canary ${i} of ${process.pid}`;
    fs.writeSync(fd, content, 0);
    return { fd, content, ino: fs.fstatSync(fd).ino };
  });
  fs.rmSync(folder, { recursive: true });
  return () => {
    for (const { fd, content, ino } of all) {
      assert.equal(fs.fstatSync(fd).ino, ino, 'a canary was closed');
      const buffer = Buffer.alloc(100);
      const length = fs.readSync(fd, buffer, 0, 100, 0);
      assert.equal(buffer.toString('latin1', 0, length), content, 'a canary was written');
    }
  };
}

/** The numbers that are open, but for the one that the look itself needs. */
export function openDescriptors() {
  const numbers = fs.readdirSync('/proc/self/fd');
  return numbers.filter((fd) => fs.existsSync(`/proc/self/fd/${fd}`)).map(Number);
}

/** What went wrong; the calls themselves come again with the seed. */
export function reporter({ failed, errorInstance }) {
  if (failed) throw errorInstance;
}

export const turn = () => new Promise((resolve) => setImmediate(resolve));

/** `--seed=1 --calls=1000`, for whoever repeats a run. */
export function option(name, otherwise) {
  const found = process.argv.find((argument) => argument.startsWith(`--${name}=`));
  return found === undefined ? otherwise : Number(found.slice(name.length + 3));
}
