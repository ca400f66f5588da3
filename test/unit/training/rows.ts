// Small made-up training rows with everything that is awkward: missing values, categories, an outlier, a constant column.
import type { ModelColumn } from '../../../src/domain/training/training';

export const COLUMNS: ModelColumn[] = [
  { kind: 'number', name: 'x' },
  { kind: 'category', name: 'letter', categories: ['a', 'b', 'c', 'd'] },
  { kind: 'number', name: 'pressure' },
  { kind: 'number', name: 'constant' },
];

export function trainingRows(rows: number, seed = 1): { features: Float32Array; labels: Float32Array } {
  let state = seed;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const features = new Float32Array(rows * COLUMNS.length);
  const labels = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const x = random() + random() + random() - 1.5;
    const letter = Math.floor(random() * 5);
    const pressure = random() < 0.2 ? NaN : 1000 + 30 * random();
    features.set([row === 7 ? 900 : x, letter === 4 ? NaN : letter, pressure, 3], row * COLUMNS.length);
    const score = 2 * x + 0.4 * letter + (Number.isNaN(pressure) ? 0.7 : (pressure - 1015) / 20) - 1;
    labels[row] = random() < 1 / (1 + Math.exp(-score)) ? 1 : 0;
  }
  return { features, labels };
}
