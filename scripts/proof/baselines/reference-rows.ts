// The feature table of the nycflights13 reference (test/reference/nycflights13-baselines/features.py), built in DuckDB from the example's data.
// Invariant: these are the reference's rows and features and not the example's own: they know what the product's as-of features may not.
import { join } from 'node:path';
import type { Connection } from '../../../src/data/engine';
import { quoteName, quoteText } from '../../../src/data/sql-text';
import {
  MATRIX_DAY,
  MATRIX_KEY,
  MATRIX_LABEL,
  type ModelColumn,
  type ModelSignature,
} from '../../../src/domain/training/training';

const WEATHER = ['temp', 'dewp', 'humid', 'wind_dir', 'wind_speed', 'wind_gust', 'precip', 'pressure', 'visib'];
const LAG_KEYS = ['all', 'carrier', 'origin', 'dest'] as const;
const LAGS = LAG_KEYS.flatMap((key) => ['d1_mean', 'd7_mean', 'd7_late'].map((lag) => `${key}_${lag}`));
const FEATURES = [...['month', 'dow', 'hour', 'minute', 'distance', 'carrier', 'origin', 'dest'], ...WEATHER, ...LAGS];
/** The models of the reference that the product has, and which features they take as categories. */
export const REFERENCE_MODELS = {
  logistic: ['carrier', 'origin', 'dest', 'dow', 'hour'],
  lightgbm: ['carrier', 'origin', 'dest'],
} as const;
/** One of {@link REFERENCE_MODELS}. */
export type ReferenceModel = keyof typeof REFERENCE_MODELS;

/** Makes the temporary table `flights_of_the_reference`: one row per flight with `arr_delay`, in the reference's order. */
export async function buildReferenceRows(connection: Connection, packageRoot: string): Promise<void> {
  const folder = join(packageRoot, 'models', 'flight-delay', 'data');
  const read = (path: string): string =>
    `read_csv(${quoteText(join(folder, path))}, nullstr = 'NA', sample_size = -1, header = true)`;
  await connection.run(`
    CREATE TEMP TABLE raw AS
      SELECT make_date(year, month, day) AS date, (arr_delay >= 15)::INT AS y, 'all' AS "all",
             isodow(make_date(year, month, day)) - 1 AS dow, *
      FROM ${read('flights/*.csv.gz')} WHERE arr_delay IS NOT NULL;
    CREATE TEMP TABLE weather AS SELECT origin AS station, time_hour AS observed, ${WEATHER.join(', ')} FROM ${read('weather.csv.gz')}`);
  for (const key of LAG_KEYS) await connection.run(lagsSql(key));
  const joins = LAG_KEYS.map((key) => `JOIN lags_${key} USING ("${key}", date)`).join(' ');
  await connection.run(`
    CREATE TEMP TABLE flights_of_the_reference AS
      SELECT date, y, row_number() OVER (ORDER BY date, sched_dep_time, carrier, flight, origin) AS key,
             ${FEATURES.map(quoteName).join(', ')}
      FROM raw LEFT JOIN weather ON station = raw.origin AND observed = raw.time_hour ${joins}
      ORDER BY key`);
}

/** `K_d1_mean`: mean delay of the key's flights of the day before; `K_d7_*`: of the seven days before, flights weighted equally. */
function lagsSql(key: (typeof LAG_KEYS)[number]): string {
  const over = (days: number): string =>
    `OVER (PARTITION BY "${key}" ORDER BY date RANGE BETWEEN INTERVAL ${days} DAYS PRECEDING AND INTERVAL 1 DAY PRECEDING)`;
  return `
    CREATE TEMP TABLE lags_${key} AS
      SELECT "${key}", date, sum(s) ${over(1)} / sum(n) ${over(1)} AS ${key}_d1_mean,
             sum(s) ${over(7)} / sum(n) ${over(7)} AS ${key}_d7_mean, sum(l) ${over(7)} / sum(n) ${over(7)} AS ${key}_d7_late
      FROM (SELECT "${key}", date, sum(arr_delay)::DOUBLE AS s, count(*)::DOUBLE AS n, sum(y)::DOUBLE AS l FROM raw GROUP BY ALL)`;
}

/** What a model of the reference takes when it is trained on the months before `month`: categories are those of its training rows. */
export async function referenceSignature(
  connection: Connection,
  model: ReferenceModel,
  month: number,
): Promise<ModelSignature> {
  const categorical: readonly string[] = REFERENCE_MODELS[model];
  const columns: ModelColumn[] = [];
  for (const name of FEATURES) {
    if (!categorical.includes(name)) columns.push({ kind: 'number', name });
    else {
      const values = await connection.rows(
        `SELECT DISTINCT ${quoteName(name)}::VARCHAR AS v FROM flights_of_the_reference WHERE month < ${month} ORDER BY v`,
      );
      columns.push({ kind: 'category', name, categories: values.map(({ v }) => String(v)) });
    }
  }
  return { columns };
}

/** Writes the rows that `where` chooses as a matrix of the signature; a category that it does not have is missing. */
export function writeReferenceMatrix(
  connection: Connection,
  signature: ModelSignature,
  where: string,
  path: string,
): Promise<number> {
  const columns = signature.columns.map((column) => {
    const name = quoteName(column.name);
    if (column.kind === 'number') return `${name}::FLOAT AS ${name}`;
    const list = column.categories.map(quoteText).join(', ');
    return `(list_position([${list}], ${name}::VARCHAR) - 1)::FLOAT AS ${name}`;
  });
  return connection.write(`
    COPY (SELECT key::VARCHAR AS ${MATRIX_KEY}, (date - DATE '1970-01-01')::INT AS ${MATRIX_DAY}, y::FLOAT AS ${MATRIX_LABEL},
            ${columns.join(', ')} FROM flights_of_the_reference WHERE ${where} ORDER BY key)
    TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd)`);
}
