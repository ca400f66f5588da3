// Partitions that are damaged or not what they should be, row by row or as a whole: each with its exact message.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecentPartition } from '../../../src/data/check/check-request';
import type { Engine } from '../../../src/data/engine';
import { newDir, workbench } from './tiny-model';
import { BASE, checkTrips, DAY, trips, usualTrips, type CheckOptions, type Trip } from './trips';

let engine: Engine;
let dir: string;
let close: () => void;
let usual: RecentPartition[];
beforeAll(async () => {
  ({ engine, dir, close } = await workbench());
  usual = await usualTrips({ engine, dir });
});
afterAll(() => close());

const check = (rows: readonly Trip[], table?: Readonly<Record<string, unknown>>, options?: CheckOptions) =>
  checkTrips({ engine, dir }, rows, table, options);

const HEAD = 'trips.csv, partition 2013-01-05 of table trips: ';

async function message(...input: Parameters<typeof check>): Promise<string> {
  const result = await check(...input);
  return result.verdict === 'rejected' ? result.message : result.warnings.join('\n');
}

/** Messages that docs/damaged-input.md shows; each has to be one that a test here saw. */
const seen = new Set<string>();
function sees(found: string, expected: string): void {
  seen.add(expected);
  expect(found).toBe(expected);
}

describe('a damaged row', () => {
  async function samples(rows: readonly Trip[], table = {}, options = {}) {
    const result = await check(rows, { partitionRules: { maxQuarantineShare: 0.5 }, ...table }, options);
    if (result.verdict === 'rejected') throw new Error(result.message);
    return result.quarantined.flatMap((summary) => summary.samples);
  }

  it('that repeats another, or its key, goes to quarantine and the first stays', async () => {
    const rows = trips();
    const [row] = await samples([...rows, rows[3]!, ['t4', 'north', 1, 'x', `${DAY} 01:00:00`]]);
    sees(row!, 'trips.csv line 42, key id: found t3, allowed each key once');
    const result = await check([...rows, rows[3]!], { partitionRules: { maxQuarantineShare: 0.5 } });
    expect(result).toMatchObject({ verdict: 'accepted', rows: 40, quarantinedRows: 1 });
  });

  it('with NaN or Infinity, in numbers and in times, goes to quarantine', async () => {
    const values = ['NaN', 'Infinity', '-inf'];
    const rows = trips(([id, depot, minutes, note, at], i) => [
      id,
      depot,
      values[i] ?? minutes,
      note,
      i === 3 ? 'infinity' : at,
    ]);
    const found = await samples(rows);
    sees(found[0]!, 'trips.csv line 2, column minutes: found NaN, allowed a finite number');
    expect(found[1]).toBe('trips.csv line 3, column minutes: found Infinity, allowed a finite number');
    sees(
      found[3]!,
      'trips.csv line 5, column left_at: found infinity, allowed an instant in ISO 8601, or a local time of America/New_York',
    );
  });

  it('with a local time that the clock change skips goes to quarantine', async () => {
    const day = '2013-03-10';
    const rows = trips(
      ([id, depot, minutes, note], i) => [id, depot, minutes, note, `${day} 0${i === 0 ? 2 : 3}:30:00`],
      40,
      day,
    );
    expect(await samples(rows, {}, { day })).toEqual([
      'trips.csv line 2, column left_at: found 2013-03-10 02:30:00, allowed an instant in ISO 8601, or a local time of America/New_York',
    ]);
  });

  it('with a category that no recent partition had goes to quarantine, is warned of, or stays', async () => {
    const rows = trips(([id, depot, ...rest], i) => [id, i === 7 ? 'nrth' : depot, ...rest]);
    const columns = (unseen: string) => ({ columns: { ...BASE.columns, depot: { type: 'category', unseen } } });
    const [row] = await samples(rows, columns('quarantine'), { recent: usual });
    sees(row!, 'trips.csv line 9, column depot: found nrth, allowed one of the 2 values of recent partitions');
    sees(
      await message(rows, columns('warn'), { recent: usual }),
      `${HEAD}column depot: values that no recent partition had (found: nrth in 1 rows; allowed: one of the 2 values of recent partitions)`,
    );
    expect(await message(rows, columns('accept'), { recent: usual })).toBe('');
    expect(await message(rows, columns('warn'), { recent: usual.slice(1) })).toBe('');
  });

  it('that refers to what does not exist goes to quarantine; without any partition to refer to nothing can be judged', async () => {
    const path = join(newDir(dir), 'depots.parquet');
    await engine.run(`COPY (SELECT 'north' AS depot_id) TO '${path}' (FORMAT parquet)`);
    const columns = { ...BASE.columns, depot: { type: 'string', references: { table: 'depots', column: 'depot_id' } } };
    const references = { depot: { partition: '2013-01-04', path } };
    const found = await samples(trips(), { columns }, { surroundings: { references } });
    sees(found[0]!, 'trips.csv line 3, column depot: found south, allowed a value of depots.depot_id of 2013-01-04');
    sees(
      await message(trips(), { columns }, { surroundings: { references: { depot: null } } }),
      `${HEAD}column depot: table depots, which it refers to, has no accepted partition yet (found: none up to 2013-01-05; allowed: a partition of depots of 2013-01-05 or before)`,
    );
  });
});

describe('a damaged partition', () => {
  it('of another day, or with dates of the future, is rejected', async () => {
    const rows = trips(([id, depot, minutes, note, at], i) => [
      id,
      depot,
      minutes,
      note,
      i === 5 ? '2031-01-05 10:00:00' : at,
    ]);
    sees(
      await message(rows, { partitionRules: { period: { column: 'left_at' } } }),
      `${HEAD}column left_at: rows of another day (found: 1 of 40, 2.5 %, first trips.csv line 7: 2031-01-05 15:00:00; allowed: 0.0 % outside of 2013-01-05T05:00:00.000Z to 2013-01-06T05:00:00.000Z, the day 2013-01-05 in America/New_York)`,
    );
    expect(await message(rows, { partitionRules: { period: { column: 'left_at', maxShareOutside: 0.03 } } })).toBe('');
  });

  it('with ten times the rows, or nearly none, is rejected', async () => {
    sees(
      await message(
        trips((trip) => trip, 400),
        {},
        { recent: usual },
      ),
      `${HEAD}unusual number of rows (found: 400; allowed: 8 to 200, from 40 in the median of 3 recent partitions)`,
    );
    sees(
      await message(
        trips((trip) => trip, 2),
        {},
        { recent: usual },
      ),
      `${HEAD}unusual number of rows (found: 2; allowed: 8 to 200, from 40 in the median of 3 recent partitions)`,
    );
    sees(
      await message(trips(), { partitionRules: { maxRows: 30 } }),
      `${HEAD}too many rows (found: 40; allowed: at most 30)`,
    );
  });

  it('with a column that lost all of its values is rejected, unless the contract allows it', async () => {
    const rows = trips(([id, depot, minutes, , at]) => [id, depot, minutes, 'NA', at]);
    sees(
      await message(rows, {}, { recent: usual }),
      `${HEAD}column note: no value at all (found: 0 of 40 rows; allowed: some, because in each of 3 recent partitions 100.0 % of the rows or more have one)`,
    );
    expect(await message(rows, { partitionRules: { maxNullShare: { note: 1 } } }, { recent: usual })).toBe('');
  });

  it('with two columns swapped is rejected by a pattern, or by the distribution', async () => {
    const rows = trips(([id, depot, minutes, note, at]) => [id, note, minutes, depot, at]);
    const pattern = { columns: { ...BASE.columns, note: { type: 'string', nullable: true, pattern: 'n[0-9]+' } } };
    sees(
      await message(rows, pattern),
      `${HEAD}too many bad rows (found: 40 of 40, 100.0 %; allowed: 5.0 %; first by note_pattern: trips.csv line 2, column note: found north, allowed text like n[0-9]+)`,
    );
    const found = await message(
      rows,
      { partitionRules: { distribution: { columns: ['depot'], maxPsi: 0.25 } } },
      { recent: usual },
    );
    expect(found).toMatch(
      /^trips\.csv, partition .*: column depot: values are distributed otherwise than in 3 recent partitions \(found: population stability index \d+\.\d{3}; allowed: at most 0.25; now n0, n1, n10; before north, south\)$/,
    );
  });

  it('in seconds instead of minutes is rejected by the distribution and by the jump of the spread', async () => {
    const rows = trips(([id, depot, minutes, note, at]) => [id, depot, Number(minutes) * 60, note, at]);
    const rules = { distribution: { columns: ['minutes'], maxPsi: 0.25 }, jump: { columns: ['minutes'], maxRatio: 6 } };
    const found = await message(rows, { partitionRules: rules }, { recent: usual });
    sees(
      found.split('; column minutes: values')[0]!,
      `${HEAD}column minutes: the spread p90 - p10 jumped; was the unit changed? (found: 1872; allowed: 5.2 to 187.2, from 31.2 in recent partitions)`,
    );
    expect(found).toMatch(
      /; column minutes: values .* now 1200 to 3540 with mean 2370; before 20 to 59 with mean 39.5\)$/,
    );
    expect(await message(trips(), { partitionRules: rules }, { recent: usual })).toBe('');
  });

  it('whose newest row is too old is rejected', async () => {
    const rows = trips(([id, depot, minutes, note]) => [id, depot, minutes, note, `${DAY} 09:00:00`]);
    const rules = { partitionRules: { freshness: { column: 'left_at', within: '6 hours' } } };
    sees(
      await message(rows, rules),
      `${HEAD}column left_at: the newest value is too old (found: 2013-01-05T14:00:00.000Z; allowed: at most 6 hours before the end of 2013-01-05, which is 2013-01-06T05:00:00.000Z)`,
    );
    expect(await message(trips(), rules)).toBe('');
  });

  it('with a column that tells the label is rejected, but not for the column that the label is made of', async () => {
    const late = 'minutes >= 40';
    const rows = trips(([id, depot, minutes, , at]) => [id, depot, minutes, String(Number(minutes) * 2), at]);
    const columns = { ...BASE.columns, note: { type: 'integer' } };
    const label = { key: 'id', sql: late, path: null, target: { task: 'binary' } } as const;
    sees(
      await message(rows, { columns, partitionRules: { labelMirror: {} } }, { surroundings: { label } }),
      `${HEAD}column note: it tells the label by itself; is it known only afterwards? (found: ROC AUC 1.0000 in 40 rows; allowed: between 0.005 and 0.995)`,
    );
    const path = join(newDir(dir), 'labels.parquet');
    await engine.run(
      `COPY (SELECT 't' || i AS id, 20 + (i % 40) AS minutes FROM range(40) t(i)) TO '${path}' (FORMAT parquet)`,
    );
    const mirrored = await message(
      rows,
      { columns, partitionRules: { labelMirror: { except: ['note'] } } },
      {
        surroundings: { label: { ...label, path } },
      },
    );
    expect(mirrored).toMatch(/^trips.csv, .*: column minutes: it tells the label by itself/);
    expect(await message(rows, { columns, partitionRules: { labelMirror: {} } })).toBe('');
  });

  it('with a column that tells a class, or a number, of the label is rejected too', async () => {
    const rows = trips(([id, depot, minutes, , at]) => [id, depot, minutes, String(Number(minutes) * 2), at]);
    const columns = { ...BASE.columns, note: { type: 'integer' } };
    const rules = { columns, partitionRules: { labelMirror: {} } };
    const classes = ['quick', 'middle', 'slow'];
    for (const label of [
      { auc: '1.0000', sql: 'minutes / 10.0', target: { task: 'regression' as const } },
      {
        auc: '0.0000',
        sql: "CASE WHEN minutes < 30 THEN 'quick' WHEN minutes < 45 THEN 'middle' ELSE 'slow' END",
        target: { task: 'multiclass' as const, classes },
      },
    ]) {
      const { auc, ...asked } = label;
      const found = await message(rows, rules, { surroundings: { label: { key: 'id', path: null, ...asked } } });
      expect(found).toContain(`it known only afterwards? (found: ROC AUC ${auc} in 40 rows;`);
    }
  });

  it('has an outcome for each rule, passed ones too', async () => {
    const result = await check(trips(), { partitionRules: { period: { column: 'left_at' } } }, { recent: usual });
    expect(result.outcomes.map(({ check: name, verdict }) => `${name} ${verdict}`)).toEqual(
      [
        ...[
          'columns',
          'extraColumns',
          'id_type',
          'id_null',
          'depot_type',
          'depot_null',
          'minutes_type',
          'minutes_null',
        ],
        ...['note_type', 'left_at_type', 'left_at_null', 'key', 'minRows', 'rowsAgainstRecent', 'maxQuarantineShare'],
        ...['allNull', 'period'],
      ].map((name) => `${name} passed`),
    );
  });
});

describe('docs/damaged-input.md', () => {
  it('shows the messages of damaged rows and partitions', () => {
    const page = readFileSync(join(__dirname, '../../../docs/damaged-input.md'), 'utf8');
    expect([...seen].filter((text) => !page.includes(text))).toEqual([]);
  });
});
