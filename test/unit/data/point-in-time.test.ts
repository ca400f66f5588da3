// The flights' features against an as-of join in plain code over the raw files: every row and every feature of some days, with and without
// late facts; and what a query that tries to look ahead gets to see.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import definition from '../../../models/flight-delay/model';
import type { Engine, Row, Value } from '../../../src/data/engine';
import { bindablePartitions, type Binding } from '../../../src/data/derive/view-inputs';
import { computeViews } from '../../../src/data/derive/views';
import { addDays, daysBetween, type Day } from '../../../src/domain/days';
import type { FeatureViewPlan } from '../../../src/domain/plan/plan';
import { copyToParquet } from '../../../src/data/sql-text';
import { newDir, workbench } from './tiny-model';

const { plan } = definition;
const DATA = join(__dirname, '../../../models/flight-delay/data');
const HOUR = 3_600_000;
/** The first days of the data, where look-backs are cut; and a day with all of them. */
const DAYS: readonly Day[] = ['2013-01-01', '2013-01-03', '2013-01-20'];
const WEATHER = ['temp', 'dewp', 'humid', 'wind_dir', 'wind_speed', 'wind_gust', 'precip', 'pressure', 'visib'];

type Raw = Readonly<Record<string, string>>;
const byDay = { flights: new Map<Day, Raw[]>(), weather: new Map<Day, Raw[]>() };

let engine: Engine;
let dir: string;
let close: () => void;
beforeAll(async () => {
  ({ engine, dir, close } = await workbench());
  collect('flights', 'flights/flights-2013-01.csv.gz');
  collect('weather', 'weather.csv.gz');
});
afterAll(() => close());

function collect(kind: keyof typeof byDay, file: string): void {
  const [head = '', ...lines] = gunzipSync(readFileSync(join(DATA, file)))
    .toString()
    .trim()
    .split('\n');
  const names = head.split(',');
  for (const line of lines) {
    const values = line.split(',');
    const raw = Object.fromEntries(names.map((name, i) => [name, values[i] ?? '']));
    const day = `${raw['year']}-${raw['month']!.padStart(2, '0')}-${raw['day']!.padStart(2, '0')}`;
    const rows = byDay[kind].get(day);
    if (rows) rows.push(raw);
    else byDay[kind].set(day, [raw]);
  }
}

const number = (text: string | undefined): number | null => (text === undefined || text === 'NA' ? null : Number(text));
const idOf = (day: Day, { carrier, flight, origin }: Raw): string => `${day}-${carrier}-${flight}-${origin}`;
const departs = (flight: Raw): number => Date.parse(flight['time_hour']!) + Number(flight['minute']) * 60_000;
/** A late fact: a correction of the day's delays, by half an hour for every seventh flight. */
const corrected = (flight: Raw, index: number): Raw =>
  index % 7 === 0 && flight['arr_delay'] !== 'NA'
    ? { ...flight, arr_delay: String(Number(flight['arr_delay']) + 30) }
    : flight;

/** Features of a day's flights by id, from raw rows; `outcomes` are the rows of a day's flights as they are known. */
function expected(day: Day, outcomes: (day: Day) => readonly Raw[]): Map<string, Record<string, Value>> {
  const weather = new Map<string, Raw[]>();
  for (const each of [addDays(day, -1), day])
    for (const row of byDay.weather.get(each) ?? [])
      weather.set(row['origin']!, [...(weather.get(row['origin']!) ?? []), row]);
  const past = daysBetween(addDays(day, -7), addDays(day, -1)).flatMap((each) =>
    outcomes(each)
      .filter((flight) => flight['arr_delay'] !== 'NA')
      .map((flight) => ({ ...flight, yesterday: each === addDays(day, -1), delay: Number(flight['arr_delay']) })),
  );
  const known = new Map<string, Record<string, Value>>();
  const delaysOf = (key: 'all' | 'carrier' | 'origin' | 'dest', value: string): Record<string, Value> => {
    const name = `${key} ${value}`;
    const before = known.get(name);
    if (before) return before;
    const alike = past.filter((other) => key === 'all' || (other as unknown as Raw)[key] === value);
    const delays = {
      [`${key}_d1_mean`]: mean(alike.filter(({ yesterday }) => yesterday).map(({ delay }) => delay)),
      [`${key}_d7_mean`]: mean(alike.map(({ delay }) => delay)),
      [`${key}_d7_late`]: mean(alike.map(({ delay }) => (delay >= 15 ? 1 : 0))),
    };
    known.set(name, delays);
    return delays;
  };
  const found = new Map<string, Record<string, Value>>();
  for (const flight of byDay.flights.get(day)!) {
    const at = departs(flight);
    const seen = (weather.get(flight['origin']!) ?? []).filter((row) => {
      const available = Date.parse(row['time_hour']!) + HOUR;
      return available <= at && available > at - 3 * HOUR;
    });
    const last = seen.sort((a, b) => Date.parse(b['time_hour']!) - Date.parse(a['time_hour']!))[0];
    const row: Record<string, Value> = {
      month: Number(flight['month']),
      dow: (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7,
      ...Object.fromEntries(['hour', 'minute', 'distance'].map((name) => [name, Number(flight[name])])),
      ...Object.fromEntries(['carrier', 'origin', 'dest'].map((name) => [name, flight[name]!])),
      ...Object.fromEntries(WEATHER.map((name) => [name, number(last?.[name])])),
    };
    for (const key of ['all', 'carrier', 'origin', 'dest'] as const) {
      Object.assign(row, delaysOf(key, key === 'all' ? 'all' : flight[key]!));
    }
    found.set(idOf(day, flight), row);
  }
  return found;
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** A partition as it is stored, with the typed columns of its contract. */
async function partition(table: string, day: Day, rows: readonly Raw[]): Promise<string> {
  const raw = join(newDir(dir), 'raw.json');
  writeFileSync(raw, rows.map((row) => JSON.stringify(row)).join('\n'));
  const types: Readonly<Record<string, string>> = { integer: 'BIGINT', number: 'DOUBLE', timestamp: 'TIMESTAMP' };
  const columns = Object.entries(plan.tables[table]!.columns).map(([name, { sql, type }]) => {
    return `TRY_CAST((${sql ?? name}) AS ${types[type] ?? 'VARCHAR'}) AS ${name}`;
  });
  const path = join(newDir(dir), `${table}.parquet`);
  const names = Object.keys(rows[0]!);
  const typed = `{${names.map((name) => `${name}: 'VARCHAR'`).join(', ')}}`;
  const nulls = `SELECT ${names.map((name) => `nullif(${name}, 'NA') AS ${name}`).join(', ')} FROM read_json('${raw}', format = 'newline_delimited', columns = ${typed})`;
  await engine.run(copyToParquet(`SELECT ${columns.join(', ')} FROM (${nulls}) ORDER BY ALL`, path));
  return path;
}

async function computed(
  views: readonly FeatureViewPlan[],
  day: Day,
  outcomes: (day: Day) => readonly Raw[],
): Promise<Map<string, Row>> {
  const paths = new Map<string, Promise<string>>();
  const pathOf = (table: string, each: Day): Promise<string> => {
    const name = `${table} ${each}`;
    const rows =
      table === 'weather' ? byDay.weather.get(each)! : table === 'outcomes' ? outcomes(each) : byDay.flights.get(each)!;
    if (!paths.has(name)) paths.set(name, partition(table, each, rows));
    return paths.get(name)!;
  };
  const jobs = [];
  for (const view of views) {
    const bindings: Binding[] = [];
    for (const { table, partition: each } of bindablePartitions(plan, view, day))
      bindings.push({ table, partition: each, path: await pathOf(table, each) });
    jobs.push({ view, day, bindings, outPath: join(newDir(dir), 'view.parquet') });
  }
  await computeViews(engine, plan, jobs);
  const found = new Map<string, Row>();
  for (const { outPath } of jobs)
    for (const { flight_id, ...row } of await engine.rows(
      `SELECT * EXCLUDE (__day, __event_time) FROM read_parquet('${outPath}')`,
    ))
      found.set(String(flight_id), { ...found.get(String(flight_id)), ...row });
  return found;
}

function differences(found: ReadonlyMap<string, Row>, wanted: ReturnType<typeof expected>): string[] {
  const differing: string[] = [];
  for (const [id, row] of wanted) {
    for (const [name, value] of Object.entries(row)) {
      const got = found.get(id)?.[name];
      const same = typeof value === 'number' ? Math.abs(Number(got ?? NaN) - value) < 1e-9 : got === value;
      if (!same) differing.push(`${id} ${name}: found ${String(got)}, wanted ${String(value)}`);
    }
  }
  return differing;
}

describe('the features of the flights', () => {
  const known = (day: Day) => byDay.flights.get(day) ?? [];

  it.each(DAYS)('equal an as-of join in plain code on %s: every row of every view', async (day) => {
    const [found, wanted] = [await computed(plan.features, day, known), expected(day, known)];
    expect([...found.keys()].sort()).toEqual([...wanted.keys()].sort());
    expect(Object.keys([...wanted.values()][0]!)).toHaveLength(29);
    expect(differences(found, wanted)).toEqual([]);
  });

  it('equal it again with late facts, which only a day that may see them knows', async () => {
    const late: Day = '2013-01-14';
    const revised = (day: Day) => (day === late ? known(day).map(corrected) : known(day));
    for (const day of ['2013-01-14', '2013-01-20'])
      expect(differences(await computed(plan.features, day, revised), expected(day, revised))).toEqual([]);
    expect(differences(await computed(plan.features, late, revised), expected(late, known))).toEqual([]);
    expect(
      differences(await computed(plan.features, '2013-01-20', revised), expected('2013-01-20', known)).length,
    ).toBeGreaterThan(100);
  });
});
