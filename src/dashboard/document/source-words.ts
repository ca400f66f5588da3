// Where a table's rows come from and when they exist, in words for a newcomer. Invariant: no secret of an address is ever among the words.
import type { SourcePlan, TablePlan } from '../../domain/plan/plan';
import { parseAvailability } from '../../domain/zones';

/** What the formats of files are called. */
export const FORMATS = { csv: 'CSV', tsv: 'TSV', jsonl: 'JSON Lines', parquet: 'Parquet' } as const;

/** A path or address without user, password, query and fragment: they may hold secrets. */
export function shownPath(path: string): string {
  const address = /^([a-z][a-z0-9+.-]*:\/\/)(.*)$/is.exec(path);
  if (!address) return path;
  const bare = address[2]!.replace(/[?#].*$/s, (rest) => (address[1]!.toLowerCase().startsWith('http') ? '' : rest));
  const slash = bare.indexOf('/');
  const host = slash < 0 ? bare : bare.slice(0, slash);
  return `${address[1]}${host.slice(host.lastIndexOf('@') + 1)}${slash < 0 ? '' : bare.slice(slash)}`;
}

/** What is read, and how: one sentence. */
export function sourceSentence(source: SourcePlan): string {
  switch (source.format) {
    case 'postgres':
      return `A query of the PostgreSQL database whose address is in the variable ${source.connection}, ${source.chunkRows} rows at once, for at most ${source.statementTimeout}.`;
    case 'push':
      return `Rows that clients send over HTTP, put into the day of their field ${source.eventTime} and ingested within ${source.microBatch}.`;
    case 'hook':
      return `Rows of the TypeScript hook ${source.module}.`;
    default:
      return `${FORMATS[source.format]} files at ${shownPath(source.path)}${dialect(source)}.`;
  }
}

function dialect(source: Extract<SourcePlan, { path: string }>): string {
  const parts = [
    source.compression === 'auto' || source.compression === 'none' ? null : `compressed with ${source.compression}`,
    source.encoding === 'utf-8' ? null : `in ${source.encoding}`,
    source.delimiter === undefined ? null : `delimiter ${JSON.stringify(source.delimiter)}`,
    source.nullText === '' ? null : `“${source.nullText}” stands for a missing value`,
    source.partitionBy === undefined ? null : 'split by the day of each row',
  ].filter((part) => part !== null);
  return parts.length === 0 ? '' : `; ${parts.join('; ')}`;
}

/** SQL that belongs to the source; null: none. */
export function sourceSql(source: SourcePlan): string | null {
  if (source.format === 'postgres') return source.query;
  return 'path' in source ? (source.partitionBy ?? null) : null;
}

/** When the partition of a day exists, and when people are told that it is late: sentences. */
export function availabilitySentences(table: TablePlan, timeZone: string): string[] {
  const { offsetDays, time } = parseAvailability(table.availableAt);
  const when =
    offsetDays === 0 ? 'on the day itself' : offsetDays === 1 ? 'on the next day' : `${offsetDays} days later`;
  const { deadline, poll } = table.arrival;
  const wait = /^0(\.0+)? ?[a-z]+$/.test(deadline) ? 'People are told at once' : `People are told ${deadline} later`;
  return [
    `The rows of a day are available ${when} at ${time} (${timeZone}).`,
    ...(table.rowAvailableAt === undefined ? [] : ['Single rows say themselves from when on they exist.']),
    `${wait} when they have not come; the source is looked at every ${poll} meanwhile.`,
  ];
}
