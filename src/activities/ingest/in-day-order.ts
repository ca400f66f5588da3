// Runs the ingest of many partitions so that each meets what it would meet day by day, as fast as that allows.
// Invariant: a partition begins when those of its table before it have ended, and those up to its day of the tables whose rows its check reads.
import type { DuePartition } from '../../domain/lifecycle/lifecycle';

type Partition = Pick<DuePartition, 'table' | 'partition'>;

/** How one partition is done. */
export interface PartitionWork<Found, Result> {
  /** Finds what was delivered, ahead of its turn and one partition at a time: it depends on nothing that is stored meanwhile. */
  readonly find: (partition: Partition) => Promise<Found>;
  readonly ingest: (partition: Partition, found: Promise<Found>) => Promise<Result>;
  /** Nothing new begins once it aborts. */
  readonly signal: AbortSignal;
}

/** How many partitions are looked for ahead of those that have ended: a month's file is split while the days before are checked. */
const FIND_AHEAD = 30;

/**
 * @param steps the tables in the order in which those of a day have to be checked (`checkSteps`).
 * @returns results by day, within a day in the order of the steps and then of the list. Throws the first failure when everything under way has ended.
 */
export async function inDayOrder<Found, Result>(
  partitions: readonly Partition[],
  steps: readonly (readonly string[])[],
  { find, ingest, signal }: PartitionWork<Found, Result>,
): Promise<Result[]> {
  const stepOf = (table: string): number => steps.findIndex((step) => step.includes(table));
  const list = [...partitions].sort((a, b) => compare(a.partition, b.partition) || stepOf(a.table) - stepOf(b.table));
  const found: Promise<Found>[] = [];
  const newest = new Map<string, Promise<unknown>>();
  let finding: Promise<unknown> = Promise.resolve();
  let ended = 0;
  let failure: { readonly error: unknown } | undefined;

  function mayBegin(): void {
    signal.throwIfAborted();
    if (failure) throw failure.error;
  }

  /** Looks for the partitions up to a place in the list. */
  function findUpTo(place: number): void {
    while (found.length <= Math.min(place, list.length - 1)) {
      const partition = list[found.length]!;
      const mine = finding.then(() => {
        mayBegin();
        return find(partition);
      });
      finding = mine.catch(() => undefined);
      found.push(mine);
    }
  }

  async function run(place: number, needed: readonly Promise<unknown>[]): Promise<Result> {
    await Promise.all(needed);
    mayBegin();
    findUpTo(place);
    try {
      const result = await ingest(list[place]!, found[place]!);
      findUpTo(++ended + FIND_AHEAD);
      return result;
    } catch (error) {
      failure ??= { error };
      throw error;
    }
  }

  findUpTo(FIND_AHEAD);
  const runs = list.map(({ table }, place) => {
    const needed = [table, ...steps.slice(0, stepOf(table)).flat()].flatMap((each) => newest.get(each) ?? []);
    const mine = run(place, needed);
    newest.set(table, mine);
    return mine;
  });
  const outcomes = await Promise.allSettled(runs);
  await finding;
  mayBegin();
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
