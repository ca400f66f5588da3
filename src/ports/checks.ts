// What each check of a contract found on each delivery, kept for every partition and revision.
import type { Day, IsoTimestamp } from '../domain/days';
import type { CheckOutcome } from '../domain/partitions';
import type { Transaction } from './stores';

/** The checks of one delivery of one partition. */
export interface PartitionCheck {
  readonly table: string;
  readonly partition: Day;
  /** Of the delivered rows. */
  readonly sha256: string;
  /** Of what decides a check: the contract, and the rules that a person waived. */
  readonly contractDigest: string;
  readonly verdict: 'accepted' | 'rejected';
  /** The revision that holds the accepted rows; null: rejected. */
  readonly revision: number | null;
  /** One for each rule of the contract, passed ones too. */
  readonly outcomes: readonly CheckOutcome[];
  /** Raw column → type in the delivered file; null where the format has no types. */
  readonly sourceTypes: Readonly<Record<string, string>> | null;
}

export interface CheckStore {
  /** Adds what was found, in the transaction that accepts or rejects the partition. */
  record(tx: Transaction, model: string, check: PartitionCheck): Promise<void>;
  /** How the same delivery was judged under the same contract before; null: it never was. */
  verdict(
    model: string,
    check: Pick<PartitionCheck, 'table' | 'partition' | 'sha256' | 'contractDigest'>,
  ): Promise<'accepted' | 'rejected' | null>;
  /** In the order of table, partition and time. */
  list(
    model: string,
    filter?: { readonly table?: string; readonly from?: Day; readonly to?: Day },
  ): Promise<(PartitionCheck & { readonly at: IsoTimestamp })[]>;
  /** Types of the last accepted delivery of the newest partition before a day; null: none was recorded. */
  sourceTypes(
    model: string,
    table: string,
    before: Day,
  ): Promise<{ readonly partition: Day; readonly types: Readonly<Record<string, string>> } | null>;
}
