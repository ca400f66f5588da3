// The classes of unusual and damaged files: fixture, source, and what must become of it. The page docs/damaged-input.md is compared with these.
import type { SourceFormat } from '../../../src/data/read/readable';

export interface DamagedCase {
  /** As docs/damaged-input.md calls it. */
  readonly name: string;
  readonly file: string;
  readonly source?: Partial<SourceFormat>;
  readonly message: string;
}

/** A file that is read exactly: text values by row, with the line (Parquet: row) of each. */
export interface ReadCase {
  readonly name: string;
  readonly file: string;
  readonly source?: Partial<SourceFormat>;
  readonly rows: readonly (readonly [line: number, ...values: (string | null)[]])[];
}

const DAY = '2013-01-01';

export const READ: readonly ReadCase[] = [
  { name: 'byte order mark', file: 'bom.csv', rows: [[2, DAY, '1', 'x']] },
  { name: 'Windows line ends', file: 'crlf.csv', rows: [[2, DAY, '1', 'x'], [3, DAY, '2', 'x']] }, // prettier-ignore
  {
    name: 'quoted line breaks, delimiters and quotes',
    file: 'quoted.csv',
    rows: [[2, DAY, '1', 'a, "b"\nc'], [4, DAY, '2', 'x']], // prettier-ignore
  },
  { name: 'blank lines', file: 'blank-lines.csv', rows: [[4, DAY, '1', 'x'], [7, DAY, '2', 'x']] }, // prettier-ignore
  {
    name: 'NaN and Infinity',
    file: 'not-numbers.csv',
    rows: [[2, DAY, '1', 'NaN'], [3, DAY, '2', 'Infinity'], [4, DAY, '3', '-inf']], // prettier-ignore
  },
  {
    name: 'duplicate rows',
    file: 'duplicate-rows.csv',
    rows: [[2, DAY, '1', 'x'], [3, DAY, '1', 'x'], [4, DAY, '1', 'x']], // prettier-ignore
  },
  { name: 'header only', file: 'header-only.csv', rows: [] },
  {
    name: 'Latin-1, as declared',
    file: 'latin-1.csv',
    source: { encoding: 'latin-1' },
    rows: [[2, DAY, '1', 'x'], [3, DAY, '2', 'café']], // prettier-ignore
  },
  { name: 'UTF-16, as declared', file: 'utf-16.csv', source: { encoding: 'utf-16' }, rows: [[2, DAY, '1', 'café']] },
  { name: 'tab separated', file: 'tabs.tsv', source: { format: 'tsv' }, rows: [[2, DAY, '1', 'x y']] },
  {
    name: 'JSON Lines with exact numbers, nested values, keys that come later',
    file: 'rows.jsonl',
    source: { format: 'jsonl' },
    rows: [
      [1, DAY, '1', '12.50', '12345678901234567890', 'true', '["a", {"b": 1.0}]', null],
      [3, DAY, '2', null, null, null, null, 'a "q", é\n'],
    ],
  },
  { name: 'an empty JSON Lines file', file: 'empty.csv', source: { format: 'jsonl' }, rows: [] },
  {
    name: 'Parquet with types',
    file: 'typed.parquet',
    source: { format: 'parquet', partitionBy: 'day' },
    rows: [
      [1, DAY, '1', '0.3333333333333333', '2013-01-01T05:00:00.25', '2013-01-01T03:00:00Z', '[1]', null],
      [2, DAY, '2', '0.6666666666666666', '2013-01-01T05:00:00.25', '2013-01-01T03:00:00Z', '[2]', 'even'],
      [3, DAY, '3', '1.0', '2013-01-01T05:00:00.25', '2013-01-01T03:00:00Z', '[3]', null],
    ],
  },
];

export const REFUSED: readonly DamagedCase[] = [
  {
    name: 'empty file',
    file: 'empty.csv',
    message: 'empty.csv: the file is empty (found: no line; allowed: a header line and one line for each row)',
  },
  {
    name: 'wrong encoding',
    file: 'latin-1.csv',
    message: 'latin-1.csv line 3: not UTF-8 (found: "2013-01-01,2,caf\\xE9"; allowed: text in UTF-8)',
  },
  {
    name: 'UTF-16 that is not declared',
    file: 'utf-16.csv',
    message:
      'utf-16.csv line 1: not UTF-8 (found: "\\xFF\\xFEd\\x00a\\x00y\\x00,\\x00i\\x00d\\x00,\\x00t\\x00e\\x00x\\x00t\\x00"; allowed: text in UTF-8; a byte order mark of UTF-16: set encoding)',
  },
  {
    name: 'half a character of UTF-16',
    file: 'utf-16-half.csv',
    source: { encoding: 'utf-16' },
    message:
      'utf-16-half.csv: not UTF-16 after line 2 (found: an odd byte, or half of a surrogate pair, at the end; allowed: text in UTF-16)',
  },
  {
    name: 'embedded NUL',
    file: 'nul.csv',
    message:
      'nul.csv line 3: an embedded NUL (found: a byte 0 after "2013-01-01,2,a"; allowed: text without NUL bytes)',
  },
  {
    name: 'unclosed quote',
    file: 'unclosed-quote.csv',
    message: 'unclosed-quote.csv line 3: a quote is not closed (found: "2013-01-01,2,"x"; allowed: pairs of ")',
  },
  {
    name: 'text behind a closing quote',
    file: 'behind-quote.csv',
    message:
      'behind-quote.csv line 2: text behind a closing quote (found: "2013-01-01,1,"a""; allowed: a delimiter or the end of the line, or "" for a quote within quotes)',
  },
  {
    name: 'lone carriage return',
    file: 'lone-return.csv',
    message:
      'lone-return.csv line 2: a carriage return without a line feed (found: "2013-01-01,1,a"; allowed: lines that end in LF or CRLF)',
  },
  {
    name: 'too few fields',
    file: 'few-fields.csv',
    message: 'few-fields.csv line 3: wrong number of fields (found: 2, in "2013-01-01,2"; allowed: 3)',
  },
  {
    name: 'too many fields',
    file: 'many-fields.csv',
    message: 'many-fields.csv line 2: wrong number of fields (found: 4, in "2013-01-01,1,x,y"; allowed: 3)',
  },
  {
    name: 'duplicate header',
    file: 'duplicate-header.csv',
    message:
      'duplicate-header.csv line 1: the header is not usable (found: column "id" twice; allowed: distinct names)',
  },
  {
    name: 'names that differ only in case',
    file: 'same-header.csv',
    message: 'same-header.csv line 1: the header is not usable (found: columns "id" and "ID"; allowed: distinct names)',
  },
  {
    name: 'nameless column',
    file: 'nameless-header.csv',
    message:
      'nameless-header.csv line 1: the header is not usable (found: a column without a name; allowed: distinct names)',
  },
  {
    name: 'row without a day',
    file: 'no-day.csv',
    message:
      'no-day.csv line 3: no day for this row and 0 more (found: "2013-02-30,2,x"; allowed: rows for which CAST(day AS DATE) is a date)',
  },
  {
    name: 'truncated gzip',
    file: 'truncated.csv.gz',
    message:
      'truncated.csv.gz: the gzip data are damaged or cut off after line 1969 (found: unexpected end of file; allowed: one complete gzip file)',
  },
  {
    name: 'not gzip',
    file: 'not-gzip.csv.gz',
    message:
      'not-gzip.csv.gz: the gzip data are damaged or cut off after line 0 (found: incorrect header check; allowed: one complete gzip file)',
  },
  {
    name: 'truncated zstd',
    file: 'truncated.csv.zst',
    message:
      'truncated.csv.zst: the zstd data are damaged or cut off after line 0 (found: unexpected EOF; allowed: one complete zstd file)',
  },
  {
    name: 'broken JSON line',
    file: 'broken.jsonl',
    source: { format: 'jsonl' },
    message:
      'broken.jsonl line 2: not a JSON object (found: "{"day":"2013-01-01","id":"; allowed: one JSON object in each line)',
  },
  {
    name: 'JSON that is no object',
    file: 'list.jsonl',
    source: { format: 'jsonl' },
    message: 'list.jsonl line 1: not a JSON object (found: "[1,2]"; allowed: one JSON object in each line)',
  },
  {
    name: 'JSON key twice',
    file: 'twice.jsonl',
    source: { format: 'jsonl' },
    message: 'twice.jsonl line 1: a key twice (found: "id"; allowed: each key once)',
  },
  {
    name: 'truncated Parquet',
    file: 'truncated.parquet',
    source: { format: 'parquet' },
    message:
      'truncated.parquet: the Parquet data are cut off (found: 931 bytes without PAR1 at the end; allowed: one complete Parquet file, which begins and ends with PAR1)',
  },
  {
    name: 'not Parquet',
    file: 'not-parquet.parquet',
    source: { format: 'parquet' },
    message:
      'not-parquet.parquet: not a Parquet file (found: 12 bytes that begin with "day,"; allowed: one complete Parquet file, which begins and ends with PAR1)',
  },
  {
    name: 'damaged Parquet',
    file: 'bad-footer.parquet',
    source: { format: 'parquet' },
    message:
      "bad-footer.parquet: the file is damaged (found: Invalid Error: don't know what type; allowed: one complete Parquet file)",
  },
  {
    name: 'a directory',
    file: 'directory',
    message: 'directory: not a file (found: a directory; allowed: one file)',
  },
  {
    name: 'no such file',
    file: 'missing.csv',
    message: 'missing.csv: there is no such file',
  },
];
