// The partition half of a contract: is this day's delivery plausible as a whole, against its own rules and the days before it?
import type { ColumnSketch, ColumnStatistics, QuarantineSummary } from '../../domain/data/partitions';
import type { ColumnPlan, TablePlan } from '../../domain/plan/plan';
import type { RecentPartition } from './check-request';
import { distributionFindings, unseenFindings } from './distribution-rules';
import { percent, short, type Finding } from './findings';

/** What was delivered for the partition. */
export interface Delivery {
  /** All rows, good and bad. */
  readonly rows: number;
  readonly quarantinedRows: number;
  readonly quarantined: readonly QuarantineSummary[];
  /** Of the good rows. */
  readonly statistics: Readonly<Record<string, ColumnStatistics>>;
  readonly sketches: Readonly<Record<string, ColumnSketch>>;
}

/** The rules of a contract, what was delivered, and the recent partitions that count, oldest first. */
export interface PartitionRuleInput {
  readonly rules: TablePlan['partitionRules'];
  readonly columns: Readonly<Record<string, ColumnPlan>>;
  readonly delivery: Delivery;
  readonly recent: readonly RecentPartition[];
}

/** Fewer earlier partitions than this say nothing about what is usual. */
export const LEAST_RECENT = 3;
/** Fewer good rows than this say nothing about a column as a whole. */
const LEAST_ROWS = 10;

/** What every rule on counts and statistics found, the most telling first. */
export function partitionFindings(input: PartitionRuleInput): Finding[] {
  const recent = input.recent.slice(-input.rules.recent);
  const usual = { ...input, recent };
  const compared = recent.length >= LEAST_RECENT;
  const tooFew = { found: `${recent.length} recent partitions`, allowed: `compared from ${LEAST_RECENT} on` };
  const ifCompared = (checks: readonly string[], findings: () => Finding[]): Finding[] =>
    compared ? findings() : checks.map((check) => ({ ...passed(check), ...tooFew }));
  return [
    minRows(input),
    ...maxRows(input),
    ...ifCompared(['rowsAgainstRecent'], () => [rowsAgainstRecent(usual)]),
    maxQuarantineShare(input),
    ...ifCompared(['allNull'], () => allNull(usual)),
    ...maxNullShare(input),
    ...ifCompared(input.rules.jump ? ['jump'] : [], () => jump(usual)),
    ...ifCompared(input.rules.distribution ? ['distribution'] : [], () => distributionFindings(usual)),
    ...unseenFindings(usual),
  ];
}

function passed(check: string): Pick<Finding, 'check' | 'kind' | 'verdict' | 'what'> {
  return { check, kind: 'partition', verdict: 'passed', what: '' };
}

function judged(check: string, what: string, broken: boolean): Pick<Finding, 'check' | 'kind' | 'verdict' | 'what'> {
  return { check, kind: 'partition', verdict: broken ? 'rejected' : 'passed', what };
}

function minRows({ rules: { minRows: least }, delivery: { rows } }: PartitionRuleInput): Finding {
  return { ...judged('minRows', 'too few rows', rows < least), found: String(rows), allowed: `at least ${least}` };
}

function maxRows({ rules: { maxRows: most }, delivery: { rows } }: PartitionRuleInput): Finding[] {
  if (most === undefined) return [];
  return [{ ...judged('maxRows', 'too many rows', rows > most), found: String(rows), allowed: `at most ${most}` }];
}

function rowsAgainstRecent({ rules, delivery: { rows }, recent }: PartitionRuleInput): Finding {
  const { min, max } = rules.rowsAgainstRecent;
  const usual = median(recent.map((partition) => partition.rows));
  const broken = usual !== 0 && (rows < usual * min || rows > usual * max);
  const bounds = usual === 0 ? 'any number' : `${Math.ceil(usual * min)} to ${Math.floor(usual * max)}`;
  const allowed = `${bounds}, from ${usual} in the median of ${recent.length} recent partitions`;
  return { ...judged('rowsAgainstRecent', 'unusual number of rows', broken), found: String(rows), allowed };
}

function maxQuarantineShare({ rules: { maxQuarantineShare: max }, delivery }: PartitionRuleInput): Finding {
  const { rows, quarantinedRows, quarantined } = delivery;
  const share = rows === 0 ? 0 : quarantinedRows / rows;
  const worst = quarantined[0];
  return {
    ...judged('maxQuarantineShare', 'too many bad rows', share > max),
    found: `${quarantinedRows} of ${rows}, ${percent(share)}`,
    allowed: percent(max),
    ...(worst?.samples[0] === undefined ? {} : { hint: `first by ${worst.rule}: ${worst.samples[0]}` }),
    rows: quarantinedRows,
  };
}

/**
 * A column without any value that half of the rows of each recent partition had, unless the contract allows as much. Of all recent rows together
 * it would be too strict: on the flights, calm days without any gust follow windy ones.
 */
function allNull({ rules, columns, delivery, recent }: PartitionRuleInput): Finding[] {
  const good = delivery.rows - delivery.quarantinedRows;
  const names = Object.keys(columns).filter(
    (name) => columns[name]!.nullable && rules.maxNullShare[name] === undefined,
  );
  const broken = names.flatMap((name): Finding[] => {
    const shares = recent.flatMap(({ rows, columns: known }) =>
      known[name] && rows > 0 ? [known[name].nulls / rows] : [],
    );
    const worst = Math.max(...shares);
    if (good < LEAST_ROWS || delivery.statistics[name]!.nulls < good || shares.length === 0 || worst >= 0.5) return [];
    const allowed = `some, because in each of ${shares.length} recent partitions ${percent(1 - worst)} of the rows or more have one`;
    return [{ ...judged('allNull', `column ${name}: no value at all`, true), found: `0 of ${good} rows`, allowed }];
  });
  if (broken.length > 0) return broken;
  return [{ ...passed('allNull'), found: 'none', allowed: 'no column that lost all of its values' }];
}

function maxNullShare({ rules: { maxNullShare: limits }, delivery }: PartitionRuleInput): Finding[] {
  const rows = delivery.rows - delivery.quarantinedRows;
  return Object.entries(limits).map(([column, max]) => {
    const share = rows === 0 ? 0 : (delivery.statistics[column]?.nulls ?? 0) / rows;
    const what = `column ${column}: too many missing values`;
    return { ...judged('maxNullShare', what, share > max), found: percent(share), allowed: percent(max) };
  });
}

/** A spread that is suddenly many times as wide or as narrow: typical of another unit. */
function jump({ rules: { jump: rule }, delivery, recent }: PartitionRuleInput): Finding[] {
  if (!rule) return [];
  return rule.columns.map((column) => {
    const spread = spreadOf(delivery.statistics[column]);
    const usual = recent.flatMap((partition) => spreadOf(partition.columns[column]) ?? []);
    const reference = median(usual);
    const what = `column ${column}: the spread p90 - p10 jumped; was the unit changed?`;
    if (spread === null || usual.length < LEAST_RECENT || reference === 0)
      return {
        ...passed('jump'),
        found: spread === null ? 'no spread' : short(spread),
        allowed: 'nothing to compare with',
      };
    const ratio = spread / reference;
    const broken = ratio > rule.maxRatio || ratio < 1 / rule.maxRatio;
    const allowed = `${short(reference / rule.maxRatio)} to ${short(reference * rule.maxRatio)}, from ${short(reference)} in recent partitions`;
    return { ...judged('jump', what, broken), found: short(spread), allowed };
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
