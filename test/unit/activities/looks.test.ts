// Which look a decision is: counted over the reign of a contender, the same when the decision is made a second time.
import { lookOf, type PastDecision } from '../../../src/activities/judging/looks';

/** A decision in which challengers tried to displace a champion, unless `kinds` says otherwise. */
function decision(
  cycle: string,
  contender: string,
  epoch: number,
  kinds: readonly string[] = ['switch'],
): PastDecision {
  const candidates = kinds.map((kind) => ({ kind })) as unknown as PastDecision['candidates'];
  return { cycle, champion: { version: epoch, contender, epoch }, candidates };
}

const look = (past: readonly PastDecision[], cycle: string, contender: string, epoch: number, looks = 8) =>
  lookOf(past, { cycle, champion: { version: epoch, contender, epoch } }, looks).number;

it('is the first where nobody has tried yet', () => {
  expect(look([], 'c1', 'a', 1)).toBe(1);
  expect(look([decision('c0', 'a', 1, ['refresh'])], 'c1', 'a', 1)).toBe(1);
});

it('counts the decisions with challengers while champions are of one contender, through its refreshes', () => {
  const past = [decision('c4', 'a', 4), decision('c3', 'a', 3), decision('c2', 'b', 2), decision('c1', 'a', 1)];
  expect(look(past, 'c5', 'a', 5)).toBe(3);
});

it('begins again with a champion of another contender', () => {
  expect(look([decision('c2', 'a', 2), decision('c1', 'a', 1)], 'c3', 'b', 3)).toBe(1);
});

it('takes the decisions of one cycle as one look, since they look at the same rows', () => {
  const past = [decision('c2', 'a', 2), decision('c1', 'a', 2), decision('c1', 'a', 1)];
  expect(look(past, 'c3', 'a', 2)).toBe(3);
  expect(look(past, 'c2', 'a', 3)).toBe(2);
});

it('is the same when the decision is made a second time, whatever was decided meanwhile', () => {
  const before = [decision('c1', 'a', 1)];
  const later = [decision('c3', 'a', 1), decision('c2', 'a', 1), ...before];
  expect([look(before, 'c2', 'a', 1), look(later, 'c2', 'a', 1)]).toEqual([2, 2]);
});

it('begins the next round after the last look', () => {
  const past = ['c4', 'c3', 'c2', 'c1'].map((cycle) => decision(cycle, 'a', 1));
  expect([3, 4, 5].map((looks) => look(past, 'c5', 'a', 1, looks))).toEqual([2, 1, 5]);
});
