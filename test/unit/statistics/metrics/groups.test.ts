// Metrics by slice and gaps between groups: minimum rows, methods of intervals, and fairness against fairlearn.
import { estimateMetric } from '../../../../src/statistics/metrics/estimate';
import { fairnessBetween } from '../../../../src/statistics/metrics/fairness';
import { gapBetween } from '../../../../src/statistics/metrics/gaps';
import { delongInterval } from '../../../../src/statistics/metrics/intervals/roc-auc';
import { pickRows } from '../../../../src/statistics/metrics/rows';
import { sliceMetric } from '../../../../src/statistics/metrics/slices';
import { EXPECTED, ROWS, expectClose, metricNamed, unweighted } from './expected';

const { groups, days } = EXPECTED.binary.rows;
const binary = unweighted(ROWS.binary);
const logLoss = metricNamed('binary', 'log_loss');

describe('a metric with its interval', () => {
  it.each([
    ['accuracy', 'wilson', 'cluster-t', 'cluster-t'],
    ['precision@0.4', 'wilson', 'cluster-jackknife', 'bootstrap-percentile'],
    ['recall@0.4', 'wilson', 'cluster-jackknife', 'bootstrap-percentile'],
    ['log_loss', 'cluster-t', 'cluster-t', 'cluster-t'],
    ['roc_auc', 'delong', 'cluster-jackknife', 'bootstrap-percentile'],
    ['f1@0.4', 'bootstrap-percentile', 'cluster-jackknife', 'bootstrap-percentile'],
  ])('of %s: %s for independent rows, %s by day, %s with weights', (name, plain, byDay, weighted) => {
    const metric = metricNamed('binary', name);
    const found = [
      estimateMetric(metric, binary),
      estimateMetric(metric, binary, { clusters: days }),
      estimateMetric(metric, ROWS.binary),
    ];
    expect(found.map(({ method }) => method)).toEqual([plain, byDay, weighted]);
    for (const { metric: label, value, low, high, level, n, seed, method } of found) {
      expect([label, n, level, seed]).toEqual([name, 240, 0.95, method.startsWith('bootstrap') ? 1 : null]);
      expect(low).toBeLessThan(value!);
      expect(high).toBeGreaterThan(value!);
    }
    expect(found.map(({ clusters }) => clusters)).toEqual([null, 12, null]);
  });

  it('of a regression and of several classes too', () => {
    const rmse = estimateMetric(metricNamed('regression', 'rmse'), ROWS.regression, { level: 0.8, seed: 4 });
    expect([rmse.method, rmse.seed, rmse.level, rmse.low! < rmse.value!]).toEqual([
      'bootstrap-percentile',
      4,
      0.8,
      true,
    ]);
    const top2 = estimateMetric(metricNamed('multiclass', 'top_k_accuracy@2'), unweighted(ROWS.multiclass));
    expect([top2.metric, top2.method]).toEqual(['top_k_accuracy@2', 'wilson']);
    const macro = estimateMetric(metricNamed('multiclass', 'roc_auc_macro'), unweighted(ROWS.multiclass));
    expect(macro.method).toBe('bootstrap-percentile');
  });

  it('is JSON', () => {
    const found = estimateMetric(metricNamed('binary', 'roc_auc'), { labels: [1], probabilities: [0.2] });
    expect(JSON.parse(JSON.stringify(found))).toEqual(found);
    expect(found).toMatchObject({ value: null, low: null, high: null, undefinedBecause: 'one_class' });
  });
});

describe('a metric by slice', () => {
  it('is the metric of the slice alone, most rows first, and names slices that are too small', () => {
    const slices = groups.map((group, i) => (i < 5 ? null : i < 12 ? 'tiny' : group));
    const found = sliceMetric(logLoss, binary, slices, { minRows: 6, clusters: days });
    expect(found.tooSmall).toEqual([{ slice: null, n: 5 }]);
    expect(found.slices.map(({ slice }) => slice)).toEqual(['a', 'b', 'c', 'tiny']);
    for (const { slice, ...estimate } of found.slices) {
      const rows = [...slices.keys()].filter((row) => slices[row] === slice);
      const own = pickRows.binary(binary, rows);
      expect(estimate).toEqual(estimateMetric(logLoss, own, { clusters: rows.map((row) => days[row]!) }));
    }
    expect(found.slices.reduce((sum, { n }) => sum + n, 5)).toBe(240);
  });

  it('says why it has no value on one slice', () => {
    const rows = { labels: [1, 1, 0, 1], probabilities: [0.3, 0.4, 0.1, 0.9] };
    const found = sliceMetric(metricNamed('binary', 'roc_auc'), rows, ['x', 'x', 'y', 'y'], { minRows: 1 });
    expect(found.slices.map(({ value, undefinedBecause }) => [value, undefinedBecause])).toEqual([
      [null, 'one_class'],
      [1, null],
    ]);
  });

  it('refuses other numbers of slices or clusters than rows, and a minimum below 1', () => {
    expect(() => sliceMetric(logLoss, binary, ['a'], { minRows: 1 })).toThrow('rows 240, groups 1');
    expect(() => sliceMetric(logLoss, binary, groups, { minRows: 1, clusters: [1] })).toThrow('clusters 1');
    expect(() => sliceMetric(logLoss, binary, groups, { minRows: 0 })).toThrow('minRows 0; allowed: at least 1');
  });
});

describe('fairness between groups', () => {
  it('equals fairlearn, with weights and without', () => {
    for (const [rows, expected] of [
      [binary, EXPECTED.fairness.unweighted] as const,
      [ROWS.binary, EXPECTED.fairness.weighted] as const,
    ]) {
      const found = fairnessBetween(rows, groups, { threshold: 0.4, minRows: 5 });
      const actual = {
        demographic_parity_difference: found.selectionRate.gap.value!,
        demographic_parity_ratio: found.selectionRate.gap.ratio!,
        equal_opportunity_difference: found.truePositiveRate.gap.value!,
        equalized_odds_difference: found.equalizedOdds.value!,
        accuracy_difference: found.accuracy.gap.value!,
        roc_auc_difference: found.rocAuc.gap.value!,
      };
      expectClose(actual, expected);
    }
  });

  it("has Newcombe's interval of two shares, as statsmodels", () => {
    const { gap } = fairnessBetween(binary, groups, { threshold: 0.4, minRows: 5 }).selectionRate;
    const [low, high] = EXPECTED.fairness.selection_rate_newcombe;
    expectClose({ low: gap.low!, high: gap.high! }, { low, high });
  });

  it('takes days and weights into account in intervals of rates, not in the rates', () => {
    const plain = fairnessBetween(binary, groups, { minRows: 5 }).selectionRate;
    const byDay = fairnessBetween(binary, groups, { minRows: 5, clusters: days }).selectionRate;
    expect(byDay.gap.value).toBeCloseTo(plain.gap.value!, 12);
    expect(byDay.gap.low).not.toBe(plain.gap.low);
  });

  it('leaves a rate of a group out when too few rows are behind it, and says so', () => {
    const rows = { labels: [1, 0, 0, 0, 1, 1, 0, 0], probabilities: [0.9, 0.2, 0.6, 0.1, 0.7, 0.2, 0.3, 0.8] };
    const found = fairnessBetween(rows, ['x', 'x', 'x', 'x', 'y', 'y', 'y', 'y'], { minRows: 2 });
    expect(found.truePositiveRate.tooSmall).toEqual([{ slice: 'x', n: 1 }]);
    expect(found.truePositiveRate.gap).toMatchObject({ value: null, groups: 1, low: null, high: null });
    expect(found.equalizedOdds.value).toBeNull();
    expect(found.selectionRate.gap).toMatchObject({ value: 0, ratio: 1, groups: 2 });
    expect(found.falsePositiveRate.gap.value).toBeCloseTo(1 / 2 - 1 / 3, 14);
    expect(found.falsePositiveRate.gap).toMatchObject({ lowest: 'x', highest: 'y' });
  });

  it('refuses NaN probabilities and groups that do not fit', () => {
    expect(() => fairnessBetween({ labels: [1], probabilities: [NaN] }, ['x'], { minRows: 1 })).toThrow('NaN');
    expect(() => fairnessBetween(binary, ['x'], { minRows: 1 })).toThrow('rows 240, groups 1');
    expect(() => fairnessBetween(binary, groups, { minRows: 0 })).toThrow('minRows 0');
  });
});

describe('the gap between groups', () => {
  const group = (slice: string, value: number | null, low: number | null, high: number | null) => ({
    ...{ slice, value, low, high },
    n: 9,
  });

  it('is between the best and the worst known number, its interval from their nearer and further bounds', () => {
    const gap = gapBetween([group('a', 0.5, 0.4, 0.6), group('b', null, null, null), group('c', 0.8, 0.5, 0.9)]);
    expect(gap).toMatchObject({ lowest: 'a', highest: 'c', groups: 2 });
    expectClose(
      { value: gap.value!, ratio: gap.ratio!, low: gap.low!, high: gap.high! },
      { value: 0.3, ratio: 0.625, low: 0.3 - Math.hypot(0.3, 0.1), high: 0.3 + Math.hypot(0.1, 0.1) },
    );
  });

  it('has no interval without both, and no ratio to 0', () => {
    expect(gapBetween([group('a', 0, null, null), group('b', 0, 0, 1)])).toMatchObject({
      ...{ value: 0, ratio: null, low: null, high: null },
    });
    expect(gapBetween([])).toMatchObject({ value: null, groups: 0 });
  });

  it('of two ROC AUCs has the interval of independent DeLong variances', () => {
    const found = fairnessBetween(
      binary,
      groups.map((name) => (name === 'c' ? 'b' : name)),
      { minRows: 5 },
    );
    const [a, b] = ['a', 'b'].map((name) => {
      const rows = [...groups.keys()].filter((row) => (groups[row] === 'a') === (name === 'a'));
      const own = pickRows.binary(binary, rows);
      return delongInterval(own.labels, own.probabilities);
    });
    const halfWidth = Math.hypot(a!.high - a!.value, b!.high - b!.value);
    expect(found.rocAuc.gap.high! - found.rocAuc.gap.value!).toBeCloseTo(halfWidth, 12);
  });
});
