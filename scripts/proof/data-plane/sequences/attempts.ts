// Attempts at one piece of work: healthy ones, and those that die; each tells the expectation what has come in by it.
// Invariant: a file that an attempt has brought in before it died is not brought in again by the next one.
import type { SnapshotRef } from '../../../../src/domain/data/partitions';
import type { StepContext } from '../../../../src/ports/activities';
import type { DeliveryFile } from '../place/delivery-files';
import type { Arrived, Expectation } from './expectation';
import { nameOf, PARTITIONS, type Partition } from '../place/model';
import { withClient, type DataWorker, type Place } from '../place/place';
import { fixedBy, hasEnded, perform, workFor, type Order, type Work } from '../place/work';

/** Work with what it began with. */
export interface OpenWork extends Work {
  readonly context: StepContext;
  /** Whether its contract accepts strange values. */
  readonly lenient: boolean;
  /** The one file that it brings in; null: not known yet, or it brings in many. */
  file: DeliveryFile | null;
  /** After how many judged deliveries it was found; null: not yet. */
  follows: number | null;
  /** Whether an attempt has brought it in. */
  arrived: boolean;
  /** Whether an attempt has re-opened its partition. */
  reopened: boolean;
}

/** Makes attempts. */
export interface Attempts {
  begin(order: Order, file: DeliveryFile | null, context: StepContext, lenient: boolean): OpenWork;
  /** A healthy worker does what is left; what has to fail must fail. */
  toTheEnd(worker: DataWorker, work: OpenWork): Promise<void>;
  /** A worker that may die tries; `died` is asked when nothing of it moves any more. Gives whether it died. */
  until(worker: DataWorker, work: OpenWork, died: () => Promise<boolean>): Promise<boolean>;
}

/** What attempts are judged by. */
export interface AttemptsRequest {
  readonly place: Place;
  readonly model: string;
  readonly expected: Expectation;
  /** What lies where the path template looks. */
  readonly placed: ReadonlyMap<string, DeliveryFile>;
  /** Is told everything that is wrong. */
  readonly wrong: (problem: string) => void;
  /** Is told each snapshot that was fixed. */
  readonly fixed: (snapshot: SnapshotRef) => void;
}

/** Makes attempts that are judged by an expectation. */
export function createAttempts({ place, model, expected, placed, wrong, fixed }: AttemptsRequest): Attempts {
  /** What an attempt that begins now would bring in. */
  function filesOf({ order, file, arrived, ...work }: OpenWork): DeliveryFile[] {
    switch (order.do) {
      case 'ingest-missing':
        if (work.results.has('ingestMissing')) return [];
        return PARTITIONS.filter((partition) => expected.current(partition) === null).flatMap(
          (partition) => placed.get(nameOf(partition)) ?? [],
        );
      case 'deliver':
      case 'release': {
        if (arrived || work.results.has('ingestDeliveries')) return [];
        const now = order.do === 'deliver' ? placed.get(nameOf(order)) : currentFile(order);
        return [file ?? now ?? []].flat();
      }
      default:
        return [];
    }
  }

  function currentFile({ table, day }: Partition): DeliveryFile | undefined {
    const version = expected.newest({ table, day });
    return version === null ? undefined : { table, day, version };
  }

  /** From when on the file of the work is the one that was found. */
  const found = (work: OpenWork): boolean => hasEnded(work, 'locateDeliveries') || hasEnded(work, 'newestDelivery');

  /** What was found once stays the delivery that it was, whatever is judged before it. */
  function noteFound(work: OpenWork, [file]: readonly DeliveryFile[]): void {
    if (work.order.do === 'ingest-missing' || work.follows !== null || file === undefined) return;
    work.file = file;
    work.follows = expected.find(file, work.lenient);
  }

  function arrive(work: OpenWork, file: DeliveryFile): Arrived {
    const follows = work.follows ?? expected.find(file, work.lenient);
    const arrived = expected.arrive(file, work.lenient, follows);
    if (work.order.do !== 'ingest-missing') {
      work.arrived = true;
      work.reopened ||= arrived.reopened;
    }
    return arrived;
  }

  return {
    begin: (order, file, context, lenient) => {
      return { ...workFor(order), context, lenient, file, follows: null, arrived: false, reopened: false };
    },

    async toTheEnd(worker, work) {
      const { order } = work;
      const files = filesOf(work);
      const refused =
        order.do === 'release' && !expected.canRelease(order) && !hasEnded(work, 'recordQuarantineVerdict');
      const allowed = [
        ...(files.some(({ version }) => version === 'unreadable') ? ['SOURCE_UNREADABLE'] : []),
        ...(refused ? ['QUARANTINE_REFUSED'] : []),
        ...(order.do === 'fix-snapshot' ? ['TOO_FEW_ROWS'] : []),
      ];
      const results = await perform(worker, work.context, work).catch((error: unknown) => {
        if (allowed.includes(String(typeOf(error)))) return null;
        throw error;
      });
      if (refused) {
        if (results !== null) wrong(`${nameOf(order)}: rows were released that are not in quarantine`);
        return;
      }
      if (order.do === 'release') expected.release(order);
      noteFound(work, files);
      for (const file of files) {
        const { rejected } = arrive(work, file);
        if (file.version === 'unreadable') continue;
        const verdict = results?.find(
          ({ table, partition }) => table === file.table && partition === file.day,
        )?.outcome;
        if (rejected === (verdict === 'rejected') && verdict !== undefined) continue;
        const wanted = rejected ? 'rejected' : 'accepted or unchanged';
        wrong(`${nameOf(file)}: version ${file.version} was ${verdict ?? 'passed over'}, not ${wanted}`);
      }
      if (work.reopened && !hasEnded(work, 'dependentDays'))
        wrong(`${JSON.stringify(order)} re-opened its partition, and nobody asked for what depends on it`);
      const snapshot = fixedBy(work);
      if (snapshot !== null) fixed(snapshot);
    },

    async until(worker, work, died) {
      const files = filesOf(work);
      const before = await Promise.all(files.map(effectsOf));
      const failure = await perform(worker, work.context, work).then(
        () => null,
        (error: unknown) => error as Error,
      );
      const dead = await died();
      if (failure !== null && !dead && !MAY_BE_REFUSED.includes(String(typeOf(failure)))) throw failure;
      if (work.order.do === 'release' && (await effectsLike(`quarantine/${model}/${nameOf(work.order)}/%`)) > 0)
        expected.release(work.order);
      if (found(work)) noteFound(work, files);
      for (const [at, file] of files.entries()) {
        if (!dead || (await effectsOf(file)) > before[at]!) arrive(work, file);
      }
      const snapshot = fixedBy(work);
      if (snapshot !== null) fixed(snapshot);
      return dead;
    },
  };

  /** How many deliveries of a partition the effect ledger has: one more after a transaction that was committed. */
  async function effectsOf(partition: Partition): Promise<number> {
    return effectsLike(`ingest/${model}/${nameOf(partition)}/%`);
  }

  async function effectsLike(pattern: string): Promise<number> {
    const { rowCount } = await withClient(place.databaseUrl, (client) =>
      client.query('select from effects where key like $1', [pattern]),
    );
    return rowCount ?? 0;
  }
}

const MAY_BE_REFUSED: readonly string[] = ['SOURCE_UNREADABLE', 'QUARANTINE_REFUSED', 'TOO_FEW_ROWS'];

/** The failure code that an activity's failure carries. */
export function typeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'type' in error ? error.type : undefined;
}
