// `evaluation.weighted`: a row of weight 2 is judged as the row twice, a row of weight 0 as none, in every number that a decision rests on.
import type { Judged } from '../../../src/activities/judging/compare';
import { judgeAll, type Case } from '../../../src/activities/judging/judge';
import { baseRateOf, measure } from '../../../src/activities/evaluation/measure';
import { pairedMetrics } from '../../../src/activities/evaluation/paired-metrics';
import type { JudgedRows } from '../../../src/activities/evaluation/rows';
import { evaluationProblems } from '../../../src/definition/checks/evaluation-checks';
import { planDigest } from '../../../src/definition/digest';
import type { Estimate, Measures } from '../../../src/domain/evaluation/evaluation';
import type { LabelStatistics, Target, Task } from '../../../src/domain/evaluation/task';
import type { ModelVersion } from '../../../src/domain/lifecycle/registry';
import { EvaluationPlan, ModelPlan } from '../../../src/domain/plan/plan';
import { randomNumbers } from '../../../src/domain/random';
import tiny from '../../models/tiny/model';

const DAYS = 16;
const PER_DAY = 40;
/** The rows of this day weigh nothing. */
const EMPTY_DAY = 103;

interface Row {
  readonly day: number;
  readonly label: number;
  readonly weight: number;
  readonly kind: string;
  /** By version. */
  readonly predictions: readonly (readonly number[])[];
}

const TARGETS: Readonly<Record<Task, Target>> = {
  binary: { task: 'binary' },
  multiclass: { task: 'multiclass', classes: ['a', 'b', 'c'] },
  regression: { task: 'regression' },
};
const TRAINED: Readonly<Record<Task, LabelStatistics | undefined>> = {
  binary: undefined,
  multiclass: { shares: [0.5, 0.3, 0.2] },
  regression: { mean: 1, variance: 2 },
};

function predictionOf(task: Task, label: number, noise: () => number): number[] {
  if (task === 'binary') return [Math.fround(0.2 + 0.5 * label + 0.3 * (noise() - 0.5))];
  if (task === 'regression') return [Math.fround(label + 2 * (noise() - 0.5))];
  const scores = [0, 1, 2].map((k) => 0.2 + (k === label ? 1 : 0) + noise());
  const sum = scores.reduce((a, b) => a + b, 0);
  return scores.map((score) => Math.fround(score / sum));
}

function rowsOfTask(task: Task): Row[] {
  const random = randomNumbers(11);
  const noises = [1, 2].map((seed) => randomNumbers(seed));
  return Array.from({ length: DAYS * PER_DAY }, (_, i): Row => {
    const day = 100 + Math.floor(i / PER_DAY);
    const label =
      task === 'regression' ? Math.fround(3 * random()) : Math.floor((task === 'binary' ? 2 : 3) * random());
    const weight = day === EMPTY_DAY ? 0 : Math.floor(4 * random());
    return {
      ...{ day, label, weight, kind: i % 3 === 0 ? 'x' : 'y' },
      predictions: noises.map((noise) => predictionOf(task, label, noise)),
    };
  });
}

interface Made {
  readonly measures: readonly Measures[];
  readonly gates: ReturnType<typeof judgeAll>;
  readonly paired: Record<string, Estimate>;
}

/** Judges version 2 against the champion 1 on these rows. */
function judge(task: Task, rows: readonly Row[], isWeighted: boolean): Made {
  const fairness =
    task === 'binary' ? [{ column: 'kind', metric: 'selection_rate', maxGap: 0.5, minRows: 30 } as const] : [];
  const evaluation = EvaluationPlan.parse({
    primary: task === 'regression' ? 'rmse' : 'log_loss',
    ...{ slices: ['kind'], sliceMinRows: 30, fairness, superiority: { minRows: 100 } },
    ...(isWeighted && { weighted: true }),
  });
  const plan: ModelPlan = { ...tiny.plan, task, evaluation };
  const weights = Float32Array.from(rows, ({ weight }) => weight);
  const set: JudgedRows = {
    rows: rows.length,
    labels: Float32Array.from(rows, ({ label }) => label),
    days: Int32Array.from(rows, ({ day }) => day),
    category: (name) => (name === 'kind' ? rows.map(({ kind }) => kind) : null),
    ...{ target: TARGETS[task], trained: TRAINED[task] },
    ...(isWeighted && { weights }),
  };
  const sets = { holdout: set, truth: set };
  const judged = [0, 1].map((version): Judged => {
    const values = Float32Array.from(rows.flatMap(({ predictions }) => predictions[version]!));
    const predictions = { holdout: values, truth: values };
    const contender = version === 0 ? 'main' : 'other';
    const measures = {
      ...{ version: version + 1, contender, snapshot: 's' },
      ...measure(plan, sets, predictions),
      baseRate: baseRateOf(set, sets),
    };
    return { version: { version: version + 1, contender } as ModelVersion, predictions, measures };
  });
  const [champion, candidate] = judged as [Judged, Judged];
  const input: Case = {
    ...{ plan, rows: sets, holdoutFrom: 100, holdoutDays: DAYS, look: { number: 1, of: 8 } },
    champion: { ...champion, epoch: 1, trainedTo: 99 },
    candidates: [candidate],
  };
  const both = { a: champion.predictions.holdout, b: candidate.predictions.holdout };
  return {
    measures: judged.map(({ measures }) => measures),
    gates: judgeAll(input),
    paired: pairedMetrics(set, both, []),
  };
}

const repeated = (rows: readonly Row[]): Row[] =>
  rows.flatMap((row) => Array.from({ length: row.weight }, () => ({ ...row, weight: 1 })));

describe.each(Object.keys(TARGETS) as Task[])('evaluation.weighted of a %s task', (task) => {
  const rows = rowsOfTask(task);
  const weighted = judge(task, rows, true);
  const expanded = judge(task, repeated(rows), false);
  const close = (found: number | null | undefined, expected: number | null | undefined): void => {
    expect(found).not.toBeNull();
    expect(found!).toBeCloseTo(expected!, 7);
  };

  it('measures as if rows of weight 2 were there twice', () => {
    weighted.measures.forEach((measures, version) => {
      const other = expanded.measures[version]!;
      for (const [name, { value }] of Object.entries(other.holdout.metrics))
        close(measures.holdout.metrics[name]?.value, value);
      expect(Object.keys(measures.holdout.metrics)).toEqual(Object.keys(other.holdout.metrics));
      measures.slices.forEach(({ value, logLoss }, i) => {
        expect(value).toBe(other.slices[i]!.value);
        close(logLoss.value, other.slices[i]!.logLoss.value);
      });
      expect(measures.slices).toHaveLength(2);
      if (task === 'regression') close(measures.holdout.labels!.variance, other.holdout.labels!.variance);
    });
  });

  it('counts rows and days that have a weight, each once', () => {
    const { holdout } = weighted.measures[0]!;
    expect(holdout.n).toBe(rows.filter(({ weight }) => weight > 0).length);
    expect(holdout.days).toBe(DAYS - 1);
    if (task === 'binary')
      expect(holdout.positives).toBe(rows.filter(({ label, weight }) => label === 1 && weight > 0).length);
  });

  it('judges differences, slices and groups with the same p and the same intervals by day', () => {
    const [found] = weighted.gates;
    const [other] = expanded.gates;
    expect(found!.gates.map(({ gate }) => gate)).toEqual(other!.gates.map(({ gate }) => gate));
    found!.gates.forEach((gate, i) => {
      const same = other!.gates[i]!;
      if (/^min-rows/.test(gate.gate)) return;
      if (gate.gate === 'base-rate' && task !== 'regression') return close(gate.value, same.value);
      if (same.value === null) return expect(gate.value).toBeNull();
      close(gate.value, same.value);
      if (same.low !== null) close(gate.low, same.low);
      if (same.test?.p != null) close(gate.test!.p, same.test.p);
    });
    for (const [name, { value, low }] of Object.entries(expanded.paired)) {
      close(weighted.paired[name]!.value, value);
      close(weighted.paired[name]!.low, low);
    }
  });

  it('compares with the constant that the weighted training rows know', () => {
    const [of, other] = [weighted.measures[0]!.baseRate, expanded.measures[0]!.baseRate];
    if (task === 'binary') return close(of.rate, other.rate);
    const [total, sum] = rows.reduce(([w, s], { weight, label }) => [w + weight, s + weight * label], [0, 0]);
    if (task === 'regression') expect((of.labels as { mean: number }).mean).toBeCloseTo(sum / total, 6);
    else expect((of.labels as { shares: number[] }).shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  });

  it('has no number where no row has a weight, and passes no gate with it', () => {
    const none = judge(
      task,
      rows.map((row) => ({ ...row, weight: 0 })),
      true,
    );
    expect(none.measures[1]!.holdout.n).toBe(0);
    expect(Object.values(none.measures[1]!.holdout.metrics).every(({ value }) => value === null)).toBe(true);
    expect(none.gates[0]!.passed).toBe(false);
  });
});

it('is refused without label.weight, and leaves the digest of plans that do not have it as it was', () => {
  const evaluation = { ...tiny.plan.evaluation, weighted: true };
  expect(evaluationProblems({ ...tiny.plan, evaluation })).toEqual([
    {
      path: 'evaluation.weighted',
      found: 'true without label.weight',
      allowed: 'false, or a label.weight that says how much a row counts',
    },
  ]);
  const label = { ...tiny.plan.label, weight: '1 + delay' };
  expect(evaluationProblems({ ...tiny.plan, label, evaluation })).toEqual([]);
  expect(Object.keys(EvaluationPlan.parse({}))).not.toContain('weighted');
  expect(planDigest(ModelPlan.parse(tiny.plan))).toBe(planDigest(tiny.plan));
});
