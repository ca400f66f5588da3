// What became of each day of a table: one state per day, and a summary of all in words and numbers.
import { addDays, daysBetween, type Day, type IsoTimestamp } from '../../domain/days';
import { availableAt } from '../../domain/zones';
import type { TableFacts } from './facts';

/** In the order of the legend. A day that is re-opened and has quarantined rows counts as re-opened. */
export const DAY_STATES = ['accepted', 'quarantined', 'reopened', 'rejected', 'missing', 'not-due'] as const;
/**
 * `quarantined`: accepted, some rows were set aside; `reopened`: the newest revision is above 1; `rejected`: delivered, never accepted;
 * `missing`: past its deadline and never delivered; `not-due`: not delivered, its deadline has not come or the data end before it.
 */
export type DayState = (typeof DAY_STATES)[number];

/** One day of a table. The last four are absent unless the day is accepted. */
export interface DayCoverage {
  readonly day: Day;
  readonly state: DayState;
  /** Deliveries of the day that were rejected. */
  readonly rejections: number;
  readonly rows?: number;
  readonly quarantinedRows?: number;
  readonly revision?: number;
  /** Column → share of missing values; columns without any are left out. */
  readonly nullShares?: Readonly<Record<string, number>>;
}

/** How many days are in each state, and which days need a person. */
export interface CoverageSummary {
  readonly counts: Readonly<Record<DayState, number>>;
  readonly missing: readonly DayRange[];
  readonly rejected: readonly DayRange[];
  readonly reopened: readonly DayRange[];
}

/** Days one after the other, both ends included. */
export interface DayRange {
  readonly from: Day;
  readonly to: Day;
}

/** What decides whether a day is due. */
export interface DueRule {
  readonly availableAt: string;
  readonly timeZone: string;
  readonly asOf: IsoTimestamp;
  /** The data's first and last day; null: they go on. */
  readonly start: Day;
  readonly end: Day | null;
}

/** The state of every day from `from` to `to`, in order. */
export function coverageOf(facts: TableFacts, from: Day, to: Day, rule: DueRule): DayCoverage[] {
  const accepted = new Map(facts.partitions.map((partition) => [partition.day, partition]));
  const rejections = new Map<Day, number>();
  for (const { day } of facts.rejections) rejections.set(day, (rejections.get(day) ?? 0) + 1);
  return daysBetween(from, to).map((day): DayCoverage => {
    const partition = accepted.get(day);
    const refused = rejections.get(day) ?? 0;
    if (!partition) {
      const state = refused > 0 ? 'rejected' : isDue(day, facts.deadlineMs, rule) ? 'missing' : 'not-due';
      return { day, state, rejections: refused };
    }
    const { rows, quarantinedRows, revision } = partition;
    const state = revision > 1 ? 'reopened' : quarantinedRows > 0 ? 'quarantined' : 'accepted';
    const nullShares = Object.fromEntries(Object.entries(partition.nullShares).filter(([, share]) => share > 0));
    return { day, state, rejections: refused, rows, quarantinedRows, revision, nullShares };
  });
}

/** Strictly after the deadline: a simulated clock often stands exactly where a day becomes available. */
function isDue(day: Day, deadlineMs: number, rule: DueRule): boolean {
  if (day < rule.start || (rule.end !== null && day > rule.end)) return false;
  return Date.parse(availableAt(rule.availableAt, day, rule.timeZone)) + deadlineMs < Date.parse(rule.asOf);
}

/** Counts the states and puts days together to ranges. */
export function summaryOf(days: readonly DayCoverage[]): CoverageSummary {
  const inState = (state: DayState): Day[] => days.filter((each) => each.state === state).map(({ day }) => day);
  return {
    counts: Object.fromEntries(DAY_STATES.map((state) => [state, inState(state).length])) as Record<DayState, number>,
    missing: rangesOf(inState('missing')),
    rejected: rangesOf(inState('rejected')),
    reopened: rangesOf(inState('reopened')),
  };
}

/** Days in order, put together where they follow each other. */
export function rangesOf(days: readonly Day[]): DayRange[] {
  const ranges: { from: Day; to: Day }[] = [];
  for (const day of days) {
    const last = ranges.at(-1);
    if (last && addDays(last.to, 1) === day) last.to = day;
    else ranges.push({ from: day, to: day });
  }
  return ranges;
}
