// Training-serving skew of values: what counts as different, and which difference is told.
import { compareFeatures, type FeaturePair } from '../../../src/statistics/skew';

const pair = (online: FeaturePair['online'], offline: FeaturePair['offline'], key = 'a'): FeaturePair => ({
  key,
  feature: 'x',
  online,
  offline,
});

describe('skew of features', () => {
  it('is none between numbers that are equal as float32, equal texts, and values missing on both sides', () => {
    const pairs = [pair(0.1, Math.fround(0.1)), pair(-0, 0), pair('AA', 'AA'), pair(null, null), pair(1e300, 2e300)];
    expect(compareFeatures(pairs)).toEqual({ compared: 5, differing: 0, worst: null });
  });

  it('names the largest relative difference of numbers', () => {
    const pairs = [pair(1, 1.1, 'a'), pair(1000, 1001, 'b'), pair(-1, 1, 'c'), pair(5, 5, 'd')];
    expect(compareFeatures(pairs)).toEqual({
      compared: 4,
      differing: 3,
      worst: { feature: 'x', key: 'c', online: -1, offline: 1 },
    });
  });

  it('finds a value that is missing on one side worse than any other number, and the first of them', () => {
    const pairs = [pair(1, -1, 'a'), pair(null, 1, 'b'), pair('AA', 'UA', 'c'), pair(3, -3, 'd')];
    expect(compareFeatures(pairs)).toEqual({
      compared: 4,
      differing: 4,
      worst: { feature: 'x', key: 'b', online: null, offline: 1 },
    });
  });

  it('sees the smallest step of a float32', () => {
    expect(compareFeatures([pair(1, 1 + 2 ** -23)]).differing).toBe(1);
    expect(compareFeatures([pair(1, 1 + 2 ** -26)]).differing).toBe(0);
  });
});
