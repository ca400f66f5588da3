// The test of normality against scipy's numbers.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jarqueBera } from '../../../src/statistics/normality';
import { relativeDifference } from './closeness';

interface Expected {
  readonly cases: Record<string, { values: number[]; statistic: number; p: number }>;
}
const { cases } = JSON.parse(
  readFileSync(join(__dirname, '../../reference/normality/expected.json'), 'utf8'),
) as Expected;

function moments(values: readonly number[]) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const central = (power: number) => values.reduce((sum, value) => sum + (value - mean) ** power, 0) / values.length;
  return { count: values.length, second: central(2), third: central(3), fourth: central(4) };
}

describe('the Jarque–Bera test', () => {
  it.each(Object.keys(cases))('of a %s sample equals scipy’s', (name) => {
    const { values, statistic, p } = cases[name]!;
    const test = jarqueBera(moments(values));
    expect(relativeDifference(test.statistic, statistic)).toBeLessThan(1e-10);
    expect(relativeDifference(test.p, p)).toBeLessThan(1e-10);
  });

  it('says nothing without spread', () => {
    expect(jarqueBera(moments([2, 2, 2])).p).toBeNaN();
    expect(jarqueBera(moments([1])).p).toBeNaN();
  });
});
