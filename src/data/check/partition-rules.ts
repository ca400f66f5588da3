// The partition half of a contract: is this day's delivery plausible as a whole, against its own rules and the days before it?
import type { ColumnStatistics, QuarantineSummary } from '../../domain/partitions';
import type { TablePlan } from '../../domain/plan';
import type { Day } from '../../domain/days';

/** An earlier accepted partition of the same table. */
export interface RecentPartition {
  readonly partition: Day;
  readonly rows: number;
  readonly columns: Readonly<Record<string, ColumnStatistics>>;
}

/** What was delivered for the partition. */
export interface Delivery {
  /** All rows, good and bad. */
  readonly rows: number;
  readonly quarantinedRows: number;
  readonly quarantined: readonly QuarantineSummary[];
  /** Of the good rows. */
  readonly statistics: Readonly<Record<string, ColumnStatistics>>;
}

/** One broken rule: its name, and what was found and allowed. */
export interface BrokenRule {
  readonly rule: string;
  readonly message: string;
}

/** Fewer earlier partitions than this say nothing about what is usual. */
const LEAST_RECENT = 3;

/** All rules that a delivery breaks, the most telling first; empty: the partition is plausible. */
export function brokenPartitionRules(
  rules: TablePlan['partitionRules'],
  delivery: Delivery,
  recent: readonly RecentPartition[],
): BrokenRule[] {
  const usual = recent.slice(-rules.recent);
  const comparable = usual.length >= LEAST_RECENT;
  return [
    ...minRows(rules, delivery),
    ...(comparable ? rowsAgainstRecent(rules, delivery, usual) : []),
    ...maxQuarantineShare(rules, delivery),
    ...maxNullShare(rules, delivery),
    ...(comparable ? jump(rules, delivery, usual) : []),
  ];
}

function minRows({ minRows }: TablePlan['partitionRules'], { rows }: Delivery): BrokenRule[] {
  if (rows >= minRows) return [];
  return [{ rule: 'minRows', message: `too few rows (found: ${rows}; allowed: at least ${minRows})` }];
}

function rowsAgainstRecent(
  { rowsAgainstRecent: bounds }: TablePlan['partitionRules'],
  { rows }: Delivery,
  recent: readonly RecentPartition[],
): BrokenRule[] {
  const usual = median(recent.map((partition) => partition.rows));
  if (usual === 0 || (rows >= usual * bounds.min && rows <= usual * bounds.max)) return [];
  const allowed = `${Math.ceil(usual * bounds.min)} to ${Math.floor(usual * bounds.max)}, from ${usual} in the median of ${recent.length} recent partitions`;
  return [{ rule: 'rowsAgainstRecent', message: `unusual number of rows (found: ${rows}; allowed: ${allowed})` }];
}

function maxQuarantineShare(
  { maxQuarantineShare: max }: TablePlan['partitionRules'],
  delivery: Delivery,
): BrokenRule[] {
  const share = delivery.rows === 0 ? 0 : delivery.quarantinedRows / delivery.rows;
  if (share <= max) return [];
  const worst = delivery.quarantined[0];
  const first = worst?.samples[0] === undefined ? '' : `; first by ${worst.rule}: ${worst.samples[0]}`;
  const message = `too many bad rows (found: ${delivery.quarantinedRows} of ${delivery.rows}, ${percent(share)}; allowed: ${percent(max)}${first})`;
  return [{ rule: 'maxQuarantineShare', message }];
}

function maxNullShare({ maxNullShare: limits }: TablePlan['partitionRules'], delivery: Delivery): BrokenRule[] {
  const rows = delivery.rows - delivery.quarantinedRows;
  return Object.entries(limits).flatMap(([column, max]) => {
    const share = rows === 0 ? 0 : (delivery.statistics[column]?.nulls ?? 0) / rows;
    if (share <= max) return [];
    const message = `column ${column}: too many missing values (found: ${percent(share)}; allowed: ${percent(max)})`;
    return [{ rule: 'maxNullShare', message }];
  });
}

/** A spread that is suddenly many times as wide or as narrow: typical of another unit. */
function jump(
  { jump: rule }: TablePlan['partitionRules'],
  delivery: Delivery,
  recent: readonly RecentPartition[],
): BrokenRule[] {
  if (!rule) return [];
  return rule.columns.flatMap((column) => {
    const spread = spreadOf(delivery.statistics[column]);
    const usual = recent.flatMap((partition) => spreadOf(partition.columns[column]) ?? []);
    const reference = median(usual);
    if (spread === null || usual.length < LEAST_RECENT || reference === 0) return [];
    const ratio = spread / reference;
    if (ratio <= rule.maxRatio && ratio >= 1 / rule.maxRatio) return [];
    const allowed = `${number(reference / rule.maxRatio)} to ${number(reference * rule.maxRatio)}, from ${number(reference)} in recent partitions`;
    const message = `column ${column}: the spread p90 - p10 jumped; was the unit changed? (found: ${number(spread)}; allowed: ${allowed})`;
    return [{ rule: 'jump', message }];
  });
}

function spreadOf(statistics: ColumnStatistics | undefined): number | null {
  if (statistics?.p10 === undefined || statistics.p90 === undefined) return null;
  return statistics.p90 - statistics.p10;
}

/** 0 for none. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function number(value: number): string {
  return String(Number(value.toPrecision(4)));
}
