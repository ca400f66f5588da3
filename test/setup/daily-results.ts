// The tiny model with its results in a file for each day, so that a day can be withheld and brought later.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { daysBetween, type Day } from '../../src/domain/days';
import type { ModelPlanInput } from '../../src/domain/plan/plan';
import tiny from '../models/tiny/model';
import { FIRST_DAY, LAST_DAY, type Change } from './tiny-lifecycle';

type Arrival = NonNullable<ModelPlanInput['tables'][string]['arrival']>;

/** The change of the definition that reads results by day. */
export function dailyResults(arrival: Arrival = {}): Change {
  const { orders, results } = tiny.plan.tables;
  const source = { format: 'csv', path: 'daily/{yyyy}-{MM}-{dd}.csv' } as const;
  return { tables: { orders: orders!, results: { ...results!, source, arrival } } };
}

/** Writes the file of each day but those withheld. */
export function writeDailyResults(folder: string, withheld: readonly Day[] = []): void {
  for (const day of daysBetween(FIRST_DAY, LAST_DAY)) if (!withheld.includes(day)) bringResults(folder, day);
}

/** Brings one day; `change` alters its rows. */
export function bringResults(
  folder: string,
  day: Day,
  change: (row: string, index: number) => string = (row) => row,
): void {
  const [header, ...rows] = readFileSync(join(folder, 'results.csv'), 'utf8').trim().split('\n');
  const lines = rows.filter((row) => row.split(',')[1] === day).map(change);
  mkdirSync(join(folder, 'daily'), { recursive: true });
  writeFileSync(dailyFile(folder, day), `${[header, ...lines].join('\n')}\n`);
}

function dailyFile(folder: string, day: Day): string {
  return join(folder, 'daily', `${day}.csv`);
}
