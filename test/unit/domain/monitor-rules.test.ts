// What a day's numbers ask for: k bad days of n, a champion that is worse than previous with evidence, drift that only alerts.
import tiny from '../../models/tiny/model';
import { isBadDay, judgeDay, type Observed, type SincePromotion } from '../../../src/domain/monitoring/monitor-rules';
import type { DailyPerformance, FeatureDrift, MonitorReport } from '../../../src/domain/monitoring/monitoring';
import { addDays } from '../../../src/domain/days';
import type { MonitoringPlan } from '../../../src/domain/plan/plan';

const plan: MonitoringPlan = {
  ...tiny.plan.monitoring,
  performance: { worseThanBaseRateBy: 0, k: 2, n: 3, minRows: 20 },
  predictionDrift: { psi: 0.25, k: 2, n: 3 },
  fallback: { truthMargin: 0.05, minDays: 3, minRows: 100, level: 0.05, margin: 0.02 },
};
const DAY = '2013-03-10';

function champion(logLoss: number, n = 40): DailyPerformance {
  return {
    version: 1,
    contender: 'main',
    role: 'champion',
    newest: true,
    n,
    logLoss,
    rocAuc: 0.7,
    meanPrediction: 0.3,
  };
}

function observed(change: Partial<Observed> = {}): Observed {
  return {
    model: 'm',
    day: DAY,
    championVersion: 1,
    rows: 40,
    labelledRows: 40,
    lateShare: 0.3,
    drift: [],
    predictionPsi: 0.1,
    skew: { compared: 0, differing: 0, worst: null },
    performance: [champion(0.5)],
    baseRateLogLoss: 0.6,
    businessMetric: null,
    scored: null,
    ...change,
  };
}

function earlier(daysBack: number, change: Partial<MonitorReport>): MonitorReport {
  return { ...observed(), day: addDays(DAY, -daysBack), badDay: false, verdict: 'nothing', reasons: [], ...change };
}

const bad = observed({ performance: [champion(0.61)] });
const worse: SincePromotion = { days: 3, rows: 100, value: 0.03, low: 0.001 };
const verdict = (
  ...[today, before = [], since = null, hold = false]: [Observed, MonitorReport[]?, (SincePromotion | null)?, boolean?]
) => judgeDay(plan, today, before, since, hold).verdict;

describe('a bad day', () => {
  it('is one on which the champion did worse than the base rate', () => {
    expect([isBadDay(plan, bad), isBadDay(plan, observed())]).toEqual([true, false]);
    expect(isBadDay(plan, observed({ performance: [champion(0.6)] }))).toBe(false);
  });

  it('is none without a champion, without a base rate, or with too few rows', () => {
    expect(isBadDay(plan, observed({ performance: [] }))).toBe(false);
    expect(isBadDay(plan, { ...bad, baseRateLogLoss: null })).toBe(false);
    expect(isBadDay(plan, observed({ performance: [champion(2, 19)] }))).toBe(false);
  });
});

describe('the verdict', () => {
  it('is nothing on a good day', () => {
    expect(verdict(observed())).toBe('nothing');
  });

  it('asks for a retraining at the k-th bad day of n, and not at a good day after bad ones', () => {
    expect(verdict(bad)).toBe('nothing');
    expect(verdict(bad, [earlier(2, { badDay: true }), earlier(1, {})])).toBe('retrain');
    expect(verdict(bad, [earlier(3, { badDay: true }), earlier(2, {}), earlier(1, {})])).toBe('nothing');
    expect(verdict(observed(), [earlier(1, { badDay: true }), earlier(2, { badDay: true })])).toBe('nothing');
  });

  it('asks for a retraining when predictions drift on k of n days', () => {
    const drifted = observed({ predictionPsi: 0.3 });
    expect(verdict(drifted)).toBe('nothing');
    expect(verdict(drifted, [earlier(1, { predictionPsi: 0.26 })])).toBe('retrain');
    expect(verdict(drifted, [earlier(1, { predictionPsi: 0.25 })])).toBe('nothing');
    expect(verdict(observed({ predictionPsi: null }), [earlier(1, { predictionPsi: 9 })])).toBe('nothing');
  });

  it('only alerts on drift of features', () => {
    const drift: FeatureDrift = {
      feature: 'x1',
      psi: 0.4,
      psiTraining: null,
      missingShare: 0,
      judged: true,
      drifted: true,
    };
    const { verdict: found, reasons } = judgeDay(plan, observed({ drift: [drift] }), [], null, false);
    expect(found).toBe('alert');
    expect(reasons.join()).toContain('x1 (PSI 0.400)');
  });

  it.each([
    ['enough', worse, 'fallback'],
    ['too few days', { ...worse, days: 2 }, 'nothing'],
    ['too few rows', { ...worse, rows: 99 }, 'nothing'],
    ['a difference within the margin', { ...worse, value: 0.02 }, 'nothing'],
    ['an interval that holds zero', { ...worse, low: 0 }, 'nothing'],
    ['no interval', { ...worse, low: null }, 'nothing'],
    ['no difference', { ...worse, value: null }, 'nothing'],
  ])('falls back with evidence only: %s', (_, since, expected) => {
    expect(verdict(observed(), [], since)).toBe(expected);
  });

  it('only alerts while a person holds the fallback', () => {
    expect(verdict(observed(), [], worse, true)).toBe('alert');
  });

  it('is the gravest of what was found, with all reasons', () => {
    const { verdict: found, reasons } = judgeDay(plan, bad, [earlier(1, { badDay: true })], worse, false);
    expect({ found, reasons: reasons.length }).toEqual({ found: 'fallback', reasons: 2 });
  });
});

describe('online features that differ from offline ones', () => {
  const worst = { feature: 'temp', key: 'k1', online: 12.5, offline: null };
  const skewed = observed({ skew: { compared: 40, differing: 2, worst } });

  it('alert, and name the worst value', () => {
    expect(judgeDay(plan, skewed, [], null, false)).toEqual({
      badDay: false,
      verdict: 'alert',
      reasons: ['online features differ from offline ones in 2 of 40 values (temp of k1: online 12.5, offline null)'],
    });
  });

  it('do not hide a stronger verdict, and say nothing when nothing was compared', () => {
    expect(judgeDay(plan, skewed, [], worse, false).verdict).toBe('fallback');
    expect(verdict(observed({ skew: { compared: 0, differing: 0, worst: null } }))).toBe('nothing');
  });
});

it('names what is compared by the task of the model', () => {
  const of = (task: 'multiclass' | 'regression') =>
    judgeDay(plan, { ...bad, task }, [earlier(1, { badDay: true })], worse, false).reasons;
  expect(of('regression')).toEqual([
    "the champion's scaled squared error is 0.0300 above previous' on 100 rows of 3 days since its promotion (at least 0.0010)",
    'the champion did worse than always predicting the mean on 2 of the last 3 days',
  ]);
  expect(of('multiclass').join()).toContain('always predicting the shares of the classes on 2');
});
