// Chooses the rows on which a converted model is compared with its native one.
// Invariant: the same rows and seed give the same sample.
import { randomNumbers } from '../domain/random';
import { LEAST_PARITY_ROWS, type ModelSignature } from '../domain/training/training';

/** Training rows, drawn without replacement, and the rows on which converters go wrong: all missing, each missing once, unseen categories. */
export function parityRows(
  features: Float32Array,
  rows: number,
  signature: ModelSignature,
  seed: number,
): Float32Array {
  const width = signature.columns.length;
  const random = randomNumbers(seed);
  const chosen: number[][] = [];
  const take = Math.min(LEAST_PARITY_ROWS, rows);
  // Knuth's selection sampling: keeps the order, needs no shuffle.
  for (let row = 0; row < rows && chosen.length < take; row++) {
    if (random() * (rows - row) < take - chosen.length)
      chosen.push([...features.subarray(row * width, (row + 1) * width)]);
  }
  const base = chosen[0] ?? [];
  const changed = (position: number, value: number) => base.map((old, index) => (index === position ? value : old));
  const awkward = signature.columns.flatMap((column, position) => [
    changed(position, NaN),
    ...(column.kind === 'category' ? [changed(position, column.categories.length + 1000), changed(position, -1)] : []),
  ]);
  return Float32Array.from([...chosen, base.map(() => NaN), ...awkward].flat());
}
