// What is drawn of classes and of predicted values: every row counted once, nothing made up where a class is missing.
import { classCurves, taskCurvesOf, valueCurves } from '../../../src/activities/explaining/task-curves';
import { randomNumbers } from '../../../src/domain/random';

it('puts every row into one part of rising predictions, and equal predictions into the same', () => {
  const random = randomNumbers(2);
  const labels = Float32Array.from({ length: 1003 }, () => 10 * random());
  const predictions = labels.map((label) => Math.round(label + random() - 0.25));
  const { parts, pairs } = valueCurves(labels, predictions);
  expect(parts.reduce((sum, { n }) => sum + n, 0)).toBe(1003);
  expect(parts.length).toBeLessThanOrEqual(10);
  const means = parts.map(({ meanPrediction }) => meanPrediction);
  expect(means).toEqual(means.toSorted((a, b) => a - b));
  for (const { meanPrediction, meanLabel, residual } of parts) {
    expect(residual.mean).toBeCloseTo(meanPrediction - meanLabel, 9);
    expect(residual.low <= residual.mean && residual.mean <= residual.high).toBe(true);
  }
  expect(pairs).toHaveLength(400);
  expect(valueCurves(labels, predictions).pairs).toEqual(pairs);
  const even = valueCurves(
    Float32Array.from({ length: 100 }, () => 1),
    Float32Array.from({ length: 100 }, (_, i) => i),
  );
  expect(even.parts.map(({ n }) => n)).toEqual(Array.from({ length: 10 }, () => 10));
  expect(valueCurves(Float32Array.of(1, 2), Float32Array.of(7, 7)).parts).toHaveLength(1);
  expect(valueCurves(new Float32Array(), new Float32Array())).toEqual({ pairs: [], parts: [] });
});

it('sets every class against the rest, and counts which is taken for which', () => {
  const values = Float32Array.of(0.7, 0.2, 0.1, 0.5, 0.4, 0.1, 0.2, 0.7, 0.1, 0.6, 0.3, 0.1);
  const { against, confusion, topLabel } = classCurves(Float32Array.of(0, 1, 1, 0), { values, classes: 3 }, [
    'a',
    'b',
    'c',
  ]);
  expect(confusion).toEqual([
    [2, 0, 0],
    [1, 1, 0],
    [0, 0, 0],
  ]);
  expect(against.map(({ name, rocAuc }) => [name, rocAuc])).toEqual([
    ['a', 1],
    ['b', 1],
    ['c', null],
  ]);
  expect(against[2]!.roc).toBeNull();
  expect(against[2]!.calibration).toEqual({
    bins: [{ meanProbability: expect.closeTo(0.1, 6) as number, positiveShare: 0, n: 4 }],
    ece: expect.closeTo(0.1, 6) as number,
  });
  // The most probable classes have 0.7 (twice), 0.5 and 0.6; the one with 0.5 is wrong.
  expect(topLabel!.bins.map(({ positiveShare, n }) => [positiveShare, n])).toEqual([
    [0, 1],
    [1, 3],
  ]);
  expect(topLabel!.ece).toBeCloseTo((0.5 + 0.4 + 0.3 + 0.3) / 4, 6);
  expect(against[0]!.roc!.at(-1)).toEqual([1, 1]);
});

it('adds nothing for two classes', () => {
  expect(taskCurvesOf({ task: 'binary' }, Float32Array.of(0, 1), Float32Array.of(0.1, 0.9))).toEqual({});
});
