// Pooled quality: all rows count the same, whatever day they are of.
import { pooledBaseRate, pooledQuality, qualityByWeek, type ScoredDay } from '../../../scripts/demo/findings/pooled';

const day = (
  name: string,
  labels: (0 | 1)[],
  served: number[],
  other: number[],
  baseRateLogLoss: number | null,
): ScoredDay => ({
  day: name,
  labels,
  served,
  byContender: { other },
  baseRateLogLoss,
});
const days = [
  day('2013-07-06', [1, 0], [0.8, 0.2], [0.5, 0.5], 0.6),
  day('2013-07-08', [1, 0, 0, 0], [0.6, 0.4, 0.4, 0.4], [0.5, 0.5, 0.5, 0.5], 0.3),
];

describe('pooled quality', () => {
  it('weighs rows, not days', () => {
    const quality = pooledQuality(days, ({ served }) => served);
    expect(quality?.rows).toBe(6);
    expect(quality?.logLoss).toBeCloseTo((-2 * Math.log(0.8) - 4 * Math.log(0.6)) / 6, 12);
    expect(quality?.rocAuc).toBe(1);
    expect(pooledBaseRate(days)).toBeCloseTo((2 * 0.6 + 4 * 0.3) / 6, 12);
  });

  it('skips days without a contender, and has no number without rows', () => {
    expect(pooledQuality(days, () => undefined)).toBeNull();
    expect(pooledBaseRate([day('2013-07-06', [1], [0.5], [0.5], null)])).toBeNull();
  });

  it('has one row a week, from Monday to Sunday', () => {
    const weeks = qualityByWeek(days);
    expect(weeks.map(({ week, rows, lateShare }) => [week, rows, lateShare])).toEqual([
      ['2013-07-01', 2, 0.5],
      ['2013-07-08', 4, 0.25],
    ]);
    expect(weeks[0]?.byContender['other']?.logLoss).toBeCloseTo(Math.log(2), 12);
  });
});
