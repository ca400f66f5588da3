// A table of trips whose days are made by a test: good rows, a change to some of them, and what the check says.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  CheckRequest,
  CheckResult,
  CheckSurroundings,
  RecentPartition,
} from '../../../src/data/check/check-request';
import { checkPartition } from '../../../src/data/check/check-partition';
import type { Engine } from '../../../src/data/engine';
import { splitRawFile } from '../../../src/data/read/split';
import { addDays } from '../../../src/domain/days';
import { TablePlan, type FileSourcePlan } from '../../../src/domain/plan/plan';
import { newDir } from './tiny-model';

export const DAY = '2013-01-05';
export const BASE = {
  source: { format: 'csv', path: 'trips-{yyyy}-{MM}-{dd}.csv', nullText: 'NA' },
  availableAt: 'D+1 00:00',
  key: ['id'],
  columns: {
    id: { type: 'string' },
    depot: { type: 'category' },
    minutes: { type: 'number' },
    note: { type: 'string', nullable: true },
    left_at: { type: 'timestamp', zone: 'America/New_York' },
  },
};

const SURROUNDINGS: CheckSurroundings = {
  timeZone: 'America/New_York',
  freshWithinMs: 6 * 3_600_000,
  references: {},
  earlier: [],
  label: null,
  sourceTypes: null,
};

export type Trip = readonly [id: string, depot: string, minutes: number | string, note: string, leftAt: string];

/** 40 good rows; minutes are 20 to 59, depots north and south in turn. */
export function trips(change: (trip: Trip, i: number) => Trip = (trip) => trip, count = 40, day = DAY): Trip[] {
  return Array.from({ length: count }, (_, i) => {
    const hour = String(i % 24).padStart(2, '0');
    return change([`t${i}`, i % 2 ? 'south' : 'north', 20 + (i % 40), `n${i}`, `${day} ${hour}:30:00`], i);
  });
}

export interface CheckOptions extends Partial<Pick<CheckRequest, 'recent' | 'waivedRules'>> {
  readonly surroundings?: Partial<CheckSurroundings>;
  readonly day?: string;
}

/** Checks rows of trips with a changed contract. */
export async function checkTrips(
  bench: { readonly engine: Engine; readonly dir: string },
  rows: readonly Trip[],
  table: Readonly<Record<string, unknown>> = {},
  { day = DAY, recent = [], surroundings, waivedRules = [] }: CheckOptions = {},
): Promise<CheckResult> {
  const plan = TablePlan.parse({ ...BASE, ...table });
  const outDir = newDir(bench.dir);
  mkdirSync(join(outDir, 'raw'));
  const path = join(outDir, 'trips.csv');
  writeFileSync(path, ['id,depot,minutes,note,left_at', ...rows.map((row) => row.join(','))].join('\n') + '\n');
  const [raw] = await splitRawFile(bench.engine, {
    files: [{ path, name: 'trips.csv' }],
    source: plan.source as FileSourcePlan,
    outDir: join(outDir, 'raw'),
    day,
  });
  return checkPartition(bench.engine, {
    table: 'trips',
    plan,
    partition: day,
    rawPath: raw?.path ?? null,
    fileName: 'trips.csv',
    recent,
    outDir,
    waivedRules,
    surroundings: { ...SURROUNDINGS, ...surroundings },
  });
}

/** Three accepted days before {@link DAY}. */
export async function usualTrips(bench: { readonly engine: Engine; readonly dir: string }): Promise<RecentPartition[]> {
  const usual: RecentPartition[] = [];
  for (const back of [3, 2, 1]) {
    const day = addDays(DAY, -back);
    const rows = trips((trip) => trip, 40, day);
    const result = await checkTrips(bench, rows, {}, { day });
    if (result.verdict === 'rejected') throw new Error(result.message);
    usual.push({ partition: day, rows: result.rows, columns: result.statistics, sketches: result.sketches });
  }
  return usual;
}
