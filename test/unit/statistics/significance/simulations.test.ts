// The simulations behind `npm run proof -- --only statistics`, on made-up days: they tell a gate that keeps its level from one that does not.
import { betterChallenger, dailyLooks, sameModels } from '../../../../scripts/proof/statistics/simulate';
import { randomNumbers } from '../../../../src/domain/random';

const days = (() => {
  const random = randomNumbers(2);
  return Array.from({ length: 120 }, () => ({
    rows: 500 + Math.floor(1000 * random()),
    difference: 40 * (random() - 0.5),
  }));
})();

describe('a simulation', () => {
  it('finds that the gate by day keeps its level, by either test', () => {
    const random = randomNumbers(3);
    const common = { days: 14, level: 0.05, random };
    expect(sameModels(days, { ...common, method: 'cluster-t', trials: 2000 })).toMatchObject({
      holds: true,
      stated: 0.05,
    });
    expect(sameModels(days, { ...common, method: 'sign-flip', trials: 100 })).toMatchObject({
      holds: true,
      trials: 100,
    });
  });

  it('finds that an improvement is found with the stated power', () => {
    const found = betterChallenger(days, {
      method: 'cluster-t',
      days: 20,
      level: 0.05,
      power: 0.8,
      trials: 1000,
      random: randomNumbers(4),
    });
    expect(found.holds).toBe(true);
    expect(found.improvement).toBeGreaterThan(0);
    expect(found.share).toBeLessThan(0.9);
  });

  it('finds that daily looks without a correction do not keep the level', () => {
    const rates = dailyLooks(days, { firstLook: 14, days: 34, level: 0.05, trials: 200, random: randomNumbers(5) });
    expect(rates.map(({ demand, holds }) => [demand, holds])).toEqual([
      ['equal', true],
      ['equal', true],
      ['at most', true],
      ['above', true],
    ]);
  });

  it('is repeated by its seed', () => {
    const rate = () =>
      sameModels(days, { method: 'cluster-t', days: 14, level: 0.05, trials: 300, random: randomNumbers(6) });
    expect(rate()).toEqual(rate());
  });
});
