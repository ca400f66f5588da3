// The damaged delivery: one day's delays in seconds, everything else untouched, and the correct rows beside it.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { damageDay } from '../../../scripts/demo/faults/damage';

const HEADER = 'year,month,day,dep_delay,arr_delay,carrier';
const ROWS = ['2013,8,1,3,-5,B6', '2013,8,14,2,NA,UA', '2013,8,14,-4,11,DL', '2013,8,15,1,1,AA'];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'damage-'));
  mkdirSync(join(folder, 'data', 'flights'), { recursive: true });
  writeFileSync(join(folder, 'data/flights/flights-2013-08.csv.gz'), gzipSync([HEADER, ...ROWS, ''].join('\n')));
});
afterEach(() => rmSync(folder, { recursive: true }));

const lines = (file: string): string[] =>
  gunzipSync(readFileSync(join(folder, file)))
    .toString('utf8')
    .trimEnd()
    .split('\n');

describe('damaging a day', () => {
  it('multiplies the delays of that day by 60 and leaves all other rows and missing values', () => {
    damageDay(folder, '2013-08-14');
    expect(lines('data/flights/flights-2013-08.csv.gz')).toEqual([
      HEADER,
      ROWS[0],
      '2013,8,14,120,NA,UA',
      '2013,8,14,-240,660,DL',
      ROWS[3],
    ]);
  });

  it('keeps the correct rows of that day beside it, under the digest that it gives', () => {
    const { uri, sha256 } = damageDay(folder, '2013-08-14');
    expect(lines(uri)).toEqual([HEADER, ROWS[1], ROWS[2]]);
    expect(
      createHash('sha256')
        .update(readFileSync(join(folder, uri)))
        .digest('hex'),
    ).toBe(sha256);
  });
});
