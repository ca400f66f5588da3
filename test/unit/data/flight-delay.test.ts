// The flights themselves: features equal to an independent implementation (pandas), and the odd things in these data.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { checkPartition } from '../../../src/data/check/check-partition';
import type { CheckResult } from '../../../src/data/check/check-request';
import type { Engine } from '../../../src/data/engine';
import type { RecentPartition } from '../../../src/data/check/check-request';
import { resolveRawPath } from '../../../src/data/read/raw-path';
import { splitRawFile } from '../../../src/data/read/split';
import { bindablePartitions } from '../../../src/data/derive/view-inputs';
import { computeViews } from '../../../src/data/derive/views';
import { dayLabels } from '../../../src/data/observe/day-rows';
import { daysBetween } from '../../../src/domain/days';
import type { FileSourcePlan } from '../../../src/domain/plan/plan';
import definition from '../../../models/flight-delay/model';
import { newDir, workbench } from './tiny-model';

interface Golden {
  readonly columns: readonly string[];
  readonly days: Record<
    string,
    {
      rows: number;
      late: number;
      sums: Record<string, number>;
      present: Record<string, number>;
      sample: (string | number | null)[][];
    }
  >;
}
const GOLDEN = JSON.parse(readFileSync(join(__dirname, 'golden-features.ndjson'), 'utf8')) as Golden;
const MODEL_DIR = join(__dirname, '../../../models/flight-delay');
const { plan } = definition;

let engine: Engine;
let dir: string;
let close: () => void;
const splits = new Map<string, Promise<Map<string, string>>>();
const checked = new Map<string, Promise<CheckResult>>();
beforeAll(async () => ({ engine, dir, close } = await workbench()));
afterAll(() => close());

function sourceOf(table: string): FileSourcePlan {
  return plan.tables[table]!.source as FileSourcePlan;
}

function split(path: string): Promise<Map<string, string>> {
  const outDir = newDir(dir);
  const done = splitRawFile(engine, { files: [{ path, name: path }], source: sourceOf('weather'), outDir });
  return done.then((days) => new Map(days.map(({ day, path: file }) => [day, file])));
}

function check(table: string, day: string): Promise<CheckResult> {
  const found = checked.get(`${table} ${day}`);
  if (found) return found;
  const run = async () => {
    const fileName = resolveRawPath(sourceOf(table).path, day);
    if (!splits.has(fileName)) splits.set(fileName, split(join(MODEL_DIR, fileName)));
    const rawPath = (await splits.get(fileName)!).get(day) ?? null;
    return checkPartition(engine, {
      table,
      plan: plan.tables[table]!,
      partition: day,
      rawPath,
      fileName,
      recent: [],
      outDir: newDir(dir),
    });
  };
  const result = run();
  checked.set(`${table} ${day}`, result);
  return result;
}

async function path(table: string, day: string): Promise<string> {
  const result = await check(table, day);
  if (result.verdict === 'rejected') throw new Error(result.message);
  return result.dataPath;
}

describe('flight-delay', () => {
  it.each(Object.keys(GOLDEN.days))('has the features of the reference implementation on %s', async (day) => {
    const golden = GOLDEN.days[day]!;
    const outDir = newDir(dir);
    const jobs = [];
    for (const view of plan.features) {
      const bindings = [];
      for (const { table, partition } of bindablePartitions(plan, view, day))
        bindings.push({ table, partition, path: await path(table, partition) });
      jobs.push({ view, day, bindings, outPath: join(outDir, `${view.name}.parquet`) });
    }
    await computeViews(engine, plan, jobs);
    const joined = jobs
      .map(
        ({ outPath }, i) =>
          `${i === 0 ? '' : 'JOIN '}read_parquet('${outPath}') v${i} ${i === 0 ? '' : 'USING (flight_id)'}`,
      )
      .join(' ');
    const labels = await dayLabels(engine, { plan, day, labelPath: await path('outcomes', day) });
    expect(labels.size).toBe(golden.rows);
    expect([...labels.values()].filter((label) => label === 1)).toHaveLength(golden.late);
    const rows = (
      await engine.rows(`SELECT flight_id, ${GOLDEN.columns.join(', ')} FROM ${joined} ORDER BY flight_id`)
    ).filter((row) => labels.has(String(row['flight_id'])));
    for (const [column, sum] of Object.entries(golden.sums)) {
      const values = rows.map((row) => row[column]).filter((value) => value !== null);
      expect([column, values.length]).toEqual([column, golden.present[column]]);
      expect(values.reduce<number>((total, value) => total + Number(value), 0)).toBeCloseTo(sum, 6);
    }
    const byId = new Map(rows.map((row) => [row['flight_id'], row]));
    for (const [id, ...values] of golden.sample) {
      const row = byId.get(id)!;
      GOLDEN.columns.forEach((column, i) => {
        const expected = values[i]!;
        if (typeof expected === 'number') expect(row[column]).toBeCloseTo(expected, 9);
        else expect([id, column, row[column]]).toEqual([id, column, expected]);
      });
    }
  });

  it('keeps the one absurd wind speed aside', async () => {
    expect(await check('weather', '2013-02-12')).toMatchObject({
      rows: 71,
      quarantined: [
        {
          rule: 'wind_speed_range',
          rows: 1,
          samples: ['data/weather.csv.gz line 1011, column wind_speed: found 1048.36058, allowed 0 to 200'],
        },
      ],
    });
  });

  it('rejects a day whose delays are in seconds, by range and by jump', async () => {
    const recent: RecentPartition[] = [];
    for (const day of daysBetween('2013-03-04', '2013-03-08')) {
      const result = await check('outcomes', day);
      if (result.verdict === 'accepted') recent.push({ partition: day, rows: result.rows, columns: result.statistics });
    }
    const lines = gunzipSync(readFileSync(join(MODEL_DIR, 'data/flights/flights-2013-03.csv.gz')))
      .toString()
      .split('\n');
    const damaged = lines.filter((line) => line.startsWith('year') || line.startsWith('2013,3,11,')).map(inSeconds);
    const folder = newDir(dir);
    mkdirSync(join(folder, 'raw'));
    writeFileSync(join(folder, 'damaged.csv'), `${damaged.join('\n')}\n`);
    const rawPath = (await split(join(folder, 'damaged.csv'))).get('2013-03-11')!;
    const result = await checkPartition(engine, {
      table: 'outcomes',
      plan: plan.tables['outcomes']!,
      partition: '2013-03-11',
      rawPath,
      fileName: 'damaged.csv',
      recent,
      outDir: folder,
    });
    expect(result).toMatchObject({ verdict: 'rejected', rule: 'maxQuarantineShare' });
    const message = result.verdict === 'rejected' ? result.message : '';
    expect(message).toMatch(
      /^damaged\.csv, partition 2013-03-11 of table outcomes: too many bad rows \(found: \d+ of \d+, [\d.]+ %; allowed: 5\.0 %; first by arr_delay_range: damaged\.csv line \d+, column arr_delay: found -?\d+, allowed -120 to 1600\); column arr_delay: the spread p90 - p10 jumped; was the unit changed\?/,
    );
  });
});

/** A line with its arrival delay, the ninth field, in seconds. */
function inSeconds(line: string): string {
  const fields = line.split(',');
  if (/^-?\d+$/.test(fields[8] ?? '')) fields[8] = String(60 * Number(fields[8]));
  return fields.join(',');
}
