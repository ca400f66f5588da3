// What each check of a contract found on each delivery, kept for every partition and revision.
import type { Day, IsoTimestamp } from '../domain/days';
import type { CheckOutcome } from '../domain/data/partitions';
import type { Transaction } from './stores';

/** The checks of one delivery of one partition. */
export interface PartitionCheck {
  readonly table: string;
  readonly partition: Day;
  /** Of the delivered rows. */
  readonly sha256: string;
  /** Of what decides a check: the contract, and the rules that a person waived. */
  readonly contractDigest: string;
  /** The how-manieth checked delivery of its partition this is: 1, 2, … without gaps. */
  readonly ordinal: number;
  readonly verdict: 'accepted' | 'rejected';
  /** The revision that holds the accepted rows; null: rejected. */
  readonly revision: number | null;
  /** Of a rejection: the digest of the other partitions that the delivery was compared with; null: accepted. */
  readonly comparedWith: string | null;
  /** One for each rule of the contract, passed ones too. */
  readonly outcomes: readonly CheckOutcome[];
  /** Raw column → type in the delivered file; null where the format has no types. */
  readonly sourceTypes: Readonly<Record<string, string>> | null;
}

/** What became of one delivery. */
export type Judgement = Pick<
  PartitionCheck,
  'ordinal' | 'sha256' | 'contractDigest' | 'verdict' | 'revision' | 'comparedWith'
>;

export interface CheckStore {
  /** Adds what was found under the next ordinal, in the transaction that accepts or rejects the partition. */
  record(tx: Transaction, model: string, check: Omit<PartitionCheck, 'ordinal'>): Promise<void>;
  /** How the deliveries of a partition were judged so far, in their order. With `tx` no other one is judged until it ends. */
  judgements(model: string, table: string, partition: Day, tx?: Transaction): Promise<Judgement[]>;
  /** In the order of table, partition and ordinal. */
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
