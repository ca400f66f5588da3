// Gaps between groups: equal to the fairness metrics that are checked against fairlearn, with intervals by day, and small groups named.
import type { FairnessMetric } from '../../../src/domain/plan/evaluation-plan';
import { fairnessBetween } from '../../../src/statistics/metrics/fairness';
import { groupGap, groupGapIncrease } from '../../../src/statistics/metrics/group-gap';
import { randomNumbers } from '../../../src/domain/random';
import { accuracy } from '../../../src/statistics/metrics/binary/probabilities';
import { rocAuc } from '../../../src/statistics/metrics/binary/ranking';
import { clusterInterval } from '../../../src/statistics/significance/cluster-intervals';
import { pairedMetricInterval } from '../../../src/statistics/significance/paired-metrics';

const random = randomNumbers(7);
const N = 900;
const rowNumbers = Array.from({ length: N }, (_, i) => i);
const days = rowNumbers.map((i) => Math.floor(i / 60));
const groups = rowNumbers.map((i) => (i % 90 === 0 ? null : ['a', 'b', 'c'][Math.floor(3 * random())]!));
const labels = rowNumbers.map((i) => (random() < (groups[i] === 'a' ? 0.5 : 0.3) ? 1 : 0));
const model = rowNumbers.map((i) =>
  Math.min(1, Math.max(0, 0.3 * labels[i]! + (groups[i] === 'a' ? 0.9 : 0.7) * random())),
);
const other = rowNumbers.map((i) => Math.min(1, Math.max(0, 0.4 * labels[i]! + 0.6 * random())));
const rows = { labels, groups, days };
const options = (metric: FairnessMetric) => ({ metric, threshold: 0.5, minRows: 30 });

it('are those of the fairness report, for every rate', () => {
  const report = fairnessBetween({ labels, probabilities: model }, groups, { minRows: 30, clusters: days });
  const gaps = {
    selection_rate: report.selectionRate.gap,
    true_positive_rate: report.truePositiveRate.gap,
    false_positive_rate: report.falsePositiveRate.gap,
    equalized_odds: report.equalizedOdds,
    accuracy: report.accuracy.gap,
  };
  for (const [metric, gap] of Object.entries(gaps) as [FairnessMetric, typeof report.equalizedOdds][]) {
    const found = groupGap(rows, model, options(metric));
    expect(found.value).toBeCloseTo(gap.value!, 12);
    expect([found.lowest, found.highest, found.groups]).toEqual([gap.lowest, gap.highest, gap.groups]);
    expect(found.low <= found.value && found.value <= found.high).toBe(true);
  }
});

it('names groups with too few rows behind their rate, and has no value with fewer than two others', () => {
  const found = groupGap(rows, model, options('selection_rate'));
  expect(found.tooSmall).toEqual([{ group: null, n: 10 }]);
  expect(found.n).toBe(N - 10);
  expect(groupGap(rows, model, { ...options('selection_rate'), minRows: 400 })).toMatchObject({
    value: NaN,
    lowest: null,
  });
});

it('of two models differ by the difference of their gaps, which is 0 for one model', () => {
  const increase = groupGapIncrease(rows, { a: other, b: model }, options('accuracy'));
  const gap = (of: readonly number[]) => groupGap(rows, of, options('accuracy')).value;
  expect(increase.value).toBeCloseTo(gap(model) - gap(other), 12);
  expect(groupGapIncrease(rows, { a: model, b: model }, options('accuracy'))).toMatchObject({
    value: 0,
    low: 0,
    high: 0,
  });
});

describe('the paired difference in a metric', () => {
  it('is the difference of both values, with the jackknife’s interval by day', () => {
    const found = pairedMetricInterval(rocAuc, labels, { a: other, b: model }, days);
    expect(found.value).toBeCloseTo(rocAuc(labels, model) - rocAuc(labels, other), 12);
    expect([found.n, found.clusters]).toEqual([N, 15]);
    // Against a model that is always right the difference is the other's own value, turned round.
    const perfect = pairedMetricInterval(accuracy, labels, { a: labels, b: model }, days);
    const own = clusterInterval(accuracy, labels, model, days);
    expect([perfect.low + 1, perfect.high + 1].map((each) => each.toFixed(12))).toEqual(
      [own.low, own.high].map((each) => each.toFixed(12)),
    );
  });

  it('has no bounds on a single day', () => {
    expect(pairedMetricInterval(rocAuc, [0, 1], { a: [0.1, 0.2], b: [0.2, 0.3] }, [1, 1]).low).toBeNaN();
  });
});
