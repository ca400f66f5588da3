// What a description of a range of days reads: the sketches that were stored with each accepted partition.
import type { Day } from '../domain/days';
import type { ColumnSketch } from '../domain/data/partitions';

/** One partition's sketches, of its newest revision. */
export interface SketchedPartition {
  readonly partition: Day;
  readonly rows: number;
  /** Column → sketch; null when the partition was stored before sketches were kept. */
  readonly sketches: Readonly<Record<string, ColumnSketch>> | null;
}

export interface PartitionSketchStore {
  /** The accepted partitions of a table in day order, from `from` to `to`; a bound that is not given is open. */
  sketches(model: string, table: string, from?: Day, to?: Day): Promise<SketchedPartition[]>;
}
