// The loss of a row by task: what it is, what scales it, and that the constant of the training rows is what it says.
import { constantPredictions, rowLossOf, rowsOfTask } from '../../../../src/statistics/metrics/row-loss';
import { prepareMetric } from '../../../../src/statistics/metrics/registry';

const labels = [3, 5, 10, 2];
const mean = 5;
const variance = (4 + 0 + 25 + 9) / 4;
const classes = ['a', 'b', 'c'];

it('is 1 on average for always predicting the training mean, whatever the unit of the label', () => {
  for (const unit of [1, 1000]) {
    const inUnit = labels.map((label) => label * unit);
    const trained = { mean: mean * unit, variance: variance * unit * unit };
    const loss = rowLossOf({ target: { task: 'regression' }, trained });
    const losses = loss(inUnit, constantPredictions(trained, inUnit.length));
    expect(losses.reduce((sum, each) => sum + each, 0) / losses.length).toBeCloseTo(1, 12);
    expect(losses[2]).toBeCloseTo(25 / variance, 12);
  }
});

it('is NaN where the training labels never change, and an error where nothing is known of them', () => {
  const target = { task: 'regression' } as const;
  expect([...rowLossOf({ target, trained: { mean: 3, variance: 0 } })([3], [3])]).toEqual([Number.NaN]);
  expect(() => rowLossOf({ target })).toThrow('no variance of the training labels');
});

it('of classes is the log loss of the true one, and of their shares the entropy where the shares are the same', () => {
  const shares = [0.5, 0.25, 0.25];
  const loss = rowLossOf({ target: { task: 'multiclass', classes }, trained: { shares } });
  const losses = loss([0, 0, 1, 2], constantPredictions({ shares }, 4));
  const entropy = shares.reduce((sum, share) => sum - share * Math.log(share), 0);
  expect(losses.reduce((sum, each) => sum + each, 0) / 4).toBeCloseTo(entropy, 12);
  const binary = rowLossOf({ target: { task: 'binary' } });
  expect([...binary([1, 0], [0.8, 0.3])].map((each) => each.toFixed(12))).toEqual(
    [-Math.log(0.8), -Math.log(0.7)].map((each) => each.toFixed(12)),
  );
});

it('gives the metrics of each task its rows', () => {
  const regression = rowsOfTask({ task: 'regression' }, labels, [3, 5, 9, 2]);
  expect(prepareMetric({ task: 'regression', name: 'mae', parameter: null }, regression as never)(undefined)).toBe(
    0.25,
  );
  const multiclass = rowsOfTask({ task: 'multiclass', classes }, [0, 2], [0.6, 0.3, 0.1, 0.5, 0.3, 0.2]);
  expect(prepareMetric({ task: 'multiclass', name: 'accuracy', parameter: null }, multiclass as never)(undefined)).toBe(
    0.5,
  );
});
