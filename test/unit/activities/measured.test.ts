// What is measured of versions: one interval for one difference, bounds within the metric's range, and the best point of a training curve.
import { thinnedTraining } from '../../../src/activities/explaining/curves';
import { withinRange } from '../../../src/activities/evaluation/estimates';
import { pairedMetrics } from '../../../src/activities/evaluation/paired-metrics';
import { setOfTask } from '../../../src/activities/evaluation/task-measures';
import type { JudgedRows } from '../../../src/activities/evaluation/rows';
import { pairedDifference, type Judged } from '../../../src/activities/judging/compare';
import { factsOf } from '../../../src/domain/evaluation/metrics';
import { randomNumbers } from '../../../src/domain/random';

const random = randomNumbers(5);
const ROWS = 330;
const truths = Array.from({ length: ROWS }, () => random());
const rows: JudgedRows = {
  rows: ROWS,
  target: { task: 'binary' },
  labels: Float32Array.from(truths, (truth) => (random() < truth ? 1 : 0)),
  // Days of different sizes, where a mean's jackknife and its t differ.
  days: Int32Array.from(truths, (_, row) => Math.floor(Math.sqrt(row))),
  category: () => null,
};
const predictions = [0.2, 0.9].map((noise) =>
  Float32Array.from(truths, (truth) => Math.min(0.98, Math.max(0.02, truth + noise * (random() - 0.5)))),
) as [Float32Array, Float32Array];

it('a difference of log loss has one interval, in a comparison and in a decision', () => {
  const [a, b] = predictions;
  const judged = (version: number, holdout: Float32Array) =>
    ({ version: { version }, predictions: { holdout } }) as Judged;
  const { low, high, value } = pairedDifference(rows, 'holdout', judged(1, a), judged(2, b));
  const found = pairedMetrics(rows, { a, b }, ['accuracy@0.3', 'recall@0.3', 'nonsense']);
  expect(found['log_loss']).toEqual({ value, low, high });
  expect(Object.keys(found)).toEqual([
    ...['log_loss', 'roc_auc', 'pr_auc', 'brier', 'ece', 'accuracy'],
    ...['accuracy@0.3', 'recall@0.3'],
  ]);
  for (const each of Object.values(found)) expect(each.low! <= each.value! && each.value! <= each.high!).toBe(true);
});

it('an interval ends where the range of its metric ends', () => {
  const found = setOfTask(rows, predictions[0], ['recall@0.1']);
  for (const [name, { low, high }] of Object.entries(found.metrics)) {
    expect([name, low! >= 0, name === 'log_loss' || high! <= 1]).toEqual([name, true, true]);
  }
  const ece = factsOf({ task: 'binary', name: 'ece' });
  expect(withinRange(ece, { value: 0.01, low: -0.02, high: 0.04 })).toEqual({ value: 0.01, low: 0, high: 0.04 });
  expect(withinRange(ece, { value: null, low: null, high: null })).toEqual({ value: null, low: null, high: null });
  const bias = factsOf({ task: 'regression', name: 'bias' });
  expect(withinRange(bias, { value: -1, low: -2, high: 3 })).toEqual({ value: -1, low: -2, high: 3 });
});

it('a thinned training curve keeps its ends and its best point', () => {
  const points = Array.from({ length: 300 }, (_, i) => ({
    iteration: i + 1,
    valid: Math.abs(i + 1 - 243) / 100 + 0.4,
  }));
  const kept = thinnedTraining(points).map(({ iteration }) => iteration);
  expect([kept[0], kept.at(-1), kept.includes(243)]).toEqual([1, 300, true]);
  expect(kept.length).toBeLessThanOrEqual(121);
  expect([...kept].sort((a, b) => a - b)).toEqual(kept);
  const unjudged = Array.from({ length: 300 }, (_, i) => ({ iteration: i + 1, train: 1, valid: undefined }));
  expect(thinnedTraining(unjudged)).toHaveLength(120);
});
