// `describe` over a range of days equals what the rows of the delivered file say, although no row is read again.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ColumnDescription } from '../../../src/domain/data/partitions';
import { describeSketch, mergeSketches } from '../../../src/statistics/sketches';
import { runCommand } from '../../setup/command-line';
import { startProduct, type Product } from '../../setup/product';
import { deployTiny } from '../../setup/tiny-lifecycle';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.close());

const [FROM, TO] = ['2013-02-25', '2013-03-04'];

it('describes numbers, instants and texts of any range of days', async () => {
  const model = await deployTiny(product, 'described');
  await model.backfill('2013-02-20', '2013-03-08');
  const describe = (...args: string[]) =>
    runCommand(product, ['describe', 'described', ...args, '--from', FROM, '--to', TO], {
      describeSketches: (sketches) => describeSketch(mergeSketches(sketches)),
    });
  const [head, ...lines] = readFileSync(join(model.folder, 'orders.csv'), 'utf8').trim().split('\n');
  const at = (name: string) => head!.split(',').indexOf(name);
  const rows = lines.map((line) => line.split(',')).filter((row) => row[1]! >= FROM && row[1]! <= TO);
  const document = JSON.parse(await describe('orders', '--json')) as {
    partitions: number;
    rows: number;
    columns: (ColumnDescription & { column: string })[];
  };
  expect([document.partitions, document.rows]).toEqual([8, rows.length]);
  const column = (name: string) => document.columns.find((each) => each.column === name)!;

  const x1 = rows.map((row) => Number(row[at('x1')])).sort((a, b) => a - b);
  const mean = x1.reduce((sum, value) => sum + value, 0) / x1.length;
  const found = column('x1');
  expect([found.count, found.nulls, found.min, found.max]).toEqual([x1.length, 0, x1[0], x1.at(-1)]);
  expect(found.mean).toBeCloseTo(mean, 9);
  expect(found.deviation).toBeCloseTo(Math.sqrt(x1.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x1.length), 9);
  for (const [name, share] of [['p10', 0.1] as const, ['p90', 0.9] as const]) {
    const exact = x1[Math.floor(share * (x1.length - 1))]!;
    expect(Math.abs(found.quantiles![name]! - exact)).toBeLessThan(0.011 * Math.abs(exact) + 0.02);
  }
  expect(found.histogram!.reduce((sum, bin) => sum + bin.count, 0)).toBe(x1.length);

  const kinds = rows.map((row) => row[at('kind')]!);
  const counts = [...new Set(kinds)].map((value) => ({ value, count: kinds.filter((kind) => kind === value).length }));
  expect(column('kind').top).toEqual(counts.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1)));
  expect(Math.abs(column('id').distinct - rows.length)).toBeLessThan(0.1 * rows.length);

  const text = await describe('orders', '--column', 'leaves_at');
  expect(text).toContain(`min, max   ${FROM}T`);
  expect(await describe('orders', '--column', 'kind')).toContain('#'.repeat(40));
});
