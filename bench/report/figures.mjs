// What figures there are, and how they are written.

/** By what a variant is compared: the words of the table's heads and of the charts' axes. */
export const figures = {
  speed: { head: 'speed', axis: 'speed: the base’s time ÷ its own (more is better)', digits: 2 },
  cpu: { head: 'CPU', axis: 'CPU of its process ÷ the base’s (less is better)', digits: 2 },
  above: { head: 'ns above the floor', axis: 'ns above the floor (less is better)', digits: 0 },
  bytes: { head: 'bytes', axis: 'bytes for each connection (less is better)', digits: 0 },
};

export const isMoreBetter = (key) => key === 'speed';

/** The figures that a variant has. */
export const figuresOf = (variant) => Object.keys(figures).filter((key) => key in variant);

export const number = (key, value) => value.toFixed(figures[key].digits);

/** Median and quartiles. */
export function shown(key, { median, low, high }) {
  return `${number(key, median)} (${number(key, low)}–${number(key, high)})`;
}

/** A time of so many nanoseconds. */
export function time(ns) {
  if (ns < 10_000) return `${ns.toFixed(0)} ns`;
  return ns < 10_000_000 ? `${(ns / 1000).toFixed(1)} µs` : `${(ns / 1e6).toFixed(1)} ms`;
}

/** The figures that a row is to be at: variant, figure, value, and whether the median is. */
export function goals({ be, variants }) {
  return Object.entries(be).flatMap(([name, wanted]) =>
    Object.entries(wanted).map(([key, value]) => {
      const { median } = variants.find((variant) => variant.name === name)[key];
      // Compared as it is written.
      const own = Number(number(key, median));
      return { name, key, value, isReached: isMoreBetter(key) ? own >= value : own <= value };
    }),
  );
}
