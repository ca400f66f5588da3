// The simulation of whole rounds of decisions, on a few made-up days: the full one is part of `npm run proof`.
import { weeklyRounds } from '../../../../scripts/proof/statistics/rounds';
import { randomNumbers } from '../../../../src/domain/random';

const random = randomNumbers(3);
const pool = () =>
  Array.from({ length: 90 }, () => {
    const rows = 700 + Math.floor(400 * random());
    return { rows, difference: rows * 0.01 * (random() + random() + random() - 1.5) };
  });

it('keeps the level over all challengers and looks, shows that it would not without correction, and has its power', () => {
  const rates = weeklyRounds([pool(), pool(), pool()], {
    level: 0.05,
    power: 0.8,
    looks: 4,
    days: 14,
    everyDays: 7,
    trials: 150,
    intervalLevel: 0.999,
    random,
  });
  expect(rates.filter(({ holds }) => !holds)).toEqual([]);
  const demands = rates.map(({ demand }) => demand);
  expect(['equal', 'at most', 'above', 'at least'].every((each) => demands.includes(each as never))).toBe(true);
});
