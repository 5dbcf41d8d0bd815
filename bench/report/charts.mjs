// Charts of results, as SVG, by vega-lite.
import * as vega from 'vega';
import { compile } from 'vega-lite';
import { figures, figuresOf, goals, number } from './figures.mjs';

const FONT = 'Helvetica, Arial, sans-serif';
const GOAL = '#c0392b';
/** The room for the names of rows and variants. */
const LABELS = 400;

/** A colour for each kind of variant. */
const kinds = {
  C: '#555555',
  'bsd-sockets': '#0b6bcb',
  'bsd-sockets/raw': '#6fb1f0',
  SocketStream: '#17a398',
  'Node net, dgram': '#e08a1e',
  Python: '#8c9a2e',
  'koffi, fs': '#9a7fc0',
  'sync over async': '#b0b0b0',
};

const colour = {
  field: 'kind',
  type: 'nominal',
  scale: { domain: Object.keys(kinds), range: Object.values(kinds) },
};

async function svg(spec) {
  const config = {
    font: FONT,
    view: { stroke: null },
    axis: {
      labelFontSize: 12,
      titleFontSize: 12,
      titleFontWeight: 'normal',
      grid: false,
    },
    title: {
      fontSize: 15,
      anchor: 'start',
      offset: 14,
      subtitleFontSize: 12,
      subtitlePadding: 5,
      subtitleColor: '#666',
    },
    legend: { labelFontSize: 12, title: null },
  };
  const whole = { background: 'white', padding: 12, config, ...spec };
  const view = new vega.View(vega.parse(compile(whole).spec), { renderer: 'none' });
  return `${await view.toSVG()}\n`;
}

/** The figure that a row's chart shows: the one that it is to be at, or its first. */
export function mainFigure(result) {
  return goals(result)[0]?.key ?? figuresOf(result.variants[0])[0];
}

/** One row: a bar for each variant, its quartiles, its figure, and the figure to be at. */
export function rowChart(result) {
  const key = mainFigure(result);
  const values = result.variants.map(({ name, kind, [key]: { median, low, high } }) => {
    return { name, kind, median, low, high, label: number(key, median) };
  });
  const most = Math.max(...values.map(({ median }) => median));
  // A bar that is far longer than the others would hide what differs among them.
  const widest = Math.min(most, Math.max(3 * values[1].median, values[0].median) * 1.5);
  for (const value of values) value.shown = Math.min(value.median, widest);
  const wanted = goals(result).filter((goal) => goal.key === key);
  const y = {
    field: 'name',
    type: 'nominal',
    sort: null,
    title: null,
    axis: { labelLimit: LABELS, ticks: false, domain: false },
  };
  const domain = [0, Math.max(widest, ...wanted.map(({ value }) => value)) * 1.02];
  const x = { type: 'quantitative', title: figures[key].axis, scale: { domain, nice: false } };
  const marks = wanted.map(({ name, value }) => `${name} ${value}`).join(', ');
  const subtitle = wanted.length > 0 ? `${result.cores}; red: to be at (${marks})` : result.cores;
  return svg({
    title: { text: result.title, subtitle },
    width: 460,
    height: { step: 24 },
    layer: [
      {
        data: { values },
        mark: { type: 'bar', height: 15 },
        encoding: { y, x: { ...x, field: 'shown' }, color: { ...colour, legend: null } },
      },
      {
        data: { values: values.filter(({ high }) => high <= widest) },
        mark: { type: 'rule', color: '#222' },
        encoding: { y, x: { ...x, field: 'low' }, x2: { field: 'high' } },
      },
      {
        data: { values },
        mark: { type: 'text', align: 'left', dx: 6, fontSize: 12 },
        encoding: { y, x: { value: 'width' }, text: { field: 'label' } },
      },
      {
        data: { values: wanted },
        mark: { type: 'tick', color: GOAL, thickness: 3, height: 22 },
        encoding: { y, x: { ...x, field: 'value' } },
      },
    ],
  });
}

/** All rows with a ratio in one picture: the library, Node's own and the others against C. */
export function overviewChart(results) {
  const rows = results.filter(({ unit, base }) => unit === 'ratio' && base === 'C');
  const values = rows.flatMap((result) => {
    const main = new Map();
    for (const variant of result.variants) {
      if (variant.kind !== 'C' && !main.has(variant.kind)) main.set(variant.kind, variant);
    }
    return [...main].map(([kind, { name, speed }]) => ({
      row: result.title,
      kind,
      name,
      speed: speed.median,
    }));
  });
  const goal = rows.flatMap((result) =>
    goals(result)
      .filter(({ key }) => key === 'speed')
      .slice(0, 1)
      .map(({ value }) => ({ row: result.title, value })),
  );
  const y = {
    field: 'row',
    type: 'nominal',
    sort: null,
    title: null,
    axis: { grid: true, labelLimit: LABELS, ticks: false },
  };
  const axis = { values: [0.0625, 0.125, 0.25, 0.5, 1, 2], format: '~r', grid: true };
  const scale = { type: 'log', base: 2, domain: [0.05, 3], clamp: true };
  const x = { type: 'quantitative', title: 'speed: C’s time ÷ its own', scale, axis };
  const legend = { orient: 'right', symbolSize: 110, values: Object.keys(kinds).slice(1) };
  return svg({
    title: {
      text: 'Speed against C',
      subtitle: 'C is 1; the red mark is what the class is to be at',
    },
    width: 560,
    height: { step: 26 },
    layer: [
      {
        data: { values: [{ value: 1 }] },
        mark: { type: 'rule', color: '#555', strokeWidth: 1.5 },
        encoding: { x: { ...x, field: 'value' } },
      },
      {
        data: { values },
        mark: { type: 'point', filled: true, size: 95, opacity: 0.9 },
        encoding: { y, x: { ...x, field: 'speed' }, color: { ...colour, legend } },
      },
      {
        data: { values: goal },
        mark: { type: 'tick', color: GOAL, thickness: 3, height: 18 },
        encoding: { y, x: { ...x, field: 'value' } },
      },
    ],
  });
}

/** What the numbers on a scale's axis are called. */
const BYTES = `datum.value >= ${1 << 20} ? datum.value / ${1 << 20} + ' MiB'
  : datum.value >= 1024 ? datum.value / 1024 + ' KiB' : datum.value + ' B'`;

/** One panel of a scale: a line for each variant. */
function panel(values, { title, axis, isLog, format, width }) {
  const points = [...new Set(values.map(({ x }) => x))];
  const names = new Map(values.map(({ name, kind }) => [name, kinds[kind]]));
  const domain = [Math.min(...points), Math.max(...points)];
  const isFew = points.length === domain[1];
  const x = {
    field: 'x',
    type: 'quantitative',
    title: axis,
    scale: { type: isFew ? 'linear' : 'log', domain },
    axis: {
      values: points,
      labelOverlap: 'greedy',
      labelFlush: false,
      ...(axis.startsWith('bytes') ? { labelExpr: BYTES } : { format: ',d' }),
    },
  };
  const powers = [0, 1, 2, 3, 4, 5, 6, 7].map((power) => 10 ** power);
  const y = {
    field: 'y',
    type: 'quantitative',
    title: null,
    scale: isLog ? { type: 'log' } : { zero: true },
    axis: { grid: true, format, ...(isLog ? { values: powers } : { tickCount: 5 }) },
  };
  const color = {
    field: 'name',
    type: 'nominal',
    scale: { domain: [...names.keys()], range: [...names.values()] },
    legend: { orient: 'bottom', symbolType: 'circle', symbolSize: 90 },
  };
  return {
    title: { text: title, fontSize: 13, fontWeight: 'normal', offset: 8 },
    width,
    height: 220,
    data: { values },
    mark: { type: 'line', point: { size: 45 }, strokeWidth: 2 },
    encoding: { x, y, color },
  };
}

const each = (scale, figure) =>
  scale.rows.flatMap(({ x, variants }) =>
    variants.map((variant) => ({ x, name: variant.name, kind: variant.kind, y: figure(variant) })),
  );

/** The panels of each scale. */
const panels = {
  sizes: [
    {
      title: 'time for an exchange, µs',
      isLog: true,
      figure: ({ times }) => times.wall.median / 1e3,
    },
    { title: 'speed against C', figure: ({ speed }) => speed.median, format: '.2~f' },
    { title: 'CPU against C', figure: ({ cpu }) => cpu.median, format: '.1~f' },
  ],
  connections: [
    { title: 'CPU for a message, µs', figure: ({ times }) => times.cpu.median / 1e3 },
    {
      title: 'first answer after, µs',
      isLog: true,
      figure: ({ times }) => times.first.median / 1e3,
    },
    { title: 'last answer after, µs', isLog: true, figure: ({ times }) => times.last.median / 1e3 },
  ],
  bytes: [
    { title: 'bytes for each connection', figure: ({ bytes }) => bytes.median, format: '~s' },
  ],
  workers: [
    {
      title: 'connections in a second',
      figure: ({ times }) => 1e9 / times.wall.median,
      format: '~s',
    },
    { title: 'CPU for a connection, µs', figure: ({ times }) => times.cpu.median / 1e3 },
  ],
};

export function scaleChart(scale) {
  const shown = panels[scale.name];
  const width = shown.length > 2 ? 270 : 360;
  return svg({
    title: { text: scale.title, subtitle: scale.rows[0].cores },
    hconcat: shown.map(({ figure, ...look }) =>
      panel(each(scale, figure), { axis: scale.axis, format: '~s', width, ...look }),
    ),
    spacing: 40,
  });
}
