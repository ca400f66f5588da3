// What a backfill has done so far: counts for its progress, the last results, and what people have to be told of. Bounded, so that it fits
// into a new run of the workflow and into an answer.
import { setCurrentDetails } from '@temporalio/workflow';
import { dayNumber, type Day } from '../../domain/days';
import type { BackfillProgress, BackfillResult } from '../../domain/data/backfill';
import type { BackfillPlan, IngestResult } from '../../ports/activities';

/** The last results that the query gives, those that a new run takes along, and those that an alert spells out. */
const KEEP_RESULTS = 500;
const CARRY_RESULTS = 150;
const TELL = 5;
const MOST_MESSAGE = 200;

/** The counts as JSON: they survive continue-as-new. */
export interface TallyState {
  readonly startedAt: number;
  readonly done: number;
  readonly of: number;
  /** Steps that had something to do. */
  readonly worked: number;
  readonly rows: number;
  readonly partitions: number;
  readonly rejectedCount: number;
  readonly warnedCount: number;
  readonly skipped: number;
  readonly missing: number;
  readonly featuresComputed: number;
  readonly featuresReused: number;
  readonly results: readonly BackfillResult[];
  readonly rejected: readonly IngestResult[];
  readonly warned: readonly IngestResult[];
}

export interface Tally {
  doing(what: BackfillProgress['doing']): void;
  planned(from: Day, to: Day, plan: BackfillPlan): void;
  ingested(days: readonly Day[], results: readonly IngestResult[]): void;
  toFeaturize(from: Day, to: Day, days: readonly Day[]): void;
  featurized(days: readonly Day[], features: { readonly computed: number; readonly reused: number }): void;
  progress(pace: 'running' | 'paused' | 'cancelling'): BackfillProgress;
  /** Oldest first. */
  results(): readonly BackfillResult[];
  state(): TallyState;
  toTell(): Pick<TallyState, 'rejected' | 'warned' | 'rejectedCount' | 'warnedCount'>;
  note(): string;
  howFar(): string;
}

const span = (from: Day, to: Day): number => dayNumber(to) - dayNumber(from) + 1;

/** A tally of a range of days, from the start or as an earlier run left it. */
export function createTally(range: { readonly from: Day; readonly to: Day }, carried?: TallyState): Tally {
  let doing: BackfillProgress['doing'] = 'planning';
  let lastAt = Date.now();
  let counts = {
    startedAt: Date.now(),
    done: 0,
    of: 2 * span(range.from, range.to),
    worked: 0,
    rows: 0,
    partitions: 0,
    rejectedCount: 0,
    warnedCount: 0,
    skipped: 0,
    missing: 0,
    featuresComputed: 0,
    featuresReused: 0,
    ...carried,
  };
  let results: readonly BackfillResult[] = carried?.results ?? [];
  let rejected: readonly IngestResult[] = carried?.rejected ?? [];
  let warned: readonly IngestResult[] = carried?.warned ?? [];

  function advance(days: number): void {
    counts = { ...counts, done: counts.done + days };
    lastAt = Date.now();
    setCurrentDetails(`${doing}: ${howFar()}`);
  }
  const perSecond = (count: number): number => {
    const seconds = (lastAt - counts.startedAt) / 1000;
    return seconds > 0 ? Math.round((10 * count) / seconds) / 10 : 0;
  };
  /** Steps with nothing to do took no time, so they do not count. */
  const secondsLeft = (): number | null =>
    counts.worked === 0
      ? null
      : Math.round(((lastAt - counts.startedAt) / 1000 / counts.worked) * (counts.of - counts.done));
  const howFar = (): string => `${counts.done} of ${counts.of} steps`;

  return {
    doing(what) {
      doing = what;
      setCurrentDetails(`${doing}: ${howFar()}`);
    },
    planned(from, to, plan) {
      counts = { ...counts, skipped: counts.skipped + plan.stored };
      advance(span(from, to) - plan.ingestDays.length);
    },
    ingested(days, found) {
      counts = { ...counts, worked: counts.worked + days.length };
      const bad = found.filter(({ outcome }) => outcome === 'rejected');
      const warnings = found.filter((result) => result.warnings.length > 0);
      counts = {
        ...counts,
        rows: counts.rows + found.reduce((sum, { rows }) => sum + rows, 0),
        partitions: counts.partitions + found.length - bad.length,
        rejectedCount: counts.rejectedCount + bad.length,
        missing: counts.missing + bad.filter(({ missing }) => missing === true).length,
        warnedCount: counts.warnedCount + warnings.length,
      };
      results = [...results, ...found.map(short)].slice(-KEEP_RESULTS);
      rejected = [...rejected, ...bad.map(shortened)].slice(0, TELL);
      warned = [...warned, ...warnings.map(shortened)].slice(0, TELL);
      advance(days.length);
    },
    toFeaturize: (from, to, days) => advance(span(from, to) - days.length),
    featurized(days, { computed, reused }) {
      counts = {
        ...counts,
        worked: counts.worked + days.length,
        featuresComputed: counts.featuresComputed + computed,
        featuresReused: counts.featuresReused + reused,
      };
      advance(days.length);
    },
    progress: (pace) => ({
      done: counts.done,
      of: counts.of,
      doing: pace === 'running' || doing === 'done' ? doing : pace,
      rowsPerSecond: perSecond(counts.rows),
      partitionsPerSecond: perSecond(counts.partitions),
      secondsLeft: secondsLeft(),
      rejected: counts.rejectedCount,
      skipped: counts.skipped,
      days: span(range.from, range.to),
      accepted: counts.partitions,
      rows: counts.rows,
      missing: counts.missing,
      featuresComputed: counts.featuresComputed,
      featuresReused: counts.featuresReused,
    }),
    results: () => results,
    state: () => ({ ...counts, results: results.slice(-CARRY_RESULTS), rejected, warned }),
    toTell: () => ({ rejected, warned, rejectedCount: counts.rejectedCount, warnedCount: counts.warnedCount }),
    note: () =>
      `${counts.partitions} partitions stored, ${counts.rejectedCount} rejected, ${counts.skipped} were there already`,
    howFar,
  };
}

function short({ table, partition, outcome, rows, message }: IngestResult): BackfillResult {
  return { table, partition, outcome, rows, message: message.slice(0, MOST_MESSAGE) };
}

function shortened(result: IngestResult): IngestResult {
  return {
    ...result,
    message: result.message.slice(0, MOST_MESSAGE),
    warnings: result.warnings.slice(0, TELL).map((warning) => warning.slice(0, MOST_MESSAGE)),
  };
}
