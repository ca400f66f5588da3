// What must have been accepted in the end, worked out from the sequence alone and without the product's code.
// Invariant: per partition the last file that was good when it was judged counts, also one that was there before; a delivery that is told again
// is judged once, and what is rejected changes nothing.
import { rowsOf, type Accepted, type DeliveryFile, type Version } from '../place/delivery-files';
import { nameOf, type Partition } from '../place/model';

/** What became of a file. */
export interface Arrived {
  /** It replaces other rows, or follows a rejection. */
  readonly reopened: boolean;
  /** It has to be rejected. */
  readonly rejected: boolean;
}

/** The partitions as they must be. */
export interface Expectation {
  /**
   * After how many judged deliveries of its partition a file is a delivery that is found now: the same file after the same number is the same
   * delivery. What gave the rows that count, or was rejected last, is found again as what it was.
   * @param byContract - the contract accepts strange values.
   */
  find(file: DeliveryFile, byContract: boolean): number;
  /** A file has been checked and stored or rejected. @param follows - what `find` said when it was found. */
  arrive(file: DeliveryFile, byContract: boolean, follows: number): Arrived;
  /** A person has let in the strange values of a partition, once and for all. */
  release(partition: Partition): void;
  /** Whether a person has rows with strange values to decide on, or has decided. */
  canRelease(partition: Partition): boolean;
  /** The version whose rows count; null: none was accepted. */
  current(partition: Partition): Accepted | null;
  /** The version that was accepted last, also where its rows were those of the one before; null: none. */
  newest(partition: Partition): Version | null;
}

/** One judged delivery of a partition. */
interface Judged extends Accepted {
  readonly byContract: boolean;
  readonly follows: number;
  /** Null: it was rejected. */
  readonly rows: string | null;
  /** Counts the changes of the partition's rows. */
  readonly revision: number;
}

/** Nothing has arrived. */
export function createExpectation(): Expectation {
  const released = new Set<string>();
  const judged = new Map<string, Judged[]>();
  const judgedOf = (partition: Partition): readonly Judged[] => judged.get(nameOf(partition)) ?? [];
  const lastAccepted = (partition: Partition): Judged | undefined =>
    judgedOf(partition).findLast(({ rows }) => rows !== null);
  const isLenient = (partition: Partition, byContract: boolean): boolean =>
    byContract || released.has(nameOf(partition));

  /** The first judgement with the rows that count. */
  function current(partition: Partition): Judged | null {
    const last = lastAccepted(partition);
    return judgedOf(partition).find(({ rows, revision }) => rows !== null && revision === last?.revision) ?? null;
  }

  return {
    current,
    newest: (partition) => lastAccepted(partition)?.version ?? null,
    release: (partition) => void released.add(nameOf(partition)),
    canRelease: (partition) => current(partition)?.rows === 'b' || released.has(nameOf(partition)),

    find(file, byContract) {
      const all = judgedOf(file);
      const last = lastAccepted(file);
      const before = all.findLastIndex(
        (each, at) =>
          each.version === file.version &&
          (each.rows === null ? at === all.length - 1 : each.revision === last?.revision),
      );
      if (before < 0) return all.length;
      const same = all[before]!.byContract === byContract && all[before]!.lenient === isLenient(file, byContract);
      return same ? before : all.length;
    },

    arrive(file, byContract, follows) {
      const all = judgedOf(file);
      const { version } = file;
      const lenient = isLenient(file, byContract);
      const rows = rowsOf(version, lenient);
      const nothing = { reopened: false, rejected: rows === null };
      const known = all.some(
        (each) =>
          each.version === version &&
          each.follows === follows &&
          each.byContract === byContract &&
          each.lenient === lenient,
      );
      if (version === 'unreadable' || known) return nothing;
      const before = lastAccepted(file);
      const changes = rows !== null && before?.rows !== rows;
      const revision = (before?.revision ?? 0) + (changes ? 1 : 0);
      judged.set(nameOf(file), [...all, { version, byContract, lenient, follows, rows, revision }]);
      const follow = before !== undefined || all.some((each) => each.rows === null);
      return { reopened: changes && follow, rejected: rows === null };
    },
  };
}
