// The facts of a made-up version: complete, small, with every part of a card.
import type { Estimate, Evaluation, MetricSet } from '../../../../src/domain/evaluation/evaluation';
import type { Explanation } from '../../../../src/domain/evaluation/explanation';
import type { CardFacts } from '../../../../src/dashboard/card/facts';
import tiny from '../../../models/tiny/model';
import { artifact, candidate, snapshot } from '../../../integration/stores/fixtures';

export const between = (value: number | null, spread = 0.01): Estimate => ({
  value,
  low: value === null ? null : value - spread,
  high: value === null ? null : value + spread,
});

export function metricSet(n: number, positives: number, days = 20): MetricSet {
  const metrics = {
    log_loss: between(0.5123),
    roc_auc: between(0.7654),
    pr_auc: between(0.6),
    brier: between(0.2),
    ece: between(0.03),
    accuracy: between(0.7),
  };
  return { n, days, positives, metrics };
}

function evaluation(version: number): Evaluation {
  return {
    ...{ version, contender: 'gbm', snapshot: 's1', holdout: metricSet(900, 300), truth: metricSet(400, 130) },
    slices: [{ column: 'kind', value: 'a', n: 250, logLoss: between(0.61) }],
    baseRate: { rate: 0.25, holdoutLogLoss: 0.64, truthLogLoss: 0.63 },
    predictions: { holdout: artifact('h'), truth: artifact('t') },
  };
}

export const explanation: Explanation = {
  ...{ model: 'tiny', version: 2, contender: 'gbm', snapshot: 's1' },
  importance: {
    ...{ metric: 'log_loss', rows: 900, of: 900, repeats: 5, seed: 1, baseline: 0.5123 },
    features: [
      { name: 'x1', mean: 0.2, deviation: 0.01 },
      { name: 'kind', mean: 0.05, deviation: 0.002 },
      { name: 'x2', mean: -0.001, deviation: 0.001 },
      { name: 'past_delay', mean: null, deviation: null },
    ],
    views: [{ name: 'order', mean: 0.26, deviation: 0.02 }],
  },
  parameters: { num_leaves: 31, monotone_constraints: '[1,0]' },
  shap: { method: 'path-dependent', rows: 1000, base: -1, meanAbs: { x1: 0.8, kind: 0.2, x2: 0, past_delay: 0.01 } },
  dependence: {
    rows: 500,
    features: [
      {
        feature: 'x1',
        kind: 'number',
        points: [
          { value: -1, mean: 0.2, rows: 250 },
          { value: 2, mean: 0.6, rows: 245 },
          { value: null, mean: 0.4, rows: 5 },
        ],
      },
      {
        feature: 'kind',
        kind: 'category',
        points: [
          { value: 'a', mean: 0.3, rows: 300 },
          { value: 'b', mean: 0.4, rows: 200 },
        ],
      },
    ],
  },
  curves: {
    roc: [
      [0, 0],
      [0.2, 0.7],
      [1, 1],
    ],
    precisionRecall: [
      [0.1, 0.9],
      [1, 0.33],
    ],
    calibration: [
      { meanProbability: 0.2, positiveShare: 0.25, n: 500 },
      { meanProbability: 0.7, positiveShare: 0.6, n: 400 },
    ],
    training: [
      { iteration: 1, train: 0.6, valid: 0.61 },
      { iteration: 2, train: 0.5, valid: 0.55 },
    ],
  },
  notes: [],
};

/** The facts, with other parts. */
export function cardFacts(change: Partial<CardFacts> = {}): CardFacts {
  const of = candidate('tiny', 'v2');
  return {
    version: {
      ...of,
      ...{ version: 2, state: 'champion', createdAt: '2013-03-04T06:00:00.000Z' },
      lineage: { ...of.lineage, snapshot: 's1', parent: 1 },
    },
    plan: { ...tiny.plan, description: 'Whether an order is late.', owner: 'orders team' },
    madeAt: '2013-03-05T00:00:00.000Z',
    snapshot: snapshot('s1'),
    evaluation: evaluation(2),
    explanation,
    explanationProblem: '',
    loan: null,
    importanceDrift: {
      since: 1,
      ...{ common: 4, rankCorrelation: 0.8, added: [], removed: [] },
      movers: [{ name: 'x1', before: 0.1, after: 0.2, rankBefore: 2, rankAfter: 1 }],
    },
    decision: {
      ...{ digest: 'd'.repeat(64), model: 'tiny', cycle: 'cycle/tiny/2013-03-04', logicalTime: '2013-03-04' },
      ...{
        snapshot: 's1',
        definitionDigest: 'e',
        champion: { version: 1, contender: 'gbm', epoch: 1 },
        verdict: 'promote',
      },
      proposed: { version: 2, contender: 'gbm', kind: 'refresh' },
      candidates: [
        {
          ...{ contender: 'gbm', version: 2, kind: 'refresh', passed: true, notJudged: [] },
          gates: [
            {
              ...{ gate: 'not-worse', on: 'holdout', value: -0.01, low: -0.02, high: 0.001, threshold: 0.05 },
              ...{ comparison: '<=', n: 900, passed: true, explanation: 'It is not worse.' },
              ...{ of: null, against: 1, days: 20, test: null },
            },
          ],
        },
      ],
      ...{ reasons: ['not worse'], approval: { verdict: 'approved', by: 'ann', comment: 'fine' } },
      at: '2013-03-04T07:00:00.000Z',
    },
    championEvaluation: evaluation(1),
    moves: [
      {
        ...{ from: 1, to: 2, why: 'promotion', by: 'ann', reason: 'fine', epoch: 2 },
        ...{ asOf: '2013-03-04T07:00:00.000Z', at: '2013-03-04T07:00:00.000Z' },
      },
    ],
    ...{ monitoring: null, differences: null, search: null, stoppingRows: null },
    ...change,
  };
}
