// What a task asks of a definition: classes, metrics, trainers and weights that fit it, each mistake with its path; and the defaults that follow from it.
import { lightgbm, linear, logistic, sklearn, xgboost } from '../../../src/definition/contenders/builders';
import { defineModel } from '../../../src/definition/define-model';
import { modelInput, type ModelInput } from './example';

const CLASSES = ['on time', 'late', 'very late'];
const OF_CLASSES = {
  task: 'multiclass',
  label: { table: 'outcomes', sql: "CASE WHEN delay < 15 THEN 'on time' END", classes: CLASSES },
} as const;
const OF_NUMBERS = {
  task: 'regression',
  label: { table: 'outcomes', sql: 'delay' },
  contenders: { trees: lightgbm({ iterations: 50 }), baseline: linear() },
} as const;

function mistakes(changes: Partial<Record<keyof ModelInput, unknown>>): string[] {
  try {
    defineModel(modelInput(changes));
  } catch (error) {
    return (error as Error).message.split('\n').map((line) => line.replace('models/late/model.ts: ', ''));
  }
  return [];
}

describe('a definition of several classes', () => {
  it('takes the trainers of classes, and ranks by log loss', () => {
    const weights = { classes: { 'on time': 1, late: 2, 'very late': 3 } };
    const contenders = {
      trees: lightgbm({ weights }),
      other: xgboost({ weights: { classes: 'balanced' } }),
      baseline: logistic(),
    };
    const { plan } = defineModel(modelInput({ ...OF_CLASSES, contenders }));
    expect(plan.label.classes).toEqual(CLASSES);
    expect(plan.evaluation.primary).toBe('log_loss');
  });

  it('has at least three different classes, which no other task has', () => {
    const { table, sql } = OF_CLASSES.label;
    expect(mistakes({ task: 'multiclass', label: { table, sql } })).toEqual([
      "label.classes: found nothing, allowed is at least 3 names, such as ['low', 'middle', 'high'], with the task \"multiclass\"",
    ]);
    expect(mistakes({ task: 'multiclass', label: { table, sql, classes: ['a', 'b'] } })).toEqual([
      'label.classes: found a list of 2, allowed is array of at least 3',
    ]);
    expect(mistakes({ task: 'multiclass', label: { table, sql, classes: ['a', 'b', 'a'] } })).toEqual([
      'label.classes: found "a" twice, allowed is each class once',
    ]);
    expect(mistakes({ label: { table, sql, classes: CLASSES } })).toEqual([
      'label.classes: found a list of 3 with the task "binary", allowed is classes with the task "multiclass" only',
    ]);
  });

  it('names every class in weights, has no constraint of one prediction, and no gap between groups', () => {
    const classes = { late: 2, 'on time': 1 };
    const fairness = [{ column: 'line', metric: 'selection_rate', maxGap: 0.1 }];
    expect(
      mistakes({
        ...OF_CLASSES,
        contenders: { a: lightgbm({ weights: { classes } }), b: xgboost({ monotone: { hour: 1 } }), c: linear() },
        evaluation: { fairness },
      }),
    ).toEqual([
      'evaluation.fairness: found 1 with the task "multiclass", allowed is gaps between groups with the task "binary" only',
      'contenders.a.weights.classes: found an object with late, on time, allowed is "balanced", or a weight for each of on time, late, very late',
      'contenders.b.monotone: found monotone with the task "multiclass", allowed is monotone with one prediction a row: binary, regression',
      'contenders.c.trainer: found "linear" with the task "multiclass", allowed is "logistic" or a trainer of trees',
    ]);
  });
});

describe('a definition of a regression', () => {
  it('ranks and tunes by RMSE unless it says otherwise', () => {
    const space = { learning_rate: { low: 0.01, high: 0.3 } };
    const contenders = {
      trees: lightgbm({ tuning: { space } }),
      other: lightgbm({ tuning: { space, metric: 'mae' } }),
    };
    const { plan } = defineModel(modelInput({ ...OF_NUMBERS, contenders }));
    expect(plan.evaluation.primary).toBe('rmse');
    expect([plan.contenders['trees'], plan.contenders['other']].map((each) => each?.tuning?.metric)).toEqual([
      'rmse',
      'mae',
    ]);
    expect(defineModel(modelInput({ ...OF_NUMBERS, evaluation: { primary: 'mae' } })).plan.evaluation.primary).toBe(
      'mae',
    );
    expect(defineModel(modelInput(OF_NUMBERS)).plan.contenders['baseline']).toMatchObject({
      trainer: 'linear',
      params: {},
    });
  });

  it('refuses metrics, trainers, estimators and weights of classes', () => {
    const space = { learning_rate: { low: 0.01, high: 0.3 } };
    expect(
      mistakes({
        ...OF_NUMBERS,
        evaluation: { primary: 'log_loss', gates: [{ metric: 'roc_auc', on: 'holdout', min: 0.6 }] },
        contenders: {
          a: logistic(),
          b: sklearn({ estimator: 'logistic' }),
          c: lightgbm({ weights: { classes: 'balanced' }, tuning: { space, metric: 'log_loss' } }),
        },
      }),
    ).toEqual([
      expect.stringMatching(
        /^evaluation.primary: found 'log_loss' is no metric of a regression task, allowed is rmse, /,
      ),
      expect.stringMatching(
        /^evaluation.gates\[0\].metric: found 'roc_auc' is no metric of a regression task, allowed is /,
      ),
      'contenders.a.trainer: found "logistic" with the task "regression", allowed is "linear" or a trainer of trees',
      'contenders.b.estimator: found "logistic", allowed is linear, random-forest, gradient-boosting, or a dotted path such as "sklearn.linear_model.Ridge"',
      'contenders.c.weights.classes: found "balanced" with the task "regression", allowed is weights.column only: a regression has no classes',
      'contenders.c.tuning.metric: found "log_loss" with the task "regression", allowed is rmse, mae',
    ]);
  });
});

it('a binary definition names both classes in weights', () => {
  expect(mistakes({ contenders: { a: lightgbm({ weights: { classes: { negative: 1, other: 2 } } }) } })).toEqual([
    'contenders.a.weights.classes: found an object with negative, other, allowed is "balanced", or a weight for each of negative, positive',
  ]);
});
