// The gates of a decision as pure rules: what passes, what fails, and that no number is never evidence.
import tiny from '../../models/tiny/model';
import type {
  CandidateJudgement,
  Evaluation,
  GateResult,
  MetricSet,
  PromotionKind,
} from '../../../src/domain/evaluation';
import {
  absoluteGates,
  choose,
  refreshGates,
  switchGates,
  unseenGate,
  type PairedDifference,
} from '../../../src/domain/gates';
import type { ModelPlan } from '../../../src/domain/plan';

const { plan } = tiny;

function metrics(n: number, logLoss: number | null, rocAuc: number | null = 0.7): MetricSet {
  const estimate = (value: number | null) => ({ value, low: null, high: null });
  const values = { log_loss: logLoss, roc_auc: rocAuc, pr_auc: 0.5, brier: 0.2, ece: 0.05, accuracy: 0.7 };
  return {
    n,
    days: 6,
    positives: n / 3,
    metrics: Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, estimate(value)]),
    ) as MetricSet['metrics'],
  };
}

function evaluation(holdout: MetricSet, truth: MetricSet): Evaluation {
  const baseRate = { rate: 0.3, holdoutLogLoss: 0.61, truthLogLoss: 0.6 };
  return {
    version: 1,
    contender: 'main',
    snapshot: 's',
    holdout,
    truth,
    slices: [],
    baseRate,
    predictions: {} as never,
  };
}

function difference(change: Partial<PairedDifference> = {}): PairedDifference {
  return { value: -0.02, low: -0.03, high: -0.01, pOneSided: 0.001, n: 1000, days: 6, ...change };
}

const verdicts = (gates: readonly GateResult[]) =>
  Object.fromEntries(gates.map(({ gate, on, passed }) => [`${gate} ${on}`, passed]));

describe('absolute gates', () => {
  it('pass a version with enough rows that beats the base rate on both sets', () => {
    expect(verdicts(absoluteGates(plan, evaluation(metrics(100, 0.5), metrics(100, 0.5))))).toEqual({
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
    const failed = absoluteGates(plan, evaluation(holdout, truth)).filter(({ passed }) => !passed);
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
    const last = (e: Evaluation) => verdicts(absoluteGates(declared, e).slice(4));
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
    const [, , beats] = absoluteGates(plan, evaluation(metrics(100, 0.5), metrics(100, 0.5)));
    expect(beats).toMatchObject({ gate: 'base-rate', value: 0.5, threshold: 0.61, comparison: '<', n: 100 });
    expect(beats?.explanation).toContain('0.50000 < 0.61000 on 100 rows holds');
  });
});

describe('the gate of unseen days', () => {
  it('passes a champion that was trained up to the day before the holdout, and no later one', () => {
    expect([unseenGate(99, 100, 6).passed, unseenGate(100, 100, 6).passed]).toEqual([true, false]);
  });
});

describe('a refresh', () => {
  const gates = (holdout: number | null, truth: number | null) =>
    refreshGates(plan.evaluation, { holdout: difference({ value: holdout }), truth: difference({ value: truth }) }).map(
      ({ passed }) => passed,
    );

  it('passes while it is not worse beyond the margin on either set', () => {
    expect(gates(0.05, 0.05)).toEqual([true, true]);
    expect(gates(0.0501, 0)).toEqual([false, true]);
    expect(gates(0, 0.0501)).toEqual([true, false]);
  });

  it('fails without a number', () => {
    expect(gates(null, null)).toEqual([false, false]);
  });
});

describe('a switch', () => {
  const failed = (holdout: Partial<PairedDifference>, truth: Partial<PairedDifference> = {}) =>
    switchGates(plan.evaluation, { holdout: difference(holdout), truth: difference(truth) }, 'the champion')
      .filter(({ passed }) => !passed)
      .map(({ gate, on }) => `${gate} ${on}`);

  it('passes with evidence on enough days and rows', () => {
    expect(failed({})).toEqual([]);
  });

  it.each([
    [{ days: 2 }, {}, ['min-days holdout']],
    [{ n: 99 }, {}, ['min-rows-switch holdout']],
    [{ value: 0 }, {}, ['better holdout']],
    [{ value: null }, {}, ['better holdout']],
    [{ pOneSided: 0.05 }, {}, ['superiority holdout']],
    [{ pOneSided: null }, {}, ['superiority holdout']],
    [{}, { value: 0.051 }, ['non-inferiority truth']],
    [{}, { value: null }, ['non-inferiority truth']],
  ])('with %j on the holdout and %j on the truth set fails exactly %j', (holdout, truth, names) => {
    expect(failed(holdout, truth)).toEqual(names);
  });
});

describe('the choice', () => {
  const judged = (version: number, kind: PromotionKind, passed: boolean): CandidateJudgement => ({
    contender: `c${version}`,
    version,
    kind,
    passed,
    gates: passed ? [] : [unseenGate(2, 1, 1)],
  });
  const losses: Readonly<Record<number, number>> = { 1: 0.5, 2: 0.4, 3: 0.3 };
  const loss = (version: number): number => losses[version]!;

  it('takes the passing first version with the least loss', () => {
    const outcome = choose(
      [judged(1, 'first', true), judged(2, 'first', true), judged(3, 'first', false)],
      loss,
      false,
    );
    expect(outcome).toMatchObject({ verdict: 'promote', proposed: { version: 2, kind: 'first' } });
  });

  it('prefers a passing switch to a passing refresh, and a passing refresh to keeping', () => {
    const both = choose([judged(3, 'refresh', true), judged(1, 'switch', true)], loss, true);
    expect(both.proposed).toEqual({ version: 1, contender: 'c1', kind: 'switch' });
    const one = choose([judged(3, 'refresh', true), judged(1, 'switch', false)], loss, true);
    expect(one.proposed).toEqual({ version: 3, contender: 'c3', kind: 'refresh' });
  });

  it('keeps the champion, or rejects without one, when nothing passes, and says why for each', () => {
    const candidates = [judged(1, 'refresh', false), judged(2, 'switch', false)];
    const kept = choose(candidates, loss, true);
    expect({ verdict: kept.verdict, proposed: kept.proposed, reasons: kept.reasons.length }).toEqual({
      verdict: 'keep',
      proposed: null,
      reasons: 2,
    });
    expect(kept.reasons[0]).toContain('champion-unseen');
    expect(choose([], loss, false).verdict).toBe('reject');
  });
});
