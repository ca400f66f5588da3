// Checks of a search: ranges that are none, steps that do not fit, a budget that contradicts itself.
import type { Dimension, TuningPlan } from '../../domain/plan/tuning-plan';
import { describeValue, type Problem } from '../checks/problems';

/** Everything that contradicts itself in `tuning`, under its path; empty: nothing. */
export function tuningProblems(path: string, tuning: TuningPlan): Problem[] {
  const { space, folds, pruneAfter } = tuning;
  const names = Object.keys(space);
  const problems: Problem[] = [];
  if (names.length === 0) {
    const allowed = 'at least one parameter, such as learning_rate: { low: 0.01, high: 0.3, log: true }';
    problems.push({ path: `${path}.space`, found: 'none', allowed });
  }
  for (const name of names) problems.push(...dimensionProblems(`${path}.space.${name}`, space[name]!));
  if (pruneAfter.folds > folds) {
    const allowed = `1 to ${folds}, the number of folds; ${folds} means never`;
    problems.push({ path: `${path}.pruneAfter.folds`, found: String(pruneAfter.folds), allowed });
  }
  return problems;
}

function dimensionProblems(path: string, dimension: Dimension): Problem[] {
  const { choices, low, high, log, step } = dimension;
  if (choices !== undefined) return choiceProblems(path, dimension);
  if (low === undefined || high === undefined) {
    const found = describeValue(dimension);
    return [{ path, found, allowed: 'low and high, or choices' }];
  }
  if (low >= high) {
    return [{ path: `${path}.high`, found: String(high), allowed: `more than low, which is ${low}` }];
  }
  const isWhole = (value: number): boolean => Number.isInteger(value);
  if (log === true && low <= 0) {
    return [{ path: `${path}.low`, found: String(low), allowed: 'more than 0 where log is true' }];
  }
  if (log === true && step !== undefined && !(step === 1 && isWhole(low))) {
    const allowed = 'with log: true only 1, for whole numbers, and then a whole low';
    return [{ path: `${path}.step`, found: String(step), allowed }];
  }
  if (step !== undefined && step > high - low) {
    return [{ path: `${path}.step`, found: String(step), allowed: `at most ${high - low}, from low to high` }];
  }
  if (step !== undefined && isWhole(low) && isWhole(step) && !isWhole(high)) {
    return [{ path: `${path}.high`, found: String(high), allowed: 'a whole number, as low and step are' }];
  }
  return [];
}

function choiceProblems(path: string, { choices = [], low, high, log, step }: Dimension): Problem[] {
  const range = Object.entries({ low, high, log, step }).filter(([, value]) => value !== undefined);
  if (range.length > 0) {
    const found = `choices and ${range.map(([name]) => name).join(', ')}`;
    return [{ path, found, allowed: 'low and high, or choices, not both' }];
  }
  if (choices.length < 2)
    return [{ path: `${path}.choices`, found: describeValue(choices), allowed: 'at least two values' }];
  // JSON has one kind of number and Python takes true for 1: such a pair could not be told apart again.
  const kinds = choices.map((choice) => (typeof choice === 'boolean' ? Number(choice) : choice));
  const twice = choices.find((_, index) => kinds.indexOf(kinds[index]!) !== index);
  return twice === undefined
    ? []
    : [{ path: `${path}.choices`, found: `${describeValue(twice)} twice`, allowed: 'each value once' }];
}
