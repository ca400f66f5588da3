// Many partitions at once: each meets exactly what it would meet one by one, whatever is fast and whatever is slow.
import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { inDayOrder } from '../../../src/activities/ingest/in-day-order';

const STEPS = [['outcomes', 'weather'], ['schedule']];
const TABLES = STEPS.flat();
const DAYS = ['2013-01-01', '2013-01-02', '2013-01-03', '2013-01-04'];
const nameOf = ({ table, partition }: { table: string; partition: string }): string => `${table} ${partition}`;

/** What of the same table, and of the tables that a schedule needs, ended before each partition began. */
async function met(wanted: readonly { table: string; partition: string }[], delays: readonly number[]) {
  const ended: { table: string; partition: string }[] = [];
  const seen = new Map<string, readonly string[]>();
  let turns = 0;
  const pause = () => wait(delays[turns++ % delays.length]);
  const results = await inDayOrder(wanted, STEPS, {
    find: async (partition) => {
      await pause();
      return `rows of ${nameOf(partition)}`;
    },
    ingest: async (partition, found) => {
      const needed = partition.table === 'schedule' ? TABLES : [partition.table];
      const before = ended.filter((each) => needed.includes(each.table) && each.partition <= partition.partition);
      seen.set(nameOf(partition), before.map(nameOf).sort());
      expect(await found).toBe(`rows of ${nameOf(partition)}`);
      await pause();
      ended.push(partition);
      return nameOf(partition);
    },
    signal: new AbortController().signal,
  });
  return { results, seen };
}

describe('partitions in day order', () => {
  it('meet the same whatever the order of the list and the time that each takes', async () => {
    const all = DAYS.flatMap((partition) => TABLES.map((table) => ({ table, partition })));
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(all),
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 20 }),
        async (wanted, delays) => {
          const { results, seen } = await met(wanted, delays);
          expect([...results].sort()).toEqual(wanted.map(nameOf).sort());
          const days = results.map((name) => name.split(' ')[1]!);
          expect(days).toEqual([...days].sort());
          for (const { table, partition } of wanted) {
            const needed = table === 'schedule' ? TABLES : [table];
            const before = wanted.filter(
              (each) =>
                needed.includes(each.table) &&
                (each.partition < partition || (each.partition === partition && each.table !== table)) &&
                each.partition <= partition,
            );
            expect(seen.get(nameOf({ table, partition }))).toEqual(before.map(nameOf).sort());
          }
        },
      ),
      { numRuns: 40, seed: 4 },
    );
  });

  it('end with the first failure once what is under way has ended, and begin nothing after it', async () => {
    const begun: string[] = [];
    const ended: string[] = [];
    const failing = inDayOrder(
      DAYS.flatMap((partition) => ['outcomes', 'weather'].map((table) => ({ table, partition }))),
      STEPS,
      {
        find: (partition) => Promise.resolve(nameOf(partition)),
        ingest: async (partition, found) => {
          begun.push(await found);
          if (partition.table === 'weather') throw new Error('the disk is full');
          await wait(20);
          ended.push(nameOf(partition));
        },
        signal: new AbortController().signal,
      },
    );
    await expect(failing).rejects.toThrow('the disk is full');
    expect(begun.sort()).toEqual(['outcomes 2013-01-01', 'weather 2013-01-01']);
    expect(ended).toEqual(['outcomes 2013-01-01']);
  });

  it('fail on their own when they are not found, and the others go on if that is no failure of the work', async () => {
    const results = await inDayOrder(
      DAYS.map((partition) => ({ table: 'weather', partition })),
      STEPS,
      {
        find: ({ partition }) =>
          partition === DAYS[1] ? Promise.reject(new Error('no such file')) : Promise.resolve(partition),
        ingest: (_, found) => found.catch((error: Error) => error.message),
        signal: new AbortController().signal,
      },
    );
    expect(results).toEqual([DAYS[0], 'no such file', DAYS[2], DAYS[3]]);
  });

  it('begin nothing more once they are cancelled', async () => {
    const cancel = new AbortController();
    const begun: string[] = [];
    const working = inDayOrder(
      DAYS.map((partition) => ({ table: 'weather', partition })),
      STEPS,
      {
        find: ({ partition }) => Promise.resolve(partition),
        ingest: ({ partition }) => {
          begun.push(partition);
          if (partition === DAYS[1]) cancel.abort(new Error('cancelled'));
          return Promise.resolve();
        },
        signal: cancel.signal,
      },
    );
    await expect(working).rejects.toThrow('cancelled');
    expect(begun).toEqual(DAYS.slice(0, 2));
  });
});
