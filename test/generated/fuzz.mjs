/**
 * `node fuzz.mjs --calls=1000000 [--seed=1]`: the programs with generated calls, and a fifth as many
 * operations in sequences against a model, in processes of their own, which have a network and
 * process numbers of their own too: no name is asked for, no signal goes out. Each has a bound of
 * time. What fails prints how to repeat it.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { option } from './run.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const wanted = option('calls', 1_000_000);
const first = option('seed', Date.now() & 0xffffff);
/** Calls of one process, and what it may take at the most, a hundred times what it takes. */
const AT_ONCE = { raw: 50_000, classes: 10_000, sequences: 10_000 };
const BOUND = 300_000;

function run(program, seed, calls) {
  const command = `ip link set lo up && exec "$0" --expose-gc "$1" --seed=${seed} --calls=${calls}`;
  const { status, signal, stdout, stderr } = spawnSync(
    'unshare',
    [
      '--net',
      '--pid',
      '--fork',
      '--kill-child',
      'sh',
      '-c',
      command,
      process.execPath,
      join(here, `${program}.mjs`),
    ],
    { encoding: 'utf8', timeout: BOUND, killSignal: 'SIGKILL' },
  );
  if (status === 0) return JSON.parse(stdout.trim().split('\n').at(-1)).calls;
  console.log(`${stdout}${stderr.slice(0, 20_000)}`);
  console.log(
    `${program}.mjs --seed=${seed} --calls=${calls} ended with ${String(signal ?? status)}`,
  );
  process.exit(1);
}

let seed = first;
for (const [program, share] of [
  ['raw', 0.7],
  ['classes', 0.3],
  ['sequences', 0.2],
]) {
  let made = 0;
  for (; made < wanted * share; seed++)
    made += run(program, seed, Math.min(AT_ONCE[program], Math.ceil(wanted * share)));
  console.log(`${program}: ${made} calls, seeds up to ${seed - 1}`);
}
