// A guard that needs no stopwatch: how many instructions each hot call takes, in this addon and in
// Node-API below it, counted by callgrind and compared with record.json. The same binary gives the
// same count on a busy machine and an idle one.
//
//   npm run test:instructions               fails where a call takes more than the record allows
//   npm run test:instructions -- --record   writes the record anew
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { TIMES, calls } from './calls.mjs';

/** Beyond this it is a slow-down; two runs differ by 0.1 %. */
const TOLERANCE = 0.03;

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const out = file('../../out/instructions');
mkdirSync(out, { recursive: true });

/** What the counts depend on besides the sources. */
const toolchain = {
  node: process.version,
  arch: process.arch,
  compiler: execFileSync('c++', ['-dumpfullversion'], { encoding: 'utf8' }).trim().split('.')[0],
};

/** Instructions for one call of each function of the addon, and all that it calls. */
function count(names) {
  const entry = '*(napi_env__*, napi_callback_info__*)';
  const data = `${out}/callgrind.out`;
  const program = [process.execPath, '--single-threaded', file('program.mjs'), ...names];
  const options = ['--tool=callgrind', '--smc-check=all-non-file', `--callgrind-out-file=${data}`];
  execFileSync('valgrind', [...options, `--toggle-collect=${entry}`, ...program], {
    stdio: 'pipe',
  });
  const inclusive = execFileSync(
    'callgrind_annotate',
    ['--inclusive=yes', '--threshold=100', '--auto=no', data],
    { encoding: 'utf8' },
  );
  const line = /^ *([\d,]+) .*namespace\)::(\w+)\(napi_env__\*, napi_callback_info__\*\)/gm;
  return new Map(
    [...inclusive.matchAll(line)].map(([, instructions, name]) => [
      name,
      Math.round(Number(instructions.replaceAll(',', '')) / TIMES),
    ]),
  );
}

const { values } = parseArgs({ options: { record: { type: 'boolean', default: false } } });
const names = Object.keys(calls).filter((name) => name !== 'planted');

function measured() {
  const counts = count(names);
  return Object.fromEntries(
    names.map((name) => {
      if (!counts.has(name)) throw new Error(`the addon has no function ${name}, or no symbols`);
      return [name, counts.get(name)];
    }),
  );
}

if (values.record) {
  const record = { ...toolchain, instructions: measured() };
  writeFileSync(file('record.json'), `${JSON.stringify(record, null, 2)}\n`);
  console.log(record);
  process.exit();
}

const { instructions, ...recorded } = JSON.parse(readFileSync(file('record.json'), 'utf8'));
const other = Object.keys(recorded).filter((key) => recorded[key] !== toolchain[key]);
if (other.length > 0) {
  const told = other.map((key) => `${key} ${toolchain[key]}, recorded with ${recorded[key]}`);
  console.log(`skipped, the counts would differ anyway: ${told.join('; ')}`);
  process.exit();
}

const isSlower = (name, own) => own > instructions[name] * (1 + TOLERANCE);
const own = measured();
let failed = 0;
for (const name of names) {
  const change = own[name] / instructions[name] - 1;
  const verdict = isSlower(name, own[name]) ? 'SLOWER' : change < -TOLERANCE ? 'faster' : '';
  if (verdict === 'SLOWER') failed++;
  const percent = `${change >= 0 ? '+' : ''}${(change * 100).toFixed(1)} %`;
  console.log(
    `${name.padEnd(16)} ${String(own[name]).padStart(6)}  ${percent.padStart(8)} ${verdict}`,
  );
}
const planted = count(['planted']).get('Receive');
if (!isSlower('Receive', planted)) {
  console.log(`a planted slow-down of Receive, ${planted} instructions, is not seen`);
  failed++;
}
process.exitCode = failed > 0 ? 1 : 0;
