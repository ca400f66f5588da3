// Damages a delivered raw file of flights for one day, and writes the day's correct rows beside it as the later re-delivery.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Day } from '../../../src/domain/days';

/** The columns that the source delivers in seconds instead of minutes. */
const DELAY_COLUMNS = ['dep_delay', 'arr_delay'] as const;
const SECONDS_PER_MINUTE = 60;

/** The corrected file of one day. */
export interface Correction {
  /** Relative to the model's folder, as `dataArrived` wants it. */
  readonly uri: string;
  readonly sha256: string;
}

/** The lines of a day with their delays in seconds; all other lines as they are. Lines have no quotes in this source. */
export function delaysInSeconds(lines: readonly string[], header: string, day: Day): string[] {
  const columns = header.split(',');
  const delays = DELAY_COLUMNS.map((name) => columns.indexOf(name));
  return lines.map((line) => {
    if (!isOfDay(line, day)) return line;
    const fields = line.split(',');
    for (const index of delays) {
      const minutes = fields[index];
      if (minutes !== undefined && minutes !== 'NA') fields[index] = String(Number(minutes) * SECONDS_PER_MINUTE);
    }
    return fields.join(',');
  });
}

/** Damages the day in the month's file and writes the corrected one beside it. */
export function damageDay(modelFolder: string, day: Day): Correction {
  const month = `data/flights/flights-${day.slice(0, 7)}.csv.gz`;
  const uri = join(dirname(month), `flights-${day}-corrected.csv.gz`);
  const [header = '', ...lines] = gunzipSync(readFileSync(join(modelFolder, month)))
    .toString('utf8')
    .trimEnd()
    .split('\n');
  const correct = gzipSync([header, ...lines.filter((line) => isOfDay(line, day)), ''].join('\n'));
  writeFileSync(join(modelFolder, uri), correct);
  writeFileSync(join(modelFolder, month), gzipSync([header, ...delaysInSeconds(lines, header, day), ''].join('\n')));
  return { uri, sha256: createHash('sha256').update(correct).digest('hex') };
}

/** The first three columns are the local year, month and day. */
function isOfDay(line: string, day: Day): boolean {
  const [year, month, date] = day.split('-').map(Number);
  return line.startsWith(`${year},${month},${date},`);
}
