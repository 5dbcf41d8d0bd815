// Measuring a row: all variants once for each round, in random order, until the medians stand.
import { start } from './processes.mjs';
import { doubt, shuffled, spread } from './statistics.mjs';

/** A median stands when it is off by no more than this, in all likelihood. */
const STANDS = 0.01;
const FEWEST_ROUNDS = 7;

/** What a row's variants are compared by; each is a list of one figure for each round. */
function compare(row, samples) {
  const base = samples.get(row.base);
  return new Map(
    row.variants.map(({ name }) => {
      const own = samples.get(name);
      const each = (figure) => own.map((sample, round) => figure(sample, base?.[round]));
      const figures = {
        ratio: () => ({
          speed: each((sample, other) => other.wall / sample.wall),
          cpu: each((sample, other) => sample.cpu / other.cpu),
        }),
        above: () => ({ above: each((sample, other) => sample.cpu - other.cpu) }),
        bytes: () => ({ bytes: each((sample) => sample.wall) }),
      };
      return [name, figures[row.unit]()];
    }),
  );
}

function stands(row, samples) {
  return [...compare(row, samples).values()].every((figures) =>
    Object.values(figures).every(
      (list) => doubt(list) <= STANDS || list.every((value) => value === list[0]),
    ),
  );
}

/**
 * The row's result: for each variant the median and the quartiles of what it is compared by, and of
 * its own wall and CPU time in ns for an operation.
 */
export async function measure(row, { rounds, seconds, share = 1 }) {
  const { least } = row;
  const count = Math.max(least, Math.round((row.count * share) / least) * least);
  const operations = (row.operations / row.count) * count;
  const processes = await start(row);
  const samples = new Map(row.variants.map(({ name }) => [name, []]));
  const deadline = performance.now() + seconds * 1000;
  let done = 0;
  let isSteady = false;
  try {
    // The first round warms up and is not counted, unless each figure is a new process's.
    for (let round = row.isOneShot ? 0 : -1; round < rounds && !isSteady; round++) {
      for (const variant of shuffled(row.variants)) {
        const figures = await processes.ask(variant, count, operations);
        if (round >= 0) samples.get(variant.name).push(figures);
      }
      done = round + 1;
      if (done >= FEWEST_ROUNDS && performance.now() > deadline) break;
      isSteady = done >= FEWEST_ROUNDS && stands(row, samples);
    }
  } finally {
    await processes.end();
  }
  return summary(row, samples, done, isSteady);
}

function summary(row, samples, rounds, isSteady) {
  const compared = compare(row, samples);
  const variants = row.variants.map(({ name, kind }) => {
    const own = samples.get(name);
    const spreads = (lists) =>
      Object.fromEntries(Object.entries(lists).map(([key, list]) => [key, spread(list)]));
    const times = ['wall', 'cpu', 'first', 'last']
      .map((key) => [key, own.map((sample) => sample[key]).filter(Number.isFinite)])
      .filter(([, list]) => list.length > 0);
    return {
      name,
      kind,
      ...spreads(compared.get(name)),
      times: spreads(Object.fromEntries(times)),
    };
  });
  const { name, title, cores, unit, base, be, note, x } = row;
  return { name, title, cores, unit, base, be, note, x, rounds, isSteady, variants };
}
