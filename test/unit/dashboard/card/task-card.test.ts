// Cards of models of classes and of numbers: their metrics, labels, curves and words, and nothing that belongs to two classes.
import { cardDocument } from '../../../../src/dashboard/card/document';
import type { CardFacts } from '../../../../src/dashboard/card/facts';
import { cardPage } from '../../../../src/dashboard/card/page';
import { classCurves, valueCurves } from '../../../../src/activities/explaining/task-curves';
import type { Evaluation, MetricSet } from '../../../../src/domain/evaluation/evaluation';
import type { Explanation } from '../../../../src/domain/evaluation/explanation';
import { between, cardFacts, explanation } from './facts';

const usual = cardFacts();
const NO_CURVES = { roc: null, precisionRecall: null, calibration: null, training: explanation.curves.training };

function factsOf(
  plan: Partial<CardFacts['plan']>,
  evaluation: Partial<Evaluation>,
  curves: Partial<Explanation['curves']>,
  dependence = explanation.dependence,
  shap: Explanation['shap'] = null,
): CardFacts {
  return cardFacts({
    plan: { ...usual.plan, ...plan },
    evaluation: { ...usual.evaluation!, ...evaluation },
    explanation: { ...explanation, shap, dependence, curves: { ...NO_CURVES, ...curves } },
    championEvaluation: null,
  });
}

const labels = Float32Array.from({ length: 60 }, (_, i) => i);
const ofNumbers: MetricSet = {
  ...{ n: 900, days: 20, labels: { mean: 12.5, variance: 81 }, rowLoss: between(0.41) },
  metrics: { rmse: between(5.75), mae: between(4.2), r2: between(0.59), bias: between(0.1) },
};
const regression = factsOf(
  { task: 'regression' },
  {
    ...{ task: 'regression', holdout: ofNumbers, truth: ofNumbers },
    baseRate: { labels: { mean: 12, variance: 80 }, holdoutLogLoss: 1.02, truthLogLoss: 0.98 },
  },
  {
    values: valueCurves(
      labels,
      labels.map((label) => label + 1),
    ),
  },
);

const classes = ['on time', 'late', 'very <late>'];
const ofClasses: MetricSet = {
  ...{ n: 900, days: 20, classRows: [600, 300, 0] },
  metrics: { log_loss: between(0.8), accuracy: between(0.7), f1_macro: between(0.5), roc_auc_macro: between(null) },
};
const values = Float32Array.from({ length: 60 * 3 }, (_, i) => [0.5, 0.3, 0.2][(i + Math.floor(i / 9)) % 3]!);
const multiclass = factsOf(
  { task: 'multiclass', label: { ...usual.plan.label, classes } },
  {
    ...{ task: 'multiclass', classes, holdout: ofClasses, truth: ofClasses },
    baseRate: { labels: { shares: [0.6, 0.3, 0.1] }, holdoutLogLoss: 0.9, truthLogLoss: 0.91 },
  },
  {
    classes: classCurves(
      labels.map((label) => label % 2),
      { values, classes: 3 },
      classes,
    ),
  },
  {
    rows: 500,
    features: [
      {
        feature: 'x1',
        kind: 'number',
        points: [
          { value: 0, mean: 0.2, means: [0.2, 0.3, 0.5], rows: 250 },
          { value: 1, mean: 0.5, means: [0.5, 0.3, 0.2], rows: 250 },
        ],
      },
    ],
  },
  {
    ...{ method: 'path-dependent', rows: 500, meanAbs: { x1: 0.4, kind: 0.1 } },
    classes: classes.map((name, at) => ({ name, base: -1, meanAbs: { x1: 0.3 + at / 10, kind: 0.1 } })),
  },
);

it.each([
  ['a regression', regression],
  ['several classes', multiclass],
])(
  'a card of %s stands alone and says nothing of positives, areas that it has not, or undefined numbers',
  (_, facts) => {
    const page = cardPage(cardDocument(facts));
    expect(page).not.toMatch(/NaN|undefined|Infinity|<late>/);
    expect(page).not.toMatch(/positive</);
    expect(page).not.toContain('log-odds');
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id!);
    expect(new Set(ids).size).toBe(ids.length);
    expect(Buffer.byteLength(page)).toBeLessThan(80_000);
  },
);

it('shows of a regression the labels, the scaled loss, and residuals by predicted value', () => {
  const document = cardDocument(regression);
  const page = cardPage(document);
  expect(document.metrics.map(({ metric, better }) => [metric, better])).toEqual([
    ['rmse', 'lower'],
    ['mae', 'lower'],
    ['r2', 'higher'],
    ['bias', 'zero'],
  ]);
  expect(document.data.rows.map(({ use, positives, labels: found }) => [use, positives, found?.mean])).toEqual([
    ['training', null, 12],
    ['holdout', null, 12.5],
    ['truth set', null, 12.5],
  ]);
  for (const each of [
    'regression: a number',
    'Residuals by predicted value',
    'mean (12)',
    'Scaled squared error on parts',
  ])
    expect(page).toContain(each);
  expect(page).not.toContain('ROC curve');
  expect(page.match(/<circle class="plot-dot"/g)!.length).toBeGreaterThan(60);
});

it('shows of several classes each against the rest, which is taken for which, and how each depends on a feature', () => {
  const document = cardDocument(multiclass);
  const page = cardPage(document);
  expect(document.data.rows[0]!.classRows).toEqual(
    [0.6, 0.3, 0.1].map((share) => Math.round(share * usual.version.training.rows)),
  );
  for (const each of [
    'classification: one of on time, late, very &lt;late&gt;',
    'ROC curve: on time against the rest',
    'Calibration: late against the rest',
    'Calibration of the most probable class',
    'Mean absolute Shapley value (scores, mean over the classes)',
    'Mean absolute Shapley value by class',
    'The holdout has no row of very &lt;late&gt;',
    'Which class is taken for which',
    'x1: probability of late',
    'shares of the classes',
  ])
    expect(page).toContain(each);
});
