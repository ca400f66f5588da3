// What `contributions` prints of each task: the sum in its own unit, and of several classes the most probable ones beside each other.
import { contributionsText } from '../../../src/cli/commands/contributions';

const head = { model: 'm', version: 2, contender: 'gbm', key: 'k', method: 'path-dependent' } as const;

it('adds up to the log-odds of a probability, and to the value of a regression', () => {
  const features = [
    { feature: 'x', value: 0.9599999785423279, contribution: 1.25 },
    { feature: 'c', value: null, contribution: -0.5 },
  ];
  const binary = contributionsText(
    { ...head, task: 'binary', probability: 0.5, base: -0.75, logOdds: 0, features },
    15,
  );
  expect(binary).toMatch(/prediction +0\.5000 for k, by m@2 \(gbm\)/);
  expect(binary).toMatch(/log-odds +0\.0000 = -0\.7500 \(the mean\)/);
  expect(binary).toMatch(/x .* 0\.96 .*\+1\.2500/);
  const value = contributionsText({ ...head, task: 'regression', prediction: 200.75, base: 200, features }, 1);
  expect(value).toMatch(/value +200\.75 = 200 \(the mean\)/);
  expect(value).toContain('part of the value');
  expect(value).toMatch(/the other 1 .*-0\.5/);
});

it('has a column for each of the five most probable classes, the most probable first', () => {
  const probabilities = [0.05, 0.4, 0.1, 0.2, 0.15, 0.1];
  const text = contributionsText(
    {
      ...{ ...head, task: 'multiclass' },
      classes: probabilities.map((probability, at) => ({ name: `c${at}`, probability, base: 0, score: at })),
      features: [{ feature: 'x', value: 1, contributions: probabilities.map((_, at) => at / 10) }],
    },
    15,
  );
  expect(text).toMatch(/prediction +c1 for k/);
  expect(text).toMatch(/feature.*value.*c1.*c3.*c4.*c2.*c5/);
  expect(text).not.toContain('c0');
  expect(text).toMatch(/x.*\+0\.1000.*\+0\.3000.*\+0\.4000/);
  expect(text).toContain('the 5 most probable of 6');
});
