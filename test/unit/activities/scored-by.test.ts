// How far a new scoring is from the recorded one.
import { predictionDifference } from '../../../src/activities/judging/scored-by';

describe('a new scoring beside the recorded one', () => {
  it('counts the numbers that are not the same, and tells the largest distance', () => {
    const was = Float32Array.of(0.5, 0.25, 0.75);
    expect(predictionDifference(was, Float32Array.of(0.5, 0.25, 0.75))).toEqual({
      numbers: 3,
      different: 0,
      largest: 0,
    });
    expect(predictionDifference(was, Float32Array.of(0.5, 0.5, 0.625))).toEqual({
      ...{ numbers: 3, different: 2 },
      largest: 0.25,
    });
  });

  it('never takes another number of rows or a missing number for the same', () => {
    expect(predictionDifference(Float32Array.of(1), Float32Array.of(1, 2))).toMatchObject({
      different: 1,
      largest: Infinity,
    });
    expect(predictionDifference(Float32Array.of(1), Float32Array.of(NaN))).toMatchObject({
      different: 1,
      largest: Infinity,
    });
    expect(predictionDifference(Float32Array.of(NaN), Float32Array.of(NaN))).toMatchObject({ different: 0 });
  });
});
