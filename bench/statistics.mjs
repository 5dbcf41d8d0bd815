// What many figures say.

/** The value below which the part `p` of the list lies. */
export function quantile(list, p) {
  const sorted = [...list].sort((a, b) => a - b);
  const at = (sorted.length - 1) * p;
  const below = sorted[Math.floor(at)];
  return below + (sorted[Math.ceil(at)] - below) * (at - Math.floor(at));
}

/** Median and quartiles. */
export function spread(list) {
  return { median: quantile(list, 0.5), low: quantile(list, 0.25), high: quantile(list, 0.75) };
}

/**
 * How far the median may be off, as part of it: the notch of a box plot, 1.57 × the quartiles'
 * distance / √n, within which medians that differ by chance lie in 95 % of all cases.
 */
export function doubt(list) {
  const { median, low, high } = spread(list);
  return (1.57 * (high - low)) / Math.sqrt(list.length) / Math.abs(median);
}

export function shuffled(list) {
  const result = [...list];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}
