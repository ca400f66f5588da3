// Which look a decision is: counted over the reign of a contender, the same when the decision is made a second time.
import { lookDaysOf, lookOf, type PastDecision } from '../../../src/activities/judging/looks';

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

/** A decision that recorded what it saw of its challengers; NaN: it had no p for that one. */
function recorded(cycle: string, seen: Readonly<Record<string, number>>, epoch = 1): PastDecision {
  const candidates = Object.entries(seen).map(([contender, difference]) => ({
    contender,
    kind: 'switch',
    gates: [
      { gate: 'superiority', against: 9, value: 0, test: { look: { differences: { '2013-01-01': 7 } } } },
      {
        gate: 'superiority',
        against: epoch,
        value: Number.isNaN(difference) ? null : 0.2,
        test: { look: { number: 1, of: 8, differences: { '2013-01-01': difference } } },
      },
    ],
  }));
  return { ...decision(cycle, 'a', epoch), candidates: candidates as unknown as PastDecision['candidates'] };
}
const earlierOf = (past: readonly PastDecision[]) =>
  lookOf(past, { cycle: 'own', champion: { version: 1, contender: 'a', epoch: 1 } }, 8).earlier;
const own = (...contenders: string[]) =>
  contenders.map((contender) => ({ contender, days: { '2013-01-08': 1 }, isTested: true }));

describe('the earlier looks of a round', () => {
  it('have what they saw of each challenger against their champion, the newest first', () => {
    expect(earlierOf([recorded('c2', { b: 2 }), recorded('c1', { b: 1, c: NaN })])).toEqual([
      { number: 2, challengers: { b: { '2013-01-01': 2 } } },
      { number: 1, challengers: { b: { '2013-01-01': 1 } } },
    ]);
  });

  it('are unknown where decisions did not record it, or decisions of one cycle had other challengers', () => {
    expect(earlierOf([decision('c1', 'a', 1)])).toEqual([{ number: 1, challengers: null }]);
    expect(earlierOf([recorded('c1', { b: 1 }), recorded('c1', { c: 1 })])).toEqual([{ number: 1, challengers: null }]);
    expect(earlierOf([recorded('c1', { b: 1 }), recorded('c1', { b: 3 })])).toEqual([
      { number: 1, challengers: { b: { '2013-01-01': 1 } } },
    ]);
  });

  it('of an earlier round are not among them', () => {
    const past = ['c3', 'c2', 'c1'].map((cycle) => recorded(cycle, { b: 1 }));
    const champion = { version: 1, contender: 'a', epoch: 1 };
    expect(lookOf(past, { cycle: 'own', champion }, 3)).toEqual({ number: 1, of: 3, earlier: [] });
    expect(lookOf(past, { cycle: 'own', champion }, 2).earlier.map(({ number }) => number)).toEqual([1]);
  });

  it('count together where they had the same challengers; the others are named', () => {
    const earlier = earlierOf([
      recorded('c4', { b: 4, c: 5 }),
      recorded('c3', { b: 3 }),
      decision('c2', 'a', 1),
      recorded('c1', { c: 1, b: 2 }),
    ]);
    const { lookDays, leftOut } = lookDaysOf(earlier, own('c', 'b'));
    expect(lookDays[1]).toEqual({
      days: { '2013-01-08': 1 },
      earlier: [
        { number: 4, days: { '2013-01-01': 4 } },
        { number: 1, days: { '2013-01-01': 2 } },
      ],
    });
    expect(leftOut).toBe('look 3: other challengers; look 2: differences by day not recorded');
    expect(lookDaysOf([], own('b'))).toEqual({ lookDays: [{ days: { '2013-01-08': 1 }, earlier: [] }], leftOut: null });
  });

  it('count apart when there are more than twenty, and for a contender with two versions', () => {
    const many = Array.from({ length: 20 }, (_, i) => ({ number: i + 1, challengers: { b: { x: 1 } } }));
    const tooMany = lookDaysOf(many, own('b'));
    expect([tooMany.lookDays[0]!.earlier, tooMany.leftOut]).toEqual([[], 'more than 20 looks together']);
    expect(lookDaysOf(many.slice(1), own('b')).lookDays[0]!.earlier).toHaveLength(19);
    const twice = lookDaysOf([{ number: 1, challengers: { b: {} } }], own('b', 'b'));
    expect(twice.lookDays.map(({ earlier }) => earlier)).toEqual([[], []]);
  });
});
