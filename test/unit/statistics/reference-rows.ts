// Reads the rows that the statistics tests compare on: small reference CSV files, and the months of flights and weather.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const ROOT = join(__dirname, '../../..');
const DATA = join(ROOT, 'models/flight-delay/data');

/** Rows of text cells by column name, as the file has them. No cell of these files holds a comma or a quote. */
export type TextColumns = ReadonlyMap<string, readonly string[]>;

function parseCsv(text: string, keep: (row: readonly string[], header: readonly string[]) => boolean): TextColumns {
  const [header = [], ...rows] = text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','));
  const kept = rows.filter((row) => keep(row, header));
  return new Map(header.map((name, i) => [name, kept.map((row) => row[i] ?? '')]));
}

/** A JSON file under test/reference. */
export function readExpected<T>(path: string): T {
  return JSON.parse(readFileSync(join(ROOT, 'test/reference', path), 'utf8')) as T;
}

/** Numeric columns of a CSV file under test/reference; an empty cell is NaN. */
export function readNumbers(path: string, ...columns: readonly string[]): Float64Array[] {
  const text = parseCsv(readFileSync(join(ROOT, 'test/reference', path), 'utf8'), () => true);
  return columns.map((column) => Float64Array.from(text.get(column) ?? [], numberIn));
}

function numberIn(cell: string): number {
  return cell === '' ? Number.NaN : Number(cell);
}

/** One month of 2013 of the flights or of the weather. */
export function readMonth(table: 'flights' | 'weather', month: number): TextColumns {
  const name = table === 'weather' ? 'weather' : `flights/flights-2013-${String(month).padStart(2, '0')}`;
  const text = gunzipSync(readFileSync(join(DATA, `${name}.csv.gz`))).toString('utf8');
  return parseCsv(text, (row, header) => row[header.indexOf('month')] === String(month));
}

/** A column with null for a missing value, which these files write as NA. */
export function categoriesOf(columns: TextColumns, column: string): (string | null)[] {
  return (columns.get(column) ?? []).map((text) => (text === 'NA' || text === '' ? null : text));
}

/** A numeric column with NaN for a missing value. */
export function numbersOf(columns: TextColumns, column: string): Float64Array {
  return Float64Array.from(categoriesOf(columns, column), (text) => (text === null ? Number.NaN : Number(text)));
}
