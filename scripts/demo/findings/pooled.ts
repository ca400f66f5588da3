// Quality of predictions over pooled rows: by the whole season and by week, for what served and for each contender. Pure.
import type { Day } from '../../../src/domain/days';
import { logLoss } from '../../../src/statistics/metrics/binary/probabilities';
import { rocAuc } from '../../../src/statistics/metrics/binary/ranking';
import { weekOf } from '../story/calendar';

/** The labelled rows of one served day; all lists are in the same order. */
export interface ScoredDay {
  readonly day: Day;
  readonly labels: readonly number[];
  /** The probabilities that were served. */
  readonly served: readonly number[];
  /** Of each contender's newest version on that day: what would have served, had the contender always served. */
  readonly byContender: Readonly<Record<string, readonly number[]>>;
  /** Log loss of always predicting the base rate of the weeks before; null: unknown. */
  readonly baseRateLogLoss: number | null;
}

/** Quality on some rows. */
export interface Quality {
  readonly rows: number;
  readonly logLoss: number;
  /** Null when all labels are the same. */
  readonly rocAuc: number | null;
}

/** One week, Monday to Sunday, as far as it was lived. */
export interface WeekQuality {
  readonly week: Day;
  readonly days: number;
  readonly rows: number;
  readonly lateShare: number;
  readonly served: Quality;
  readonly byContender: Readonly<Record<string, Quality>>;
  readonly baseRateLogLoss: number | null;
}

/** The names of all contenders, in order. */
export function contendersOf(days: readonly ScoredDay[]): string[] {
  return [...new Set(days.flatMap(({ byContender }) => Object.keys(byContender)))].sort();
}

/** Quality over all rows of the days that have these probabilities; null without any. */
export function pooledQuality(
  days: readonly ScoredDay[],
  probabilitiesOf: (day: ScoredDay) => readonly number[] | undefined,
): Quality | null {
  const labels: number[] = [];
  const probabilities: number[] = [];
  for (const day of days) {
    const found = probabilitiesOf(day);
    if (!found) continue;
    for (const label of day.labels) labels.push(label);
    for (const probability of found) probabilities.push(probability);
  }
  if (labels.length === 0) return null;
  const auc = rocAuc(labels, probabilities);
  return {
    rows: labels.length,
    logLoss: logLoss(labels, probabilities),
    rocAuc: Number.isFinite(auc) ? auc : null,
  };
}

/** Log loss of the base rate over all rows; null when it is unknown on every day. */
export function pooledBaseRate(days: readonly ScoredDay[]): number | null {
  let rows = 0;
  let loss = 0;
  for (const { labels, baseRateLogLoss } of days) {
    if (baseRateLogLoss === null) continue;
    rows += labels.length;
    loss += labels.length * baseRateLogLoss;
  }
  return rows === 0 ? null : loss / rows;
}

/** Quality by week, in order of time. */
export function qualityByWeek(days: readonly ScoredDay[]): WeekQuality[] {
  const weeks = new Map<Day, ScoredDay[]>();
  for (const day of days) weeks.set(weekOf(day.day), [...(weeks.get(weekOf(day.day)) ?? []), day]);
  return [...weeks.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([week, ofWeek]) => {
      const served = pooledQuality(ofWeek, (day) => day.served);
      if (!served) return [];
      const late = ofWeek.reduce((sum, { labels }) => sum + labels.filter((label) => label === 1).length, 0);
      const byContender = contendersOf(ofWeek).flatMap((name) => {
        const quality = pooledQuality(ofWeek, (day) => day.byContender[name]);
        return quality ? [[name, quality] as const] : [];
      });
      return [
        {
          week,
          days: ofWeek.length,
          rows: served.rows,
          lateShare: late / served.rows,
          served,
          byContender: Object.fromEntries(byContender),
          baseRateLogLoss: pooledBaseRate(ofWeek),
        },
      ];
    });
}
