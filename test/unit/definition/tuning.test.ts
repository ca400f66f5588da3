// What a definition may ask of a search for parameters, and the sentences for what it may not.
import { lightgbm, logistic, type TuningInput } from '../../../src';
import { defineModel } from '../../../src/definition/define-model';
import { modelInput } from './example';

/** What is said about one contender's `tuning`, without the file's name. */
function mistakes(tuning: unknown, contender: unknown = { ...lightgbm(), tuning }): string[] {
  try {
    defineModel(modelInput({ contenders: { one: contender } }));
  } catch (error) {
    return (error as Error).message
      .split('\n')
      .map((line) => line.replace('models/late/model.ts: contenders.one.tuning', ''));
  }
  return [];
}
const space = (rate: unknown): unknown => ({ space: { rate } });

it('is written by the builders, with its defaults filled in', () => {
  const tuning: TuningInput = {
    space: { num_leaves: { low: 8, high: 64, log: true, step: 1 } },
    trials: 50,
    timeLimit: '1 hour',
  };
  const { plan } = defineModel(modelInput({ contenders: { one: lightgbm({ tuning }) } }));
  expect(plan.contenders['one']!.tuning).toEqual({
    ...tuning,
    ...{ parallel: 1, folds: 3, metric: 'log_loss', randomTrials: 10, pruneAfter: { trials: 5, folds: 1 } },
  });
});

it('takes ranges and lists that can be tried', () => {
  for (const good of [
    { low: 0.1, high: 1 },
    { low: 0.001, high: 10, log: true },
    { low: 1, high: 9, step: 2 },
    { low: 0, high: 1, step: 0.25 },
    { choices: ['gbdt', 'dart'] },
    { choices: [true, false] },
    { choices: [1, 5, 10] },
  ])
    expect(mistakes(space(good))).toEqual([]);
});

it.each([
  ['no range', {}, '.space.rate: found an object with no fields, allowed is low and high, or choices'],
  ['half a range', { low: 1 }, '.space.rate: found an object with low, allowed is low and high, or choices'],
  ['ends that are swapped', { low: 2, high: 1 }, '.space.rate.high: found 1, allowed is more than low, which is 2'],
  [
    'a logarithm of 0',
    { low: 0, high: 1, log: true },
    '.space.rate.low: found 0, allowed is more than 0 where log is true',
  ],
  [
    'a step on a logarithmic scale',
    { low: 1, high: 9, log: true, step: 2 },
    '.space.rate.step: found 2, allowed is with log: true only 1, for whole numbers, and then a whole low',
  ],
  [
    'a step over the end',
    { low: 1, high: 3, step: 4 },
    '.space.rate.step: found 4, allowed is at most 2, from low to high',
  ],
  [
    'half a whole range',
    { low: 1, high: 3.5, step: 1 },
    '.space.rate.high: found 3.5, allowed is a whole number, as low and step are',
  ],
  [
    'a range and a list',
    { low: 1, choices: [1, 2] },
    '.space.rate: found choices and low, allowed is low and high, or choices, not both',
  ],
  ['one choice', { choices: [1] }, '.space.rate.choices: found a list of 1, allowed is at least two values'],
  ['a choice twice', { choices: [1, 2, 1] }, '.space.rate.choices: found 1 twice, allowed is each value once'],
  ['true beside 1', { choices: [1, true] }, '.space.rate.choices: found true twice, allowed is each value once'],
])('refuses %s', (_, rate, sentence) => {
  expect(mistakes(space(rate))).toEqual([sentence]);
});

it('refuses an empty space, pruning after more folds than there are, and fields that it does not know', () => {
  const rate = { low: 0.1, high: 1 };
  expect(mistakes({ space: {} })[0]).toMatch(/^\.space: found none, allowed is at least one parameter/);
  expect(mistakes({ space: { rate }, folds: 2, pruneAfter: { folds: 3 } })).toEqual([
    '.pruneAfter.folds: found 3, allowed is 1 to 2, the number of folds; 2 means never',
  ]);
  expect(mistakes({ space: { rate: { ...rate, scale: 'log' } } })[0]).toMatch(
    /^\.space\.rate\.scale: found a field of this name/,
  );
  expect(mistakes({ space: { rate }, timeLimit: 'soon' })[0]).toMatch(
    /^\.timeLimit: found "soon", allowed is a duration/,
  );
});

it('is for the trainers of the Python worker', () => {
  const tuning = { space: { l2: { low: 0.1, high: 10, log: true } } };
  expect(mistakes(tuning, { ...logistic(), tuning })).toEqual([
    ': found tuning with the trainer "logistic", allowed is tuning for the trainers "lightgbm", "xgboost", "sklearn", "function" only',
  ]);
});
