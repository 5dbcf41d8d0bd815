// Figures as text.

const digits = { speed: 2, cpu: 2, above: 0, bytes: 0 };
const words = { speed: 'speed', cpu: 'CPU', above: 'ns above', bytes: 'bytes' };

/** The figures that a variant is compared by. */
export const compared = (variant) => Object.keys(digits).filter((key) => key in variant);

export function shown(key, { median, low, high }) {
  const [a, b, c] = [median, low, high].map((value) => value.toFixed(digits[key]));
  return `${a} (${b}–${c})`;
}

/** A time of so many nanoseconds. */
export function time(ns) {
  if (ns < 10_000) return `${ns.toFixed(0)} ns`;
  return ns < 10_000_000 ? `${(ns / 1000).toFixed(1)} µs` : `${(ns / 1e6).toFixed(1)} ms`;
}

export function print(result) {
  const { name, title, cores, rounds, isSteady, variants } = result;
  console.log(
    `\n${name}: ${title ?? ''} (${cores}; ${rounds} rounds${isSteady ? '' : ', not steady'})`,
  );
  const width = Math.max(...variants.map((variant) => variant.name.length));
  for (const variant of variants) {
    const figures = compared(variant).map((key) => `${words[key]} ${shown(key, variant[key])}`);
    const { wall } = variant.times;
    console.log(`  ${variant.name.padEnd(width)}  ${figures.join('  ')}  ${time(wall.median)}`);
  }
}
