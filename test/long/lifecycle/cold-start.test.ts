/** @jest-environment ./test/setup/host-arrays-environment.js */
// Cold start: a model without data serves another model's champion, which its own contenders have to beat by the same gates.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLoans } from '../../../src/activities/starting/loans';
import type { CardDocument } from '../../../src/dashboard/card/document';
import { logistic } from '../../../src';
import { defineModel } from '../../../src/definition/define-model';
import tiny from '../../models/tiny/model';
import { runCommand } from '../../setup/command-line';
import { startProduct, type Product } from '../../setup/product';
import { openReports, type Reports } from '../../setup/reports';
import { deployTiny, LONG_HOLDOUT, type Tiny } from '../../setup/tiny-lifecycle';

const ALONE = { approval: { when: 'never' } } as const;

let product: Product;
let reports: Reports;
let lender: Tiny;
let newcomer: Tiny;
beforeAll(async () => {
  product = await startProduct();
  reports = await openReports(product);
  lender = await deployTiny(product, 'lender', { ...ALONE, contenders: { flat: logistic({ l2: 20_000 }) } });
  newcomer = await deployTiny(product, 'newcomer', {
    ...{ ...ALONE, ...LONG_HOLDOUT, borrow: { model: 'lender' } },
    contenders: { main: logistic({ l2: 1 }) },
  });
});
afterAll(async () => {
  reports.close();
  await product.close();
});

const cardOf = async (version: string): Promise<CardDocument> =>
  JSON.parse((await reports.run(['card', version, '--json'])).text) as CardDocument;
const borrow = async (model: string): Promise<{ version: number; lenderVersion: number; serves: boolean }> =>
  JSON.parse(
    await runCommand(product, ['borrow', model, '--json'], {
      loans: () => Promise.resolve(createLoans(product.stores)),
    }),
  ) as never;

it('is refused while the lender has no champion', async () => {
  await expect(borrow('newcomer')).rejects.toThrow(
    'newcomer cannot borrow: found lender, which has no champion; allowed is a model with a champion.',
  );
});

it('serves the lender’s champion as its own version, before it has any data', async () => {
  await lender.backfill();
  await lender.retrain('2013-03-11');
  expect(await borrow('newcomer')).toMatchObject({ version: 1, lenderVersion: 1, serves: false });
  const status = await newcomer.until(({ epoch }) => epoch === 1);
  expect(status.champion).toEqual({ version: 1, contender: 'borrowed' });
  expect(await newcomer.served()).toBe(1);
  const [theirs, ours] = await Promise.all(['lender', 'newcomer'].map((name) => product.stores.registry.load(name, 1)));
  expect([ours!.onnx, ours!.signature, ours!.training]).toEqual([theirs!.onnx, theirs!.signature, theirs!.training]);
  expect(ours!.lineage).toMatchObject({
    ...{ definitionDigest: theirs!.lineage.definitionDigest, logicalTime: '2013-02-20', parent: null },
    borrowed: { model: 'lender', version: 1, logicalTime: '2013-03-11' },
  });
  const card = await cardOf('newcomer@1');
  const evaluation = await product.stores.registry.evaluation('lender', 1, theirs!.lineage.snapshot);
  expect(card.loan).toMatchObject({
    from: ['lender@1'],
    trained: { model: 'lender', version: 1, cycle: theirs!.lineage.cycle, report: theirs!.training.report.sha256 },
  });
  expect(card.loan!.metrics.map(({ metric, holdout }) => [metric, holdout])).toEqual(
    Object.entries(evaluation!.holdout.metrics),
  );
  expect([card.metrics, card.explanation!.model, card.data.rows[1]!.rows]).toEqual([
    [],
    'lender',
    evaluation!.holdout.n,
  ]);
  expect(card.loan!.unknown.join()).toContain('no decision of newcomer has measured it yet');
  const told = await reports.run(['card', 'newcomer@1', '--out', join(reports.scratch, 'loan.html')]);
  expect(told.text).toMatch(/training report +that of lender@1/);
  expect(readFileSync(join(reports.scratch, 'loan.html'), 'utf8')).toContain('Metrics of lender@1');
  expect(await runCommand(product, ['lineage', 'newcomer@1'])).toMatch(/borrowed from +lender@1/);
  const [move] = await product.stores.registry.moves('newcomer');
  expect(move).toMatchObject({ by: 'ann', why: 'override', reason: expect.stringContaining('lender@1') as string });
});

it('asks for nothing when the same loan is asked for again', async () => {
  expect(await borrow('newcomer')).toMatchObject({ version: 1, serves: true });
  expect(await newcomer.versions()).toEqual({ 'borrowed@1': 'champion' });
  expect(await product.stores.audit.duplicates('newcomer')).toEqual([]);
});

it('stays with its loan when the lender’s champion changes, until a person borrows again', async () => {
  await lender.retrain('2013-03-13');
  expect((await lender.status()).champion?.version).toBe(2);
  expect((await newcomer.atRest()).champion?.version).toBe(1);
  expect(await borrow('newcomer')).toMatchObject({ version: 2, lenderVersion: 2, serves: false });
  const status = await newcomer.until(({ epoch }) => epoch === 2);
  expect([status.champion, status.previous]).toEqual([{ version: 2, contender: 'borrowed' }, 1]);
  const { onnx, training } = await product.stores.registry.load('lender', 2);
  const reachable = await product.stores.reachableArtifacts('newcomer', 1, '2013-04-04');
  expect([reachable.has(onnx.sha256), reachable.has(training.native.sha256)]).toEqual([true, true]);
});

it('scores its own rows with it as soon as there are some', async () => {
  await newcomer.backfill();
  const scored = async (model: Tiny) => {
    await model.tick('score', '2013-03-20', '2013-03-21T06:30:00Z');
    await model.atRest();
    return (await product.stores.predictions.list(model.name, '2013-03-20', '2013-03-20')).map(
      ({ entityKey, probability }) => [entityKey, probability],
    );
  };
  const ours = await scored(newcomer);
  expect(ours.length).toBeGreaterThan(10);
  expect(ours).toEqual(await scored(lender));
});

it('ends when a contender of its own has beaten it on the same rows, by the gates of a switch', async () => {
  const status = await newcomer.retrain('2013-04-03');
  const [decision] = await product.stores.registry.decisions('newcomer', 1);
  expect(decision).toMatchObject({
    ...{ verdict: 'promote', champion: { version: 2, contender: 'borrowed' }, proposed: { kind: 'switch' } },
    candidates: [{ version: 3 }],
  });
  const measured = await product.stores.registry.evaluation('newcomer', 2, decision!.snapshot);
  const own = await product.stores.registry.evaluation('newcomer', 3, decision!.snapshot);
  expect(measured!.holdout.n).toBe(own!.holdout.n);
  const card = await cardOf('newcomer@2');
  expect(card.metrics.map(({ metric, holdout }) => [metric, holdout])).toEqual(
    Object.entries(measured!.holdout.metrics),
  );
  expect(card.loan!.from).toEqual(['lender@2']);
  expect(card.loan!.unknown.join()).not.toContain('has measured it yet');
  expect((await cardOf('newcomer@3')).loan).toBeNull();
  expect([status.champion, status.previous]).toEqual([{ version: 3, contender: 'main' }, 2]);
  await expect(borrow('newcomer')).rejects.toThrow('found version 3 of main, a champion of its own');
});

it('is refused where the lender’s views cannot be computed of the borrower’s tables', async () => {
  const { orders, results } = tiny.plan.tables;
  const { x1: _gone, ...columns } = orders!.columns;
  const [order, past] = tiny.plan.features;
  await deployTiny(product, 'narrow', {
    ...{
      ...ALONE,
      borrow: { model: 'lender', version: 1 },
      tables: { orders: { ...orders!, columns }, results: results! },
    },
    features: [
      { ...order!, sql: 'SELECT id, x2, kind FROM orders', features: { x2: 'number', kind: 'category' } },
      past!,
    ],
  });
  await expect(borrow('narrow')).rejects.toThrow(
    'narrow cannot borrow: found lender@1, whose feature view order uses column x1 of table orders, which the definition in force no longer has',
  );
  expect(await product.stores.registry.list('narrow')).toEqual([]);
});

it('borrows by itself when it is deployed', async () => {
  const folder = product.addModelFolder('fresh');
  const base = join(__dirname, '../../models/tiny/model');
  const change = "{ name: 'fresh', approval: { when: 'never' }, borrow: { model: 'lender', version: 1 } }";
  const lines = [
    "import { extend } from 'understudy';",
    `import tiny from '${base}';`,
    `export default extend(tiny, ${change});`,
  ];
  writeFileSync(join(folder, 'model.ts'), lines.join('\n'));
  const printed = await runCommand(product, ['deploy', 'fresh', '--clock', 'simulated'], {
    modelsDir: product.modelsFolder,
    packageRoot: folder,
    loans: () => Promise.resolve(createLoans(product.stores)),
    checkContenders: () => Promise.resolve({ problems: [], unchecked: [] }),
  });
  expect(printed).toContain('version 1 of fresh, borrowed from lender@1, is promoted by the lifecycle.');
  const deadline = Date.now() + 20_000;
  while ((await product.lifecycles.status('fresh')).epoch === 0 && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 30));
  expect((await product.lifecycles.status('fresh')).champion).toEqual({ version: 1, contender: 'borrowed' });
});

it('is checked when the definition is loaded', () => {
  expect(() => defineModel({ ...tiny.plan, borrow: { model: 'tiny' } })).toThrow(
    'borrow.model: found "tiny", allowed is another model',
  );
  expect(() => defineModel({ ...tiny.plan, contenders: { borrowed: logistic() } })).toThrow(
    'contenders.borrowed: found the name',
  );
});
