// Decisions of models that predict one of several classes, or a number: the same rules as of two classes, on their own losses and metrics.
import type { Judged } from '../../../src/activities/judging/compare';
import { decide, judgeAll, type Case } from '../../../src/activities/judging/judge';
import { baseRateOf, measure } from '../../../src/activities/evaluation/measure';
import { pairedMetrics } from '../../../src/activities/evaluation/paired-metrics';
import type { JudgedRows } from '../../../src/activities/evaluation/rows';
import { requireSameTarget } from '../../../src/activities/evaluation/same-target';
import { EvaluationPlan, type ModelPlan } from '../../../src/domain/plan/plan';
import { randomNumbers } from '../../../src/domain/random';
import type { ModelVersion } from '../../../src/domain/lifecycle/registry';
import type { LabelStatistics, Target } from '../../../src/domain/evaluation/task';
import tiny from '../../models/tiny/model';

const DAYS = 14;
const PER_DAY = 60;
const ROWS = DAYS * PER_DAY;
const about = { model: 'tiny', cycle: 'c', logicalTime: '2013-03-04', snapshot: 's', definitionDigest: 'd' };

function planOf(target: Target, change: Parameters<typeof EvaluationPlan.parse>[0] = {}): ModelPlan {
  const primary = target.task === 'regression' ? 'rmse' : 'log_loss';
  const evaluation = EvaluationPlan.parse({
    primary,
    superiority: { minRows: 100 },
    slices: ['kind'],
    ...(change as object),
  });
  const label = { ...tiny.plan.label, ...(target.classes && { classes: [...target.classes] }) };
  const snapshot = { ...tiny.plan.snapshot, minHoldoutRows: 100, minTruthRows: 100 };
  return { ...tiny.plan, task: target.task, label, evaluation, snapshot };
}

function rowsOf(
  target: Target,
  labels: Float32Array,
  trained: LabelStatistics,
): Record<'holdout' | 'truth', JudgedRows> {
  const set: JudgedRows = {
    rows: ROWS,
    labels,
    target,
    trained,
    days: Int32Array.from({ length: ROWS }, (_, row) => 100 + Math.floor(row / PER_DAY)),
    category: (name) =>
      name === 'kind' ? Array.from({ length: ROWS }, (_, row) => (row % 2 === 0 ? 'a' : 'b')) : null,
  };
  return { holdout: set, truth: set };
}

type Rows = ReturnType<typeof rowsOf>;

function judged(number: number, contender: string, plan: ModelPlan, rows: Rows, values: Float32Array): Judged {
  const predictions = { holdout: values, truth: values };
  const measures = {
    ...{ version: number, contender, snapshot: 's' },
    ...measure(plan, rows, predictions),
    baseRate: baseRateOf({ labels: rows.holdout.labels }, rows),
  };
  return { version: { version: number, contender } as ModelVersion, predictions, measures };
}

function caseOf(plan: ModelPlan, rows: Rows, champion: Judged, candidates: readonly Judged[]): Case {
  return {
    ...{ plan, rows, holdoutFrom: 100, holdoutDays: DAYS, candidates, look: { number: 1, of: 8 } },
    champion: { ...champion, epoch: 3, trainedTo: 99 },
  };
}

describe('a regression', () => {
  const target: Target = { task: 'regression' };

  /** The same rows and versions in a unit of the label; noise by version. */
  function inUnit(unit: number): {
    plan: ModelPlan;
    rows: Rows;
    judge: (noise: number, number: number, contender: string) => Judged;
  } {
    const random = randomNumbers(3);
    const truths = Array.from({ length: ROWS }, () => 50 + 20 * (random() - 0.5));
    const labels = Float32Array.from(truths, (truth) => truth * unit);
    const mean = labels.reduce((sum, label) => sum + label, 0) / ROWS;
    const variance = labels.reduce((sum, label) => sum + (label - mean) ** 2, 0) / ROWS;
    const rows = rowsOf(target, labels, { mean, variance });
    const plan = planOf(target);
    const judge = (noise: number, number: number, contender: string): Judged => {
      const own = randomNumbers(number);
      const values = Float32Array.from(truths, (truth) => (truth + noise * (own() - 0.5)) * unit);
      return judged(number, contender, plan, rows, values);
    };
    return { plan, rows, judge };
  }

  it('has its own metrics, and a loss that is a share of the variance of the training labels', () => {
    const { judge } = inUnit(1);
    const { task, holdout, baseRate, slices } = judge(6, 1, 'main').measures;
    expect([task, Object.keys(holdout.metrics)]).toEqual([
      'regression',
      ['rmse', 'mae', 'median_absolute_error', 'r2', 'bias'],
    ]);
    expect(holdout.positives).toBeUndefined();
    expect(baseRate.holdoutLogLoss).toBeCloseTo(1, 9);
    expect(holdout.rowLoss!.value).toBeCloseTo(holdout.metrics['rmse']!.value! ** 2 / holdout.labels!.variance, 9);
    expect(holdout.rowLoss!.value).toBeCloseTo(1 - holdout.metrics['r2']!.value!, 6);
    expect(slices.map(({ value, n }) => [value, n])).toEqual([
      ['a', ROWS / 2],
      ['b', ROWS / 2],
    ]);
    expect(slices[0]!.logLoss.low! < slices[0]!.logLoss.value!).toBe(true);
  });

  it('promotes a contender that is better with evidence, with the same numbers in any unit of the label', () => {
    const [metres, millimetres] = [1, 1024].map((unit) => {
      const { plan, rows, judge } = inUnit(unit);
      return decide(caseOf(plan, rows, judge(8, 1, 'main'), [judge(7.9, 2, 'main'), judge(2, 3, 'flat')]), about);
    }) as [ReturnType<typeof decide>, ReturnType<typeof decide>];
    expect(metres.proposed).toEqual({ version: 3, contender: 'flat', kind: 'switch' });
    expect(metres.candidates[0]!.passed).toBe(true);
    for (const [at, { gates }] of metres.candidates.entries()) {
      for (const [index, gate] of gates.entries()) {
        const other = millimetres.candidates[at]!.gates[index]!;
        expect([other.gate, other.passed]).toEqual([gate.gate, gate.passed]);
        if (gate.value !== null) expect(other.value).toBeCloseTo(gate.value, 6);
      }
    }
    const words = metres.candidates.flatMap(({ gates }) => gates.map(({ explanation }) => explanation)).join('\n');
    expect(words).toContain('scaled squared error against always predicting the training mean');
    expect(words).toContain('scaled squared error minus that of the champion');
    expect(words).not.toContain('log loss');
  });

  it('fails a version that is no better than the training mean, and one whose loss is unknown', () => {
    const { plan, rows, judge } = inUnit(1);
    const failed = (candidate: Judged) =>
      judgeAll({ ...caseOf(plan, rows, candidate, [candidate]), champion: null })[0]!.gates.filter(
        ({ passed }) => !passed,
      );
    expect(failed(judge(60, 2, 'main')).map(({ gate }) => gate)).toEqual(['base-rate', 'base-rate']);
    const constant = {
      holdout: { ...rows.holdout, trained: { mean: 50, variance: 0 } },
      truth: { ...rows.truth, trained: { mean: 50, variance: 0 } },
    };
    const unknown = judged(4, 'main', plan, constant, rows.holdout.labels);
    expect(unknown.measures.holdout.rowLoss!.value).toBeNull();
    expect(failed(unknown).map(({ gate, value }) => [gate, value])).toEqual([
      ['base-rate', null],
      ['base-rate', null],
    ]);
  });

  it('is ranked and bound by any metric of its task, and refuses nothing that a version is good at', () => {
    const { rows, judge } = inUnit(1);
    const gates = [
      { metric: 'bias', on: 'holdout', min: -0.5, max: 0.5 },
      { metric: 'pinball@0.9', on: 'truth', max: 100 },
      { metric: 'log_loss', on: 'holdout', max: 100 },
    ];
    const plan = planOf(target, { primary: 'mae', gates });
    const candidate = judged(2, 'main', plan, rows, judge(5, 2, 'main').predictions.holdout);
    expect(candidate.measures.holdout.metrics['pinball@0.9']!.value).toBeGreaterThan(0);
    const [judgement] = judgeAll({ ...caseOf(plan, rows, candidate, [candidate]), champion: null });
    const found = judgement!.gates
      .filter(({ gate }) => /bias|pinball|log_loss/.test(gate))
      .map(({ gate, passed }) => [gate, passed]);
    expect(found).toEqual([
      ['bias-min', true],
      ['bias-max', true],
      ['pinball@0.9-max', true],
      ['log_loss-max', false],
    ]);
  });
});

describe('several classes', () => {
  const classes = ['low', 'middle', 'high'];
  const target: Target = { task: 'multiclass', classes };
  const random = randomNumbers(5);
  const labels = Float32Array.from({ length: ROWS }, () => Math.min(2, Math.floor(random() * 4)));
  const shares = [0.25, 0.25, 0.5];
  const rows = rowsOf(target, labels, { shares });
  const plan = planOf(target);

  /** Probability `right` for the true class (in a mean, with noise), the rest for the others. */
  function version(number: number, contender: string, right: number): Judged {
    const own = randomNumbers(number);
    const values = new Float32Array(ROWS * 3);
    labels.forEach((label, row) => {
      const p = Math.min(0.95, Math.max(0.05, right + 0.3 * (own() - 0.5)));
      for (let k = 0; k < 3; k++) values[row * 3 + k] = k === label ? p : (1 - p) / 2;
    });
    return judged(number, contender, plan, rows, values);
  }

  it('have their own metrics, the rows of each class, and the shares of training as what has to be beaten', () => {
    const { holdout, baseRate, classes: names } = version(1, 'main', 0.6).measures;
    expect(names).toEqual(classes);
    expect(holdout.classRows).toEqual([0, 1, 2].map((k) => labels.filter((label) => label === k).length));
    expect(Object.values(holdout.metrics).every(({ value, low }) => value !== null && low !== null)).toBe(true);
    const expected = labels.reduce((sum, label) => sum - Math.log(shares[label]!), 0) / ROWS;
    expect(baseRate).toMatchObject({ labels: { shares } });
    expect(baseRate.holdoutLogLoss).toBeCloseTo(expected, 6);
  });

  it('keep a champion that is as good, and switch to one that is better', () => {
    const champion = version(1, 'main', 0.55);
    expect(decide(caseOf(plan, rows, champion, [version(2, 'flat', 0.55)]), about).verdict).toBe('keep');
    const decision = decide(caseOf(plan, rows, champion, [version(3, 'flat', 0.7)]), about);
    expect(decision.proposed).toMatchObject({ version: 3, kind: 'switch' });
    expect(decide(caseOf(plan, rows, champion, [version(3, 'flat', 0.7)]), about).digest).toBe(decision.digest);
    expect(decision.candidates[0]!.gates.map(({ explanation }) => explanation).join('\n')).toContain(
      "log loss against always predicting the training rows' shares of the classes, holdout",
    );
  });

  it('are compared metric by metric on the same rows, with the difference of what each has alone', () => {
    const [a, b] = [version(1, 'main', 0.55), version(2, 'flat', 0.7)];
    const found = pairedMetrics(rows.holdout, { a: a.predictions.holdout, b: b.predictions.holdout }, [
      'top_k_accuracy@2',
    ]);
    for (const [name, { value, low, high }] of Object.entries(found)) {
      const of = ({ measures }: Judged) => measures.holdout.metrics[name]?.value;
      if (name !== 'top_k_accuracy@2') expect(value).toBeCloseTo(of(b)! - of(a)!, 10);
      expect(low! <= value! && value! <= high!).toBe(true);
    }
    expect(Object.keys(found)).toHaveLength(10);
  });
});

it('adds to a record of two classes what its plan names, and changes nothing else of it', () => {
  const random = randomNumbers(9);
  const labels = Float32Array.from({ length: ROWS }, () => (random() < 0.3 ? 1 : 0));
  const values = Float32Array.from(labels, (label) => 0.2 + 0.3 * label + 0.2 * random());
  const target: Target = { task: 'binary' };
  const rows = rowsOf(target, labels, { shares: [] });
  const usual = judged(1, 'main', planOf(target), rows, values).measures;
  const gates = [{ metric: 'recall@0.3', on: 'holdout', min: 0.5 }];
  const more = judged(1, 'main', planOf(target, { gates }), rows, values).measures;
  expect(Object.keys(usual)).toEqual(['version', 'contender', 'snapshot', 'holdout', 'truth', 'slices', 'baseRate']);
  expect(Object.keys(usual.holdout)).toEqual(['n', 'days', 'positives', 'metrics']);
  const { 'recall@0.3': recall, ...rest } = more.holdout.metrics;
  expect(rest).toEqual(usual.holdout.metrics);
  expect(recall!.value).toBeGreaterThan(0.5);
});

it('refuses to judge a version by labels of something else than it predicts, naming both', () => {
  const of = (...names: string[]) => ({ columns: [], task: 'multiclass' as const, classes: names });
  const version = { model: 'tiny', version: 4 };
  expect(() => requireSameTarget(version, of('a', 'b', 'c'), of('a', 'b', 'c'))).not.toThrow();
  expect(() => requireSameTarget(version, { columns: [] }, { columns: [] })).not.toThrow();
  expect(() => requireSameTarget(version, of('a', 'b', 'c'), of('a', 'c', 'b'))).toThrow(
    'Version 4 of tiny predicts one of a, b, c, and the labels of the snapshot are one of a, c, b',
  );
  expect(() => requireSameTarget(version, { columns: [] }, of('a', 'b', 'c'))).toThrow('predicts a binary label');
});
