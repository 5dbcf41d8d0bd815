// docs/benchmarks.md, its charts, and all figures as JSON.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import * as prettier from 'prettier';
import { versions } from '../processes.mjs';
import { overviewChart, rowChart, scaleChart } from './charts.mjs';
import { figures, figuresOf, goals, number, shown, time } from './figures.mjs';

async function writePretty(file, text) {
  const options = await prettier.resolveConfig(file);
  writeFileSync(file, await prettier.format(text, { ...options, filepath: file }));
}

function table(head, lines) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...lines.map(line)].join('\n');
}

function goalText({ name, key, value }) {
  const sign = key === 'speed' ? '≥' : '≤';
  return `${name}: ${figures[key].head} ${sign} ${value}`;
}

/** The rows at a glance: what is to be, and what is. */
function summary(results) {
  const lines = results.flatMap((result) =>
    goals(result).map((goal) => {
      const { median } = result.variants.find(({ name }) => name === goal.name)[goal.key];
      const own = number(goal.key, median);
      const link = `[${result.title}](#${result.name})`;
      return [link, goalText(goal), own, goal.isReached ? 'reached' : '**missed**'];
    }),
  );
  return table(['row', 'to be at', 'measured', ''], lines);
}

function rowSection(result) {
  const { name, title, cores, variants, rounds, isSteady, note } = result;
  const keys = figuresOf(variants[0]);
  const hasTime = !('bytes' in variants[0]);
  const lines = variants.map((variant) => [
    variant.name,
    ...keys.map((key) => shown(key, variant[key])),
    ...(hasTime ? [time(variant.times.wall.median)] : []),
  ]);
  const head = ['', ...keys.map((key) => figures[key].head), ...(hasTime ? ['one takes'] : [])];
  const steady = isSteady ? '' : '; its time was over before every median stood';
  return `<a id="${name}"></a>

### ${title}

![${title}](benchmarks/${name}.svg)

${table(head, lines)}

${cores}; ${rounds} rounds${steady}. ${note ?? ''}
`;
}

function scaleSection(scale) {
  return `### ${scale.title}

![${scale.title}](benchmarks/${scale.name}.svg)

${scale.note ?? ''}
`;
}

function page(results, scales, about) {
  const { machine, date, seconds, command, node, cc, python, kernel } = about;
  return `# Benchmarks

Written by \`${command}\` on ${date}, in ${Math.round(seconds / 60)} minutes: ${machine}, ${kernel}, Node ${node}, ${cc}, ${python}. All figures are in [benchmarks/results.json](benchmarks/results.json).

Every variant is a process of its own that answers one command at a time; all of them do the same work once in each round, in random order, until the medians stand or the row's time is over. **speed** is C's time ÷ the variant's, **CPU** is the CPU time of the variant's process ÷ C's: ratios within one round, with the median and the quartiles in parentheses. Absolute times differ between machines, and between days on one. Contents are checked on every message's way or at each command's end. Every connection is TCP over the loopback, without Nagle's delay.

class: this library's classes; raw: \`bsd-sockets/raw\`, the calls themselves; SocketStream: its streams; net, dgram: Node's own, "onread" with one buffer for all that comes; Python: its socket module; koffi: libc's calls by a foreign function interface; fs.readSync: Node's file calls on the socket's descriptor; Atomics.wait, synckit: \`net\` in a worker, which the caller waits for.

![Speed against C](benchmarks/overview.svg)

${summary(results)}

## Rows

${results.map(rowSection).join('\n')}

## Scale

${scales.map(scaleSection).join('\n')}
`;
}

/** Writes benchmarks.md into `folder`, and charts and figures into a folder beside it. */
export async function write(folder, all, { command, seconds }) {
  const results = all.filter((result) => !result.rows);
  const scales = all.filter((result) => result.rows);
  const about = {
    command,
    seconds,
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} × ${cpus()[0].model.trim()}`,
    ...versions(),
  };
  const charts = join(folder, 'benchmarks');
  mkdirSync(charts, { recursive: true });
  const draw = async (name, chart) => {
    writeFileSync(join(charts, `${name}.svg`), await chart);
  };
  await draw('overview', overviewChart(results));
  for (const result of results) await draw(result.name, rowChart(result));
  for (const scale of scales) await draw(scale.name, scaleChart(scale));
  const figures = JSON.stringify({ ...about, results, scales });
  await writePretty(join(charts, 'results.json'), figures);
  await writePretty(join(folder, 'benchmarks.md'), page(results, scales, about));
}
