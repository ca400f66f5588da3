// What a check is asked and what it answers.
import type { Day } from '../../domain/days';
import type { CheckOutcome, ColumnSketch, ColumnStatistics, QuarantineSummary } from '../../domain/data/partitions';
import type { TablePlan } from '../../domain/plan/plan';
import type { Target } from '../../domain/evaluation/task';

/** An earlier accepted partition of the same table. */
export interface RecentPartition {
  readonly partition: Day;
  readonly rows: number;
  readonly columns: Readonly<Record<string, ColumnStatistics>>;
  /** Null or absent: not kept, or not asked for; then rules on distributions and unseen categories leave this partition out. */
  readonly sketches?: Readonly<Record<string, ColumnSketch>> | null;
}

/** An accepted file of one day. */
export interface DayFile {
  readonly partition: Day;
  readonly path: string;
}

/** What the rest of the product tells a check beyond the delivery and the recent partitions. */
export interface CheckSurroundings {
  /** IANA zone of the plan: what "the day" of a row means. */
  readonly timeZone: string;
  /** What the rule `freshness` allows, in milliseconds; null: no such rule. */
  readonly freshWithinMs: number | null;
  /** By column with `references`: the newest accepted partition of the other table; null: there is none up to the day. */
  readonly references: Readonly<Record<string, DayFile | null>>;
  /** Accepted partitions before this one that assumptions look back on, oldest first. */
  readonly earlier: readonly DayFile[];
  /** How the label is told, for `labelMirror`; `path` null: by the delivery itself. Null: it is not known for this day. */
  readonly label: {
    readonly key: string;
    readonly sql: string;
    readonly path: string | null;
    readonly target: Target;
  } | null;
  /** Types of the last accepted delivery's raw columns, where the format has types. */
  readonly sourceTypes: { readonly partition: Day; readonly types: Readonly<Record<string, string>> } | null;
}

export const NO_SURROUNDINGS: CheckSurroundings = {
  timeZone: 'UTC',
  freshWithinMs: null,
  references: {},
  earlier: [],
  label: null,
  sourceTypes: null,
};

export interface CheckRequest {
  readonly table: string;
  readonly plan: TablePlan;
  readonly partition: Day;
  /** The day's rows as the readers wrote them; null: the file has no row of the day. */
  readonly rawPath: string | null;
  /** How messages call the raw file, unless the rows name their file themselves. */
  readonly fileName: string;
  /** Accepted partitions before this one, oldest first; the plan says how many of the last are looked at. */
  readonly recent: readonly RecentPartition[];
  /** An existing directory for `data.parquet` and `quarantine.parquet`. */
  readonly outDir: string;
  /** Row rules whose rows a person let in for this partition; type and key rules stay, whatever is named here. Default: none. */
  readonly waivedRules?: readonly string[];
  /** Default: {@link NO_SURROUNDINGS}. */
  readonly surroundings?: CheckSurroundings;
}

interface Checked {
  /** One for each rule of the contract, passed ones too. */
  readonly outcomes: readonly CheckOutcome[];
  /** Raw column → type in the delivered file; null: the format has none. */
  readonly sourceTypes: Readonly<Record<string, string>> | null;
}

export interface AcceptedCheck extends Checked {
  readonly verdict: 'accepted';
  /** The typed columns of the plan, sorted by key. */
  readonly dataPath: string;
  readonly rows: number;
  /** The raw rows set aside with `__line` and `rule`; null when there are none. */
  readonly quarantinePath: string | null;
  readonly quarantinedRows: number;
  readonly quarantined: readonly QuarantineSummary[];
  readonly statistics: Readonly<Record<string, ColumnStatistics>>;
  readonly sketches: Readonly<Record<string, ColumnSketch>>;
  /** One sentence for each outcome `warned`. */
  readonly warnings: readonly string[];
}

export interface RejectedCheck extends Checked {
  readonly verdict: 'rejected';
  /** The first broken rule: `columns`, or the name of a partition rule. */
  readonly rule: string;
  /** File, partition, and every broken rule with what was found and what is allowed. */
  readonly message: string;
}

export type CheckResult = AcceptedCheck | RejectedCheck;
