// A row's result on the terminal.
import { figures, figuresOf, shown, time } from './figures.mjs';

export function print({ name, title, cores, rounds, isSteady, variants }) {
  console.log(`\n${name}: ${title} (${cores}; ${rounds} rounds${isSteady ? '' : ', not steady'})`);
  const width = Math.max(...variants.map((variant) => variant.name.length));
  for (const variant of variants) {
    const compared = figuresOf(variant).map(
      (key) => `${figures[key].head} ${shown(key, variant[key])}`,
    );
    const wall = 'bytes' in variant ? '' : time(variant.times.wall.median);
    console.log(`  ${variant.name.padEnd(width)}  ${compared.join('  ')}  ${wall}`);
  }
}
