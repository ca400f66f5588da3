// The gates of a decision as pure rules: what passes, what fails, and that no number is never evidence.
import tiny from '../../models/tiny/model';
import type { GateResult, Measures, MetricSet } from '../../../src/domain/evaluation/evaluation';
import { absoluteGates, unseenGate, type GroupGap } from '../../../src/domain/gates/absolute';
import {
  refreshGates,
  switchGates,
  type Comparison,
  type Evidence,
  type PairedDifference,
} from '../../../src/domain/gates/against';
import type { ModelPlan } from '../../../src/domain/plan/plan';

const { plan } = tiny;

function metrics(n: number, logLoss: number | null, rocAuc: number | null = 0.7): MetricSet {
  const estimate = (value: number | null) => ({ value, low: null, high: null });
  const values = { log_loss: logLoss, roc_auc: rocAuc, pr_auc: 0.5, brier: 0.2, ece: 0.05, accuracy: 0.7 };
  return {
    n,
    days: 6,
    positives: n / 3,
    metrics: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, estimate(value)])),
  };
}

function evaluation(holdout: MetricSet, truth: MetricSet): Measures {
  const baseRate = { rate: 0.3, holdoutLogLoss: 0.61, truthLogLoss: 0.6 };
  return { version: 1, contender: 'main', snapshot: 's', holdout, truth, slices: [], baseRate };
}

function difference(change: Partial<PairedDifference> = {}): PairedDifference {
  return { value: -0.02, low: -0.03, high: -0.01, pOneSided: 0.001, n: 1000, days: 14, ...change };
}

const ESTIMATE = { value: -0.02, low: -0.03, high: -0.01 };

function comparison(change: Partial<Comparison> = {}): Comparison {
  return {
    against: { version: 7, name: 'the champion' },
    holdout: difference(),
    truth: difference(),
    slices: [],
    gaps: [],
    notJudged: [],
    ...change,
  };
}

function evidence(change: Partial<Evidence> = {}): Evidence {
  const look = { number: 2, of: 8 };
  return { p: 0.001, pAdjusted: 0.002, tests: 2, difference: ESTIMATE, look, daysNeeded: null, level: 0.01, ...change };
}

const verdicts = (gates: readonly GateResult[]) =>
  Object.fromEntries(gates.map(({ gate, on, passed }) => [`${gate} ${on}`, passed]));

describe('absolute gates', () => {
  it('pass a version with enough rows that beats the base rate on both sets', () => {
    expect(verdicts(absoluteGates(plan, evaluation(metrics(100, 0.5), metrics(100, 0.5)), []))).toEqual({
      'min-rows holdout': true,
      'min-rows truth': true,
      'base-rate holdout': true,
      'base-rate truth': true,
    });
  });

  it.each([
    ['min-rows holdout', metrics(99, 0.5), metrics(100, 0.5)],
    ['min-rows truth', metrics(100, 0.5), metrics(99, 0.5)],
    ['base-rate holdout', metrics(100, 0.61), metrics(100, 0.5)],
    ['base-rate truth', metrics(100, 0.5), metrics(100, 0.6)],
    ['base-rate holdout', metrics(100, null), metrics(100, 0.5)],
    ['base-rate truth', metrics(100, 0.5), metrics(100, null)],
  ])('fail only %s when it alone does not hold', (name, holdout, truth) => {
    const failed = absoluteGates(plan, evaluation(holdout, truth), []).filter(({ passed }) => !passed);
    expect(failed.map(({ gate, on }) => `${gate} ${on}`)).toEqual([name]);
  });

  it('judge what the definition declares, at its bounds, and fail it without a number', () => {
    const declared: ModelPlan = {
      ...plan,
      evaluation: {
        ...plan.evaluation,
        gates: [
          { metric: 'roc_auc', on: 'holdout', min: 0.7 },
          { metric: 'log_loss', on: 'truth', max: 0.5 },
        ],
      },
    };
    const last = (e: Measures) => verdicts(absoluteGates(declared, e, []).slice(4));
    const both = { 'roc_auc-min holdout': true, 'log_loss-max truth': true };
    expect(last(evaluation(metrics(100, 0.5, 0.7), metrics(100, 0.5)))).toEqual(both);
    expect(last(evaluation(metrics(100, 0.5, 0.699), metrics(100, 0.501)))).toEqual({
      'roc_auc-min holdout': false,
      'log_loss-max truth': false,
    });
    expect(last(evaluation(metrics(100, 0.5, null), metrics(100, null)))).toEqual({
      'roc_auc-min holdout': false,
      'log_loss-max truth': false,
    });
  });

  it('record the number, the threshold and the rows that they used', () => {
    const [, , beats] = absoluteGates(plan, evaluation(metrics(100, 0.5), metrics(100, 0.5)), []);
    expect(beats).toMatchObject({ gate: 'base-rate', value: 0.5, threshold: 0.61, comparison: '<', n: 100 });
    expect(beats?.explanation).toContain('0.50000 < 0.61000 on 100 rows holds');
  });
});

describe('limits of a model', () => {
  const limited: ModelPlan = {
    ...plan,
    evaluation: { ...plan.evaluation, limits: { oneRowMs: 1, batchMs: 20, bytes: 5000 } },
  };
  const of = (footprint?: Measures['footprint']) =>
    absoluteGates(limited, { ...evaluation(metrics(100, 0.5), metrics(100, 0.5)), ...(footprint && { footprint }) }, [])
      .filter(({ on }) => on === 'model')
      .map(({ gate, value, n, passed }) => [gate, value, n, passed]);

  it('bound the p99 of one row and of a batch, and the size, each with its runs', () => {
    const latency = (rows: number, runs: number, p99Ms: number) => ({ rows, runs, p50Ms: 0.1, p99Ms });
    const footprint = { bytes: 5001, oneRow: latency(1, 500, 1), batch: latency(256, 100, 20.1) };
    expect(of(footprint)).toEqual([
      ['latency-one-row', 1, 500, true],
      ['latency-batch', 20.1, 100, false],
      ['size', 5001, 1, false],
    ]);
  });

  it('fail a version that was not measured', () => {
    expect(of().map(([, value, , passed]) => [value, passed])).toEqual([
      [null, false],
      [null, false],
      [null, false],
    ]);
  });
});

describe('fairness', () => {
  const declared = {
    column: 'kind',
    metric: 'selection_rate',
    threshold: 0.5,
    minRows: 10,
    maxGap: 0.1,
    maxIncrease: 0.05,
  } as const;
  const gap = (value: number | null): GroupGap => {
    const rest = { low: null, high: null, n: 90, days: 14, lowest: 'a', highest: 'b', tooSmall: [] };
    return { plan: declared, value, ...rest };
  };
  const judged = (value: number | null) =>
    absoluteGates(plan, evaluation(metrics(100, 0.5), metrics(100, 0.5)), [gap(value)]).at(-1);

  it('bounds the gap between the groups that fare best and worst, and names them', () => {
    expect([judged(0.1)?.passed, judged(0.11)?.passed, judged(null)?.passed]).toEqual([true, false, false]);
    expect(judged(0.11)).toMatchObject({ gate: 'fairness-selection_rate', of: 'kind', n: 90, days: 14 });
    expect(judged(0.11)?.explanation).toContain('between groups of kind (b against a): 0.11000 <= 0.10000 on 90 rows');
  });

  it.each([
    [0.05, true],
    [0.051, false],
    [null, false],
  ])('judges a gap that is wider than the champion’s by %p as %p', (value, passed) => {
    const gaps = [{ plan: declared, value, low: null, high: null, n: 90, days: 14 }];
    expect(refreshGates(plan.evaluation, comparison({ gaps })).at(-1)).toMatchObject({ passed, against: 7 });
  });
});

describe('the gate of unseen days', () => {
  it('passes a champion that was trained up to the day before the holdout, and no later one', () => {
    const passed = (trainedTo: number) => unseenGate('champion-unseen', trainedTo, 100, 6).passed;
    expect([passed(99), passed(100)]).toEqual([true, false]);
  });
});

describe('a refresh', () => {
  const gates = (holdout: number | null, truth: number | null) =>
    refreshGates(
      plan.evaluation,
      comparison({ holdout: difference({ value: holdout }), truth: difference({ value: truth }) }),
    ).map(({ passed }) => passed);

  it('passes while it is not worse beyond the margin on either set', () => {
    expect(gates(0.05, 0.05)).toEqual([true, true]);
    expect(gates(0.0501, 0)).toEqual([false, true]);
    expect(gates(0, 0.0501)).toEqual([true, false]);
  });

  it('fails without a number', () => {
    expect(gates(null, null)).toEqual([false, false]);
  });

  it('has to prove it by the upper end of the interval where the definition asks for that', () => {
    const strict = {
      ...plan.evaluation,
      nonInferiority: { holdout: 0.05, truth: 0.05, evidence: 'interval' },
    } as const;
    const judged = (high: number | null) =>
      refreshGates(strict, comparison({ holdout: difference({ value: 0, high }) })).map(({ value, passed }) => [
        value,
        passed,
      ]);
    expect([0.05, 0.051, null].map((high) => judged(high)[0])).toEqual([
      [0.05, true],
      [0.051, false],
      [null, false],
    ]);
  });
});

describe('a slice', () => {
  const worse = (pAdjusted: number | null) => ({ p: 0.01, pAdjusted, tests: 3, difference: ESTIMATE });
  const judged = (pAdjusted: number | null) => {
    const slices = [{ slice: 'kind = a', n: 300, days: 14, worse: worse(pAdjusted) }];
    return refreshGates(plan.evaluation, comparison({ slices })).at(-1)!;
  };

  it('fails a candidate only with evidence, corrected over the slices, and never without a number', () => {
    expect([0.05, 0.0499, null].map((p) => judged(p).passed)).toEqual([true, false, false]);
    expect(judged(0.04)).toMatchObject({
      gate: 'slice',
      of: 'kind = a',
      against: 7,
      n: 300,
      days: 14,
      threshold: 0.05,
    });
    expect(judged(0.04).test).toMatchObject({ p: 0.01, pAdjusted: 0.04, tests: 3, difference: ESTIMATE });
  });
});

describe('a switch', () => {
  const failed = (
    holdout: Partial<PairedDifference>,
    truth: Partial<PairedDifference> = {},
    found: Partial<Evidence> = {},
  ) =>
    switchGates(
      plan.evaluation,
      comparison({ holdout: difference(holdout), truth: difference(truth) }),
      evidence(found),
    )
      .filter(({ passed }) => !passed)
      .map(({ gate, on }) => `${gate} ${on}`);

  it('passes with evidence on enough days and rows', () => {
    expect(failed({})).toEqual([]);
  });

  it.each([
    [{ days: 13 }, {}, {}, ['min-days holdout']],
    [{ n: 99 }, {}, {}, ['min-rows-switch holdout']],
    [{ value: 0 }, {}, {}, ['better holdout']],
    [{ value: null }, {}, {}, ['better holdout']],
    [{}, {}, { pAdjusted: 0.01 }, ['superiority holdout']],
    [{}, {}, { pAdjusted: null }, ['superiority holdout']],
    [{}, { value: 0.051 }, {}, ['non-inferiority truth']],
    [{}, { value: null }, {}, ['non-inferiority truth']],
  ])('with %j on the holdout, %j on the truth set and %j as evidence fails exactly %j', (...given) => {
    const [holdout, truth, found, names] = given;
    expect(failed(holdout, truth, found)).toEqual(names);
  });

  it('says at which look, among how many challengers and by which level it was judged', () => {
    const gate = switchGates(plan.evaluation, comparison(), evidence()).find((each) => each.gate === 'superiority');
    expect(gate).toMatchObject({ value: 0.002, threshold: 0.01, against: 7, days: 14 });
    expect(gate?.explanation).toContain('of 2 challengers by Holm, at look 2 of 8: 0.00200 < 0.01000');
  });
});
