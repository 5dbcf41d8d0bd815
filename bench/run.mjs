// The bench: C, this library, Node's own modules and others on the same work.
//
//   npm run bench                       every row; writes benchmarks.md and its charts
//   npm run bench -- pingpong accept    some rows, or scales: sizes connections bytes workers
//     --rounds N    at the most (25)
//     --seconds N   for a row, about (15)
//     --share F     of each command's operations (1)
//     --out FOLDER  for what is written (docs)
import { parseArgs } from 'node:util';
import { measure } from './measure.mjs';
import { compile } from './processes.mjs';
import { print } from './report/text.mjs';
import { rows, scaleRows } from './rows.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '25' },
    seconds: { type: 'string', default: '15' },
    share: { type: 'string', default: '1' },
    out: { type: 'string', default: 'docs' },
  },
});
const limits = {
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  share: Number(values.share),
};
const all = [...rows, ...scaleRows];
const unknown = positionals.filter((name) => !all.some((row) => row.name === name));
if (unknown.length > 0) {
  console.error(`no row ${unknown.join(', ')}; there are ${all.map(({ name }) => name).join(' ')}`);
  process.exit(2);
}
const wanted = all.filter(({ name }) => positionals.length === 0 || positionals.includes(name));

compile();
const started = performance.now();
const results = [];
for (const row of wanted) {
  const points = [];
  for (const point of row.rows ?? [row]) {
    const result = await measure(point, limits);
    print(result);
    points.push(result);
  }
  results.push(row.rows ? { ...row, rows: points } : points[0]);
}
if (positionals.length === 0) {
  const { write } = await import('./report/write.mjs');
  const given = process.argv.slice(2);
  const command = ['npm run bench', ...(given.length > 0 ? ['--', ...given] : [])].join(' ');
  await write(values.out, results, { command, seconds: (performance.now() - started) / 1000 });
}
