// What people are told when work fails, merges, or a version cannot serve.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runCommand } from '../../setup/command-line';
import { startProduct, type Product } from '../../setup/product';
import { deployTiny, FIRST_DAY } from '../../setup/tiny-lifecycle';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.close());

const never = { approval: { when: 'never' } } as const;

it('shows a failed cycle and why health is degraded until a cycle decides, and the caller hears that a cycle exists', async () => {
  const model = await deployTiny(product, 'told-failure', never);
  const codes: number[] = [];
  const command = (...args: string[]) => runCommand(product, args, { setExitCode: (code) => void codes.push(code) });
  const failed = await command('retrain', model.name, '--at', '2013-02-24', '--wait');
  expect(failed).toMatch(/^cycle\/told-failure\/2013-02-24: failed: TOO_FEW_ROWS: /);
  expect(codes).toEqual([1]);
  const shown = await command('status', model.name);
  expect(shown).toMatch(/health +degraded\n +because +cycle\/told-failure\/2013-02-24: TOO_FEW_ROWS/);
  expect(shown).toContain('the next cycle that ends with a decision');

  const decided = await command('retrain', model.name, '--at', '2013-03-11', '--wait', '--json');
  expect(JSON.parse(decided)).toMatchObject({ end: { kind: 'cycle', end: 'decided' } });
  expect(await model.atRest()).toMatchObject({ health: 'good', healthReason: null });
  expect(await command('retrain', model.name, '--at', '2013-03-11')).toContain(
    'Note: that cycle exists already: cycle/told-failure/2013-03-11',
  );
  const { ended } = await model.atRest();
  expect(ended.at(-1)).toMatchObject({ end: 'merged', into: 'cycle/told-failure/2013-03-11' });
  expect(codes).toEqual([1]);
});

it('refuses a promotion to a version whose model file is damaged, and the champion stays', async () => {
  const model = await deployTiny(product, 'told-damage', never);
  const { champion } = await model.retrain('2013-03-11');
  const flat = await product.stores.registry.newestOf(model.name, 'flat');
  const path = await product.artifacts.localPath(flat!.onnx);
  const whole = readFileSync(path);
  chmodSync(path, 0o644);
  writeFileSync(path, whole.subarray(0, whole.length - 1));
  const message = { version: flat!.version, expectedEpoch: 1, override: true, by: 'ann', reason: 'test' };
  await expect(product.lifecycles.promote(model.name, message)).rejects.toMatchObject({ code: 'ARTIFACT_CORRUPT' });
  expect(await model.atRest()).toMatchObject({ champion, epoch: 1 });
  expect(await model.served()).toBe(champion!.version);
  writeFileSync(path, whole);
  await product.lifecycles.promote(model.name, message);
  await model.until(({ ended }) => ended.some(({ end, kind }) => kind === 'rollout' && end === 'moved'));
});

it('counts what a backfill did once it has ended', async () => {
  const model = await deployTiny(product, 'told-backfill');
  const args = ['backfill', model.name, '--from', FIRST_DAY, '--to', '2013-03-01', '--wait', '--json'];
  const { counts, end } = JSON.parse(await runCommand(product, args)) as Record<string, Record<string, number>>;
  expect(end).toMatchObject({ kind: 'backfill', end: 'done' });
  expect(counts).toMatchObject({ days: 10, accepted: 20, rejected: 0, missing: 0 });
  expect(counts!['featuresComputed']).toBeGreaterThan(0);
});

it('is told by deploy where nobody would train, and that the champion predicts something else', async () => {
  const model = await deployTiny(product, 'told-deploy', never);
  const { champion } = await model.retrain('2013-03-11');
  writeFileSync(
    join(model.folder, 'model.ts'),
    `import { extend, linear } from 'understudy';
     import tiny from '${resolve(__dirname, '../../models/tiny/model')}';
     export default extend(tiny, {
       ...{ name: 'told-deploy', task: 'regression', label: { sql: 'delay' }, evaluation: { primary: 'rmse' } },
       contenders: { flat: null, main: linear({ resources: { queue: 'nobody-here' } }) },
     });`,
  );
  const told = await runCommand(product, ['deploy', 'told-deploy', '--dry-run'], {
    modelsDir: product.modelsFolder,
    packageRoot: resolve(__dirname, '../../..'),
    checkContenders: () => Promise.resolve({ problems: [], unchecked: [] }),
  });
  expect(told).toContain(
    `The champion told-deploy@${champion!.version} was trained for another task: it goes on serving`,
  );
  expect(told).toContain('No worker has asked the task queue "nobody-here" for work in the last minutes');
  expect(told).toContain('the training of main will wait for one');
  expect(told).toContain('Dry run: nothing was changed.');
});
