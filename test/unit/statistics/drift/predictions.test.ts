// Drift of predictions by task: over the probability or the value as a number, over predicted classes as shares.
import { predictionPsi } from '../../../../src/statistics/drift/prediction-drift';
import { psiCategories, psiNumeric } from '../../../../src/statistics/drift/psi';
import { wave } from './wave';

const before = wave(500, 0.1, 1);
const now = wave(300, 0.4, 1);
const rows = (values: ArrayLike<number>): number[][] => Array.from(values, (value) => [value]);
const target = { task: 'multiclass', classes: ['a', 'b', 'c'] } as const;

it('is the PSI of the numbers themselves for one number a row', () => {
  for (const task of ['binary', 'regression'] as const) {
    expect(predictionPsi({ task }, rows(before), rows(now))).toBe(psiNumeric(before, now));
  }
});

it('is the PSI of the shares of the most probable classes for several', () => {
  const chosen = { a: [0.5, 0.3, 0.2], b: [0.1, 0.8, 0.1], c: [0.2, 0.3, 0.5], tie: [0.4, 0.4, 0.2] };
  const earlier = [chosen.a, chosen.a, chosen.b, chosen.c, chosen.tie];
  const later = [chosen.c, chosen.c, chosen.b];
  expect(predictionPsi(target, earlier, later)).toBeCloseTo(
    psiCategories(['a', 'a', 'b', 'c', 'a'], ['c', 'c', 'b']),
    12,
  );
  expect(predictionPsi(target, earlier, earlier)).toBe(0);
});

it('is not a number without rows on a side', () => {
  expect(predictionPsi(target, [], [[1, 0, 0]])).toBeNaN();
  expect(predictionPsi({ task: 'regression' }, rows(before), [])).toBeNaN();
});
