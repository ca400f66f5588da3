// The files that arrive: each partition in a few versions, good ones with rows of their own and two kinds of damaged ones.
// Invariant: the same partition and version give the same bytes, and good versions differ in their number of rows.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { seededRandom } from '../seeded';
import { nameOf, placedPath, type Partition } from './model';

/**
 * `a`, `b`, `c`: good (b with a row for quarantine); `b-again`: the rows of b in other bytes; `damaged`: read and then rejected by the
 * contract; `unreadable`: no rows at all can be read.
 */
export const VERSIONS = ['a', 'b', 'c', 'b-again', 'damaged', 'unreadable'] as const;
/** One of {@link VERSIONS}. */
export type Version = (typeof VERSIONS)[number];

/** A file with one partition in one version. */
export interface DeliveryFile extends Partition {
  readonly version: Version;
}

const ROWS: Readonly<Record<Version, number>> = { a: 6, b: 7, c: 8, 'b-again': 7, damaged: 6, unreadable: 6 };

/** Which rows a version has, once they are accepted; null: none, it never is. */
export function rowsOf(version: Version): string | null {
  if (version === 'damaged' || version === 'unreadable') return null;
  return version === 'b-again' ? 'b' : version;
}

/** Number of rows of a good version, those for quarantine included. */
export function rowCountOf(version: Version): number {
  return ROWS[version];
}

/** Writes a version to a file of its own, to be announced by its address; gives the address relative to the model's folder. */
export function announceFile(modelFolder: string, file: DeliveryFile): string {
  const uri = join('announced', `${file.table}-${file.day}-${file.version}.csv`);
  write(join(modelFolder, uri), contentOf(file));
  return uri;
}

/** Puts a version where the path template looks, in place of what was there. */
export function placeFile(modelFolder: string, file: DeliveryFile): void {
  write(join(modelFolder, placedPath(file)), contentOf(file));
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

function contentOf(file: DeliveryFile): string {
  const { table, version } = file;
  const columns = table === 'orders' ? ['id', 'day', 'leaves_at', 'x1', 'x2', 'kind'] : ['id', 'day', 'delay', 'coin'];
  const lines = rows(file);
  if (version === 'damaged') columns[table === 'orders' ? 3 : 2] = 'unknown';
  if (version === 'unreadable') lines[2] = 'cut off';
  if (version === 'b-again') {
    columns.push('note');
    for (const [at, line] of lines.entries()) lines[at] = `${line},again`;
  }
  return `${[columns.join(','), ...lines].join('\n')}\n`;
}

function rows({ table, day, version }: DeliveryFile): string[] {
  const seed = createHash('sha256').update(`${nameOf({ table, day })}/${rowsOf(version) ?? 'a'}`).digest().readUInt32LE();
  const random = seededRandom(seed);
  return Array.from({ length: ROWS[version] }, (_, n) => {
    const id = `o-${day}-${n}`;
    const forQuarantine = rowsOf(version) === 'b' && n === 3;
    if (table === 'results') {
      const delay = forQuarantine ? -5 : Math.floor(random() * 60);
      return [id, day, delay, Math.floor(random() * 2)].join(',');
    }
    const [x1, x2] = [forQuarantine ? 99 : random() * 4 - 2, random() * 4 - 2].map((x) => Number(x.toFixed(2)));
    return [id, day, `${day} ${14 + (n % 6)}:00:00`, x1, x2, 'abc'[Math.floor(random() * 3)]].join(',');
  });
}
