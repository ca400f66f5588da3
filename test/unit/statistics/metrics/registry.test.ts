// Every named metric: its name, its value against scikit-learn with and without weights, its rows, and why it has no value.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  METRICS,
  factsOf,
  metricLabel,
  parseMetric,
  rankOfValue,
  type Task,
} from '../../../../src/domain/evaluation/metrics';
import { EvaluationPlan } from '../../../../src/domain/plan/plan';
import { BINARY_METRICS } from '../../../../src/statistics/metrics/binary/evaluate';
import { estimateMetric } from '../../../../src/statistics/metrics/estimate';
import { hasRowValues, prepareMetric, rowMetric } from '../../../../src/statistics/metrics/registry';
import { pickRows, type RowsOf } from '../../../../src/statistics/metrics/rows';
import { EXPECTED, ROWS, expectClose, metricNamed, unweighted } from './expected';

const TASKS = ['binary', 'multiclass', 'regression'] as const;
const THRESHOLDED = ['accuracy', 'precision', 'recall', 'f1', 'balanced_accuracy', 'mcc'];
/** Every metric, with a parameter where one is needed. */
const ALL = TASKS.flatMap((task) =>
  Object.keys(METRICS[task]).map((name) => {
    const needs = { top_k_accuracy: '@2', pinball: '@0.9', coverage_error: '@0.9' }[name] ?? '';
    return [task, `${name}${needs}`] as const;
  }),
);

function valueOf<T extends Task>(task: T, name: string, rows: RowsOf[T]): number {
  return prepareMetric(metricNamed(task, name), rows)(rows.weights);
}

describe('named metrics', () => {
  it.each(TASKS)('equal scikit-learn for a %s task, with weights and without', (task) => {
    const { unweighted: plain, weighted } = EXPECTED[task];
    for (const [expected, rows] of [[plain, unweighted(ROWS[task])] as const, [weighted, ROWS[task]] as const]) {
      const { confusion: _, ...numbers } = expected as Readonly<Record<string, number>>;
      const actual = Object.keys(numbers).map((name) => {
        const asked = task === 'binary' && THRESHOLDED.includes(name) ? `${name}@0.4` : name;
        return [name, valueOf(task, asked, rows)] as const;
      });
      expectClose(Object.fromEntries(actual), numbers);
    }
  });

  it('all have an expected value in the reference', () => {
    const names = TASKS.map((task) => [task, Object.keys(EXPECTED[task].weighted)] as const);
    for (const [task, name] of ALL) {
      expect([task, name, new Map(names).get(task)!.includes(name)]).toEqual([task, name, true]);
    }
  });

  it.each(ALL)('of a %s task: %s stays in its range and counts a row of weight 2 as the row twice', (task, name) => {
    const rows = ROWS[task];
    const n = rows.labels.length;
    const whole = Array.from({ length: n }, (_, i) => (i * 7) % 3);
    const twice = whole.flatMap((times, i) => new Array<number>(times).fill(i));
    const repeated = unweighted(pickRows[task](rows as never, twice));
    const value = valueOf(task, name, { ...rows, weights: whole });
    expect(value).toBeCloseTo(valueOf(task, name, repeated), 10);
    const [min, max] = factsOf(metricNamed(task, name)).range;
    expect(value).toBeGreaterThanOrEqual(min ?? -Infinity);
    expect(value).toBeLessThanOrEqual(max ?? Infinity);
  });

  it.each(ALL)('of a %s task: %s is the mean of its row values where it says so', (task, name) => {
    const metric = metricNamed(task, name);
    expect(hasRowValues(metric)).toBe(factsOf(metric).perRow === metric.name);
    if (!hasRowValues(metric)) {
      expect(() => rowMetric(metric, ROWS[task])).toThrow(`row values: ${metric.name} of a ${task} task; allowed:`);
      return;
    }
    const rows = unweighted(ROWS[task]);
    const values = rowMetric(metric, rows);
    expect(values.reduce((sum, each) => sum + each, 0) / values.length).toBeCloseTo(valueOf(task, name, rows), 12);
  });

  it.each(ALL)('of a %s task: %s does not depend on the order of the rows', (task, name) => {
    const rows = ROWS[task];
    const reversed = Array.from(rows.labels, (_, i) => rows.labels.length - 1 - i);
    const value = valueOf(task, name, pickRows[task](rows as never, reversed));
    expect(value).toBeCloseTo(valueOf(task, name, rows), 12);
  });

  it('are each named in a first column of docs/statistics.md, in the section of the task', () => {
    const sections = readFileSync('docs/statistics.md', 'utf8').split('\n### ');
    for (const task of TASKS) {
      const section = sections.find((text) => text.split('\n')[0]!.includes(`\`${task}\``)) ?? '';
      const rows = section.split('\n').filter((line) => line.startsWith('| `'));
      const named = rows.flatMap((row) => row.split('|')[1]!.match(/(?<=`)[a-z0-9_]+/g) ?? []);
      expect([task, ...named.sort()]).toEqual([task, ...Object.keys(METRICS[task]).sort()]);
    }
  });

  it('are what a plan may ask for of a binary task, in the same directions', () => {
    for (const { name, direction } of Object.values(BINARY_METRICS)) {
      expect(EvaluationPlan.parse({ primary: name }).primary).toBe(name);
      expect(METRICS.binary[name].direction).toBe(direction);
    }
  });
});

describe('the name of a metric', () => {
  it('carries its parameter after @, and falls back to the usual one', () => {
    expect(metricNamed('binary', 'precision')).toEqual({ task: 'binary', name: 'precision', parameter: 0.5 });
    expect(metricLabel(metricNamed('binary', 'precision@0.5'))).toBe('precision');
    expect(metricLabel(metricNamed('regression', 'pinball@0.9'))).toBe('pinball@0.9');
    expect(metricNamed('binary', 'log_loss').parameter).toBeNull();
  });

  it.each([
    ['binary', 'rmse', "'rmse' is no metric of a binary task; allowed: log_loss, roc_auc,"],
    ['binary', 'toString', "'toString' is no metric of a binary task"],
    ['binary', 'precision@0.5@1', "'precision@0.5@1' is no metric"],
    ['binary', 'log_loss@2', "log_loss takes no parameter; allowed: 'log_loss'"],
    [
      'binary',
      'precision@1',
      "'precision@1' has the threshold '1'; allowed: 'precision@' and a number between 0 and 1",
    ],
    ['binary', 'precision@', "'precision@' has the threshold ''"],
    ['regression', 'pinball', "'pinball' lacks its quantile; allowed: 'pinball@' and a number between 0 and 1"],
    ['multiclass', 'top_k_accuracy@1.5', "allowed: 'top_k_accuracy@' and a whole number from 1 to 1000"],
  ] as const)('of a %s task is refused as %s with what is allowed', (task, text, problem) => {
    const parsed = parseMetric(task, text);
    expect(parsed.ok ? 'accepted' : parsed.problem).toContain(problem);
  });

  it('says which way is better', () => {
    const rank = (task: Task, name: string, value: number | null): number =>
      rankOfValue(factsOf(metricNamed(task, name)), value);
    expect(rank('binary', 'log_loss', 0.3)).toBeLessThan(rank('binary', 'log_loss', 0.4));
    expect(rank('binary', 'roc_auc', 0.8)).toBeLessThan(rank('binary', 'roc_auc', 0.7));
    expect(rank('regression', 'bias', -1)).toBeLessThan(rank('regression', 'bias', 2));
    expect(rank('regression', 'r2', null)).toBe(Infinity);
  });
});

describe('a metric without a value', () => {
  const because = <T extends Task>(task: T, name: string, rows: RowsOf[T]): unknown => {
    const { value, low, high, undefinedBecause } = estimateMetric(metricNamed(task, name), rows);
    expect([low, high]).toEqual([null, null]);
    return [value, undefinedBecause];
  };
  const classes = (values: readonly number[]): { values: readonly number[]; classes: number } => ({
    values,
    classes: 3,
  });

  it.each(ALL)('of a %s task: %s says why without rows, without weight and with a NaN prediction', (task, name) => {
    const rows: RowsOf[Task] = ROWS[task];
    expect(because(task, name, pickRows[task](rows as never, []))).toEqual([null, 'no_rows']);
    const weights = new Float64Array(rows.labels.length);
    expect(because(task, name, { ...rows, weights })).toEqual([null, 'no_weight']);
    const two = { labels: [0, 1], probabilities: [0.5, NaN], predictions: [0.5, NaN] };
    const withNaN = { ...two, probabilities: classes([0.1, 0.2, 0.7, NaN, 0.3, 0.3]) };
    const asked = task === 'multiclass' ? withNaN : two;
    expect(because(task, name, asked as never)).toEqual([null, 'missing_prediction']);
  });

  it.each([
    ['roc_auc', [1, 1], [0.2, 0.7], 'one_class'],
    ['pr_auc', [0, 0], [0.2, 0.7], 'no_positive_rows'],
    ['recall', [0, 0], [0.2, 0.7], 'no_positive_rows'],
    ['precision', [0, 1], [0.2, 0.3], 'no_positive_answers'],
    ['f1', [0, 0], [0.2, 0.3], 'neither'],
    ['balanced_accuracy', [1, 1], [0.2, 0.7], 'one_class'],
    ['mcc', [0, 1], [0.2, 0.3], 'one_value'],
  ] as const)('says why: %s of labels %j and probabilities %j', (name, labels, probabilities, reason) => {
    expect(because('binary', name, { labels, probabilities })).toEqual([null, reason]);
  });

  it('says why when labels allow no regression metric or a class has no rows', () => {
    expect(because('regression', 'r2', { labels: [3, 3], predictions: [3, 3] })).toEqual([null, 'constant_labels']);
    expect(because('regression', 'r2', { labels: [3], predictions: [2] })).toEqual([null, 'constant_labels']);
    expect(because('regression', 'mape', { labels: [0, 3], predictions: [1, 3] })).toEqual([null, 'zero_label']);
    const infinite = { labels: [1, 3], predictions: [Infinity, 3] };
    expect(because('regression', 'rmse', infinite)).toEqual([null, 'not_finite']);
    expect(because('regression', 'r2', infinite)).toEqual([null, 'not_finite']);
    const rows = { labels: [0, 1, 1], probabilities: classes([0.6, 0.3, 0.1, 0.2, 0.6, 0.2, 0.5, 0.4, 0.1]) };
    expect(because('multiclass', 'roc_auc_macro', rows)).toEqual([null, 'class_without_rows']);
    expect(estimateMetric(metricNamed('multiclass', 'roc_auc_weighted'), rows).value).toBe(1);
    const ofOne = { ...rows, labels: [1, 1, 1] };
    expect(because('multiclass', 'roc_auc_weighted', ofOne)).toEqual([null, 'one_class']);
  });

  it.each(ALL)('of a %s task: %s refuses labels that are not its own, and bad weights', (task, name) => {
    const rows: RowsOf[Task] = ROWS[task];
    const labels = Array.from(rows.labels, (label, i) => (i === 3 ? NaN : label));
    const metric = metricNamed(task, name);
    expect(() => prepareMetric(metric, { ...rows, labels })(undefined)).toThrow('row 3 has label NaN; allowed:');
    const weights = Array.from(rows.labels, (_, i) => (i === 5 ? -1 : 1));
    expect(() => prepareMetric(metric, rows)(weights)).toThrow(
      'row 5 has weight -1; allowed: a finite number of at least 0',
    );
    expect(() => prepareMetric(metric, rows)([1])).toThrow('weights 1');
  });
});

describe('weights', () => {
  it('of 0 make rows absent, wherever they are', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ALL), fc.integer({ min: 0, max: 2 ** 30 }), ([task, name], bits) => {
        const rows: RowsOf[Task] = ROWS[task];
        const isKept = (i: number): boolean => ((bits >> (i % 30)) & 1) === 1 || i % 4 === 0;
        const kept = Array.from(rows.labels, (_, i) => i).filter(isKept);
        const weights = Array.from(rows.labels, (_, i) => (isKept(i) ? rows.weights![i]! : 0));
        const without = valueOf(task, name, pickRows[task](rows as never, kept));
        expect(valueOf(task, name, { ...rows, weights })).toBeCloseTo(without, 10);
      }),
      { numRuns: 60 },
    );
  });
});
