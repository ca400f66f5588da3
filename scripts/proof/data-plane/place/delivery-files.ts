// The files that arrive: each partition in a few versions, good ones with rows of their own, strange ones and two kinds of damaged ones.
// Invariant: the same partition and version give the same bytes, and good versions differ in their number of rows.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { randomNumbers } from '../../../../src/domain/random';
import { nameOf, placedPath, type Partition } from './model';

/**
 * `a`, `c`: good; `b`: a row has a strange value, which the strict contract sets aside; `b-again`: the rows of b in other bytes; `strange`: half of
 * the rows have one, so that the strict contract rejects the file; `damaged`: read and then rejected by any contract; `unreadable`: no rows at all
 * can be read.
 */
export const VERSIONS = ['a', 'b', 'c', 'b-again', 'strange', 'damaged', 'unreadable'] as const;
/** One of {@link VERSIONS}. */
export type Version = (typeof VERSIONS)[number];

/** A file with one partition in one version. */
export interface DeliveryFile extends Partition {
  readonly version: Version;
}

/** What counts of a partition: a version, and whether its strange values were accepted when it came. */
export interface Accepted {
  readonly version: Version;
  readonly lenient: boolean;
}

const ROWS: Readonly<Record<Version, number>> = {
  ...{ a: 6, b: 7, c: 8, 'b-again': 7, strange: 10, damaged: 6, unreadable: 6 },
};

/**
 * Which rows a version has once they are accepted; null: it is rejected.
 * @param lenient - strange values are accepted: by the contract, or because a person has released the rows.
 */
export function rowsOf(version: Version, lenient: boolean): string | null {
  switch (version) {
    case 'a':
    case 'c':
      return version;
    case 'b':
    case 'b-again':
      return lenient ? 'all of b' : 'b';
    case 'strange':
      return lenient ? version : null;
    case 'damaged':
    case 'unreadable':
      return null;
  }
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
  const seed = createHash('sha256')
    .update(`${nameOf({ table, day })}/${seedOf(version)}`)
    .digest()
    .readUInt32LE();
  const random = randomNumbers(seed);
  return Array.from({ length: ROWS[version] }, (_, n) => {
    const id = `o-${day}-${n}`;
    const strange = version === 'strange' ? n % 2 === 0 : seedOf(version) === 'b' && n === 3;
    if (table === 'results') {
      const delay = strange ? -5 : Math.floor(random() * 60);
      return [id, day, delay, Math.floor(random() * 2)].join(',');
    }
    const [x1, x2] = [strange ? 99 : random() * 4 - 2, random() * 4 - 2].map((x) => Number(x.toFixed(2)));
    return [id, day, `${day} ${14 + (n % 6)}:00:00`, x1, x2, 'abc'[Math.floor(random() * 3)]].join(',');
  });
}

/** Versions with the same rows have the same seed. */
function seedOf(version: Version): Version {
  if (version === 'damaged' || version === 'unreadable') return 'a';
  return version === 'b-again' ? 'b' : version;
}
