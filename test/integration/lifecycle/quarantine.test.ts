// The quarantine as a place to work: what is there, a verdict once, what can never be let in, and a release that re-opens the partition.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { createControlActivities } from '../../../src/activities';
import { createLifecycleGateway } from '../../../src/client/lifecycle-gateway';
import type { ControlActivities } from '../../../src/ports/activities';
import { runCommand } from '../../setup/command-line';
import { startProduct, type Product } from '../../setup/product';
import { deployTiny, type Change, type Tiny } from '../../setup/tiny-lifecycle';
import tiny from '../../models/tiny/model';

let product: Product;
let activities: ControlActivities;
beforeAll(async () => {
  product = await startProduct();
  const gateway = createLifecycleGateway(product.client);
  const { stores, artifacts, servingUrl } = product;
  activities = createControlActivities({ stores, artifacts, gateway, servingUrl });
});
afterAll(() => product.close());

const DAY = '2013-03-04';
const results = tiny.plan.tables['results']!;
/** Four of the day's forty delays are 64 or more. */
const CHANGE: Change = {
  tables: {
    ...tiny.plan.tables,
    results: {
      ...results,
      rowRules: [{ name: 'short_delay', sql: 'delay IS NULL OR delay < 64' }],
      partitionRules: { ...results.partitionRules, maxQuarantineShare: 0.5 },
    },
  },
};

/** A deployed model; on the day one coin is no number and one key comes twice. */
async function deployed(name: string): Promise<Tiny> {
  const model = await deployTiny(product, name, CHANGE);
  const path = join(model.folder, 'results.csv');
  const lines = readFileSync(path, 'utf8').split('\n');
  const of = lines.flatMap((line, at) => (line.split(',')[1] === DAY ? [at] : []));
  const kept = of.filter((at) => Number(lines[at]!.split(',')[2]) < 64);
  lines[kept[0]!] = lines[kept[0]!]!.replace(/\d+$/, 'heads');
  lines.splice(kept[1]!, 0, lines[kept[1]!]!);
  writeFileSync(path, lines.join('\n'));
  await model.backfill('2013-02-25', '2013-03-08');
  return model;
}
const verdict = (model: string, rule: string, change: object = {}) =>
  activities.recordQuarantineVerdict({
    ...{ model, table: 'results', partition: DAY, rule, verdict: 'released', by: 'ann', reason: 'a storm' },
    ...{ asOf: '2013-03-09T12:00:00.000Z', ...change },
  });
const states = async (model: string) =>
  (await product.stores.quarantine.list(model, { from: DAY, to: DAY })).map(
    ({ rule, rows, state }) => `${rule} ${rows} ${state}`,
  );

/** Days with stored features of the model deployed last, a day for each version that was computed. */
async function featureDays(): Promise<{ past: string[]; order: string[] }> {
  const database = new Client({ connectionString: product.databaseUrl });
  await database.connect();
  const { rows } = await database.query<{ view: string; day: string }>(
    'select view_name as view, day::text from feature_partitions order by day, key',
  );
  await database.end();
  const of = (view: string) => rows.filter((row) => row.view === view).map(({ day }) => day);
  return { past: of('past'), order: of('order') };
}

it('lists and shows what was set aside, by rule, with the lines of the file', async () => {
  await deployed('shown');
  expect(await states('shown')).toEqual(['coin_type 1 open', 'key 1 open', 'short_delay 4 open']);
  const args = ['shown', '--table', 'results', '--partition', DAY];
  const listed = await runCommand(product, ['quarantine', 'list', ...args]);
  expect(listed.replace(/ +/g, ' ')).toContain(`│ results │ ${DAY} │ short_delay │ 4 │ open │ – │ – │`);
  const shown = await runCommand(product, ['quarantine', 'show', ...args, '--rule', 'coin_type']);
  expect(shown).toMatch(/results\.csv line \d+, column coin: found heads, allowed an integer/);
  expect(shown).toContain('artifact://sha256/');
  expect(shown).not.toContain('short_delay');
  const json = JSON.parse(
    await runCommand(product, ['quarantine', 'list', 'shown', '--limit', '1', '--json']),
  ) as object;
  expect(json).toMatchObject({ model: 'shown', entries: [{ partition: '2013-03-08', state: 'open' }] });
  await expect(runCommand(product, ['quarantine', 'list', 'shown', '--table', 'nope'])).rejects.toThrow(
    '--table: found "nope", allowed is one of orders, results',
  );
  await expect(runCommand(product, ['quarantine', 'free', 'shown'])).rejects.toThrow(
    'quarantine: found "free", allowed is list, show, release, discard',
  );
});

it('records a verdict once, with an audit row, and says who decided when somebody decides again', async () => {
  await deployed('once');
  expect(await verdict('once', 'short_delay')).toEqual({ rows: 4 });
  expect(await verdict('once', 'short_delay')).toEqual({ rows: 4 });
  expect(await product.stores.quarantine.released('once', 'results', DAY)).toEqual(['short_delay']);
  await expect(verdict('once', 'short_delay', { by: 'bob', verdict: 'discarded' })).rejects.toMatchObject({
    type: 'QUARANTINE_REFUSED',
    message: expect.stringMatching(/short_delay were released by ann at 20.*\(a storm\)/) as string,
  });
  expect(await verdict('once', 'coin_type', { verdict: 'discarded', by: 'bob' })).toEqual({ rows: 1 });
  const audit = (await product.stores.audit.list('once', 100)).filter(({ action }) => action.startsWith('quarantine.'));
  expect(audit.map(({ by, action, subject, details }) => [by, action, subject, details])).toEqual([
    ['bob', 'quarantine.discarded', `results/${DAY}/coin_type`, { rows: 1, reason: 'a storm' }],
    ['ann', 'quarantine.released', `results/${DAY}/short_delay`, { rows: 4, reason: 'a storm' }],
  ]);
  expect(await product.stores.audit.duplicates('once')).toEqual([]);
});

it('refuses what is not there, and what no person can make fit', async () => {
  await deployed('refused');
  const message = async (rule: string, change: object = {}) =>
    verdict('refused', rule, change).then(
      () => 'accepted',
      (error: Error) => error.message,
    );
  expect(await message('short_delay', { table: 'nope' })).toBe(
    'The rows cannot be released: refused has no table nope; it has: orders, results.',
  );
  expect(await message('delay_range')).toBe(
    `The rows cannot be released: results of ${DAY} has no rows in quarantine under delay_range; there are: coin_type (1 rows, open), key (1 rows, open), short_delay (4 rows, open).`,
  );
  expect(await message('short_delay', { table: 'orders' })).toBe(
    `The rows cannot be released: orders of ${DAY} has no rows in quarantine.`,
  );
  for (const rule of ['coin_type', 'key']) expect(await message(rule)).toContain('are never made to fit');
  expect(await message('key', { verdict: 'discarded' })).toBe('accepted');
  expect(await states('refused')).toEqual(['coin_type 1 open', 'key 1 discarded', 'short_delay 4 open']);
});

it('lets released rows in: a new revision with them, its dependants computed again, and the list says released', async () => {
  const model = await deployed('released');
  const newest = async () => (await product.stores.partitions.newest('released', 'results', DAY, DAY))[0]!;
  const before = await newest();
  const { order: orderBefore } = await featureDays();
  const args = ['released', '--table', 'results', '--partition', DAY, '--rule', 'short_delay', '--reason', 'a storm'];
  const printed = await runCommand(product, ['quarantine', 'release', ...args]);
  expect(printed).toContain(`Released: the rows of results of ${DAY} under short_delay.`);
  await model.atRest();
  const after = await newest();
  expect([after.revision, after.rows, after.quarantinedRows]).toEqual([2, before.rows + 4, 2]);
  expect(await states('released')).toEqual(['coin_type 1 open', 'key 1 open', 'short_delay 0 released']);
  const { past, order } = await featureDays();
  expect(past.filter((day) => past.indexOf(day) !== past.lastIndexOf(day))).toEqual([
    ...['2013-03-05', '2013-03-05', '2013-03-06', '2013-03-06'],
  ]);
  expect(order).toEqual(orderBefore);
  await expect(runCommand(product, ['quarantine', 'release', ...args])).rejects.toMatchObject({
    code: 'QUARANTINE_REFUSED',
  });
  await expect(
    runCommand(product, [
      'quarantine',
      'release',
      'released',
      '--table',
      'results',
      '--partition',
      DAY,
      '--rule',
      'key',
      '--reason',
      'x',
    ]),
  ).rejects.toMatchObject({ code: 'QUARANTINE_REFUSED' });
});
