// The files of one delivery must have the same columns: a column that one of them lacks would silently be missing in its rows.
import { missingColumnMessage } from '../check/columns';
import { UnderstudyError } from '../../domain/failures';
import { unreadable } from './raw-file';
import type { ReadableFile } from './readable';

/** Fails with `SOURCE_UNREADABLE` for a CSV or Parquet file whose columns are not those of the first file. JSON Lines have the keys that they have. */
export function requireSameColumns(files: readonly ReadableFile[]): void {
  const first = files[0];
  if (!first || first.ragged) return;
  for (const file of files) {
    const missing = first.columns.filter((column) => !file.columns.includes(column));
    const extra = file.columns.filter((column) => !first.columns.includes(column));
    if (missing.length > 0) {
      const claimed = first.columns.filter((column) => file.columns.includes(column));
      const sentence = missingColumnMessage(file.name, missing, file.columns, claimed);
      const message = sentence.replace(
        'every column of the contract',
        'the columns of the other files of the delivery',
      );
      throw new UnderstudyError('SOURCE_UNREADABLE', message, { file: file.name, line: 1, column: missing[0]! });
    }
    if (extra.length > 0) {
      const what = `columns that ${first.name} does not have`;
      throw unreadable(file.name, {
        what,
        found: extra.join(', '),
        allowed: 'the columns of the other files of the delivery',
      });
    }
  }
}
