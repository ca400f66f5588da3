// The data plane's figures: a year of flights from raw files to features against a plain DuckDB script, one more day early and late in the
// year, the year again with nothing changed, and one partition of ten million rows.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { workflowsOf } from '../../scripts/proof/timeline';
import { addDays, daysBetween, type Day } from '../../src/domain/days';
import { row, type Benchmark, type Row } from '../benchmark';
import { coveredMs } from '../covered-time';
import { ingestLarge, peakMegabytes } from './large-partition';
import { MODEL, openYear, YEAR, type Year } from './year-of-flights';

/** Single days that are timed around the 30th and the 300th day; the median counts. */
const TIMED_DAYS = 7;
const GOALS = {
  yearSeconds: 60,
  againSeconds: 2,
  share: 3,
  yearMb: 1000,
  daySeconds: 0.7,
  dayRatio: 1.3,
  largeMb: 1500,
};

export const data: Benchmark = {
  name: 'data',
  summary: 'a year of flights from raw files to features, one more day, and ten million rows in one partition',
  async measure({ packageRoot, say }) {
    const plain = await plainSeconds(packageRoot);
    say(`plain script: ${plain.seconds.toFixed(1)} s for ${plain.files} files`);
    const year = await wholeYear(packageRoot, plain.seconds);
    say(sentence(year));
    const days = await singleDays(packageRoot);
    say(sentence(days));
    const large = await ingestLarge(packageRoot, 'csv', 10_000_000);
    return [
      row('plain DuckDB script: the same files', plain.seconds, 's'),
      ...year,
      ...days,
      row(`${large.rows / 1e6} million rows (${large.fileMb.toFixed(0)} MB gzip): ingest`, large.seconds, 's'),
      row('ten million rows: most memory of the data worker', large.peakMb, 'MB', GOALS.largeMb),
    ];
  },
};

function sentence(rows: readonly Row[]): string {
  return rows.map(({ name, value, unit }) => `${name}: ${value} ${unit}`).join('; ');
}

async function plainSeconds(packageRoot: string): Promise<{ seconds: number; files: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-plain-'));
  try {
    const script = join(packageRoot, 'dist', 'bench', 'data', 'plain-script.js');
    const { stdout } = await promisify(execFile)(process.execPath, [script, join(packageRoot, 'models'), folder]);
    return JSON.parse(stdout) as { seconds: number; files: number };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function wholeYear(packageRoot: string, plain: number): Promise<Row[]> {
  const year = await openYear(packageRoot);
  try {
    const seconds = await year.backfill(YEAR.from, YEAR.to);
    const peakMb = peakMegabytes(year.stack.pidOf('worker-data')!);
    const runs = await workflowsOf(year.services.client, MODEL);
    const activities = runs.filter(({ workflowType }) => workflowType === 'backfill').flatMap((run) => run.activities);
    const engine = coveredMs(activities) / 1000;
    const totals = await year.services.stores.partitions.totals(MODEL);
    const again = await year.backfill(YEAR.from, YEAR.to);
    return [
      row(`a year of flights: ${totals.ingested} partitions, ${totals.rows} rows`, seconds, 's', GOALS.yearSeconds),
      row('a year: activities at work', engine, 's'),
      row('a year: activities against the plain script', engine / plain, '×', GOALS.share),
      row('a year: most memory of the data worker', peakMb, 'MB', GOALS.yearMb),
      row('the year again, nothing changed', again, 's', GOALS.againSeconds),
    ];
  } finally {
    await year.close();
  }
}

async function singleDays(packageRoot: string): Promise<Row[]> {
  const year = await openYear(packageRoot);
  try {
    const early = await timeDaysAfter(year, YEAR.from, 26);
    const late = await timeDaysAfter(year, addDays(YEAR.from, 26 + TIMED_DAYS), 296);
    return [
      row('one more day around day 30', early, 's', GOALS.daySeconds),
      row('one more day around day 300', late, 's', GOALS.daySeconds),
      row('day 300 against day 30', late / early, '×', GOALS.dayRatio),
    ];
  } finally {
    await year.close();
  }
}

/** Fills up from a day to the n-th of the year, then times the days after it one by one: the median in seconds. */
async function timeDaysAfter(year: Year, from: Day, n: number): Promise<number> {
  const last = addDays(YEAR.from, n - 1);
  await year.backfill(from, last);
  const seconds: number[] = [];
  for (const day of daysBetween(addDays(last, 1), addDays(last, TIMED_DAYS)))
    seconds.push(await year.backfill(day, day));
  return seconds.sort((a, b) => a - b)[Math.floor(seconds.length / 2)]!;
}
