// A version is trained again to the same bytes, or it is said what differs, or what is no longer there; nothing else changes.
import { readFileSync, writeFileSync } from 'node:fs';
import type { ModelVersion } from '../../../src/domain/lifecycle/registry';
import type { Reproduction } from '../../../src/domain/training/reproduction';
import { runCommand } from '../../setup/command-line';
import { printedBlocks, runPrinted } from '../../setup/printed-blocks';
import { startProduct, type Product } from '../../setup/product';
import { deployTiny } from '../../setup/tiny-lifecycle';

let product: Product;
let versions: ModelVersion[];
beforeAll(async () => {
  product = await startProduct();
  const model = await deployTiny(product, 'again', { approval: { when: 'never' } });
  await model.backfill();
  await model.retrain('2013-03-16');
  await model.retrain('2013-03-20');
  versions = await product.stores.registry.list('again');
});
afterAll(() => product.close());

async function reproduce(version: string, ...options: string[]): Promise<{ printed: string; exitCode: number }> {
  let exitCode = 0;
  const printed = await runCommand(product, ['reproduce', version, ...options], {
    setExitCode: (code) => (exitCode = code),
  });
  return { printed, exitCode };
}

/** The newest version of a contender; it started from the weights of the one before. */
function newest(contender: string): ModelVersion {
  return versions.filter((each) => each.contender === contender).reduce((a, b) => (b.version > a.version ? b : a));
}

it('trains a version again to the same bytes, and registers nothing', async () => {
  const { version, lineage, training } = newest('main');
  expect(lineage.request).toMatchObject({
    trainer: 'logistic',
    seed: 1,
    warmStart: { sha256: expect.any(String) as string },
  });
  const pointer = await product.stores.registry.champion('again');
  const { printed, exitCode } = await reproduce(`again@${version}`, '--json');
  const found = JSON.parse(printed) as Reproduction;
  expect(found).toMatchObject({ model: 'again', version, same: true, environment: [] });
  expect(found.digests[0]).toMatchObject({ what: 'native', recorded: training.native.sha256 });
  expect(exitCode).toBe(0);
  expect((await reproduce(`again@${version}`)).printed).toContain('Reproduced: the same bytes.');
  expect(await product.stores.registry.list('again')).toEqual(versions);
  expect(await product.stores.registry.champion('again')).toEqual(pointer);
});

it('says that another model came out, and what differs in the environment', async () => {
  // As if it had been trained elsewhere: with an older library, into another model.
  const { state: _state, createdAt: _at, version: _number, ...rest } = newest('flat');
  const lock = JSON.parse((await product.artifacts.get(rest.training.environment!)).toString()) as {
    packages: Record<string, string>;
  };
  const older = { ...lock, packages: { ...lock.packages, 'ml-matrix': '1.0.0' } };
  const environment = await product.artifacts.put(Buffer.from(JSON.stringify(older)), 'application/json');
  const training = { ...rest.training, environment, native: rest.training.report };
  const { stores } = product;
  const other = await stores.transaction((tx) => stores.registry.saveCandidate(tx, { ...rest, training }));
  const { printed, exitCode } = await reproduce(`again@${other.version}`, '--json');
  const found = JSON.parse(printed) as Reproduction;
  expect(exitCode).toBe(1);
  expect(found.digests.map(({ what, same }) => [what, same])).toEqual([
    ['native', false],
    ['onnx', true],
  ]);
  const now = lock.packages['ml-matrix'];
  expect(found.environment).toEqual([{ what: 'package ml-matrix', recorded: '1.0.0', found: now }]);
  expect((await reproduce(`again@${other.version}`)).printed).toContain('NOT reproduced: another model came out.');
  versions = await stores.registry.list('again');
});

it('is started, watched, asked and ended by the stock temporal command, as the page prints it', async () => {
  const { version } = newest('main');
  const [start, progress, describe, result, cancel, ...none] = printedBlocks('REPRODUCTION');
  expect(none).toEqual([]);
  const printed = (block: string, id: string): Promise<string> =>
    runPrinted(product, block, { REPRODUCTION: id, MODEL: 'again', VERSION: String(version) });
  const [first, second] = [`reproduceVersion/again/${version}/first`, `reproduceVersion/again/${version}/second`];
  await printed(start!, first);
  expect(await printed(result!, first)).toMatch(/"same":\s*true/);
  expect(await printed(progress!, first)).toContain(`again@${version}: the same`);

  const training = product.hold('train');
  await printed(start!, second);
  await training.reached;
  expect(await printed(progress!, second)).toContain(
    `training again@${version} again with logistic on understudy-data`,
  );
  expect(await printed(describe!, second)).toContain('reproduceVersion');
  await printed(cancel!, second);
  training.release();
  await expect(printed(result!, second)).rejects.toMatchObject({ stdout: expect.stringMatching(/cancel/i) as string });
});

it('finds a damaged file, leaves it, and with --repair puts the recorded bytes back', async () => {
  const { version, onnx, training } = newest('main');
  for (const { sha256 } of [onnx, training.native]) {
    const path = await product.artifacts.localPath({ sha256 });
    const bytes = readFileSync(path);
    // As long as before: a store takes such a file for the same one.
    writeFileSync(path, Buffer.alloc(bytes.length, 7));
  }
  const { printed, exitCode } = await reproduce(`again@${version}`);
  expect([exitCode, printed.match(/: DAMAGED; it stays so/g)?.length]).toEqual([1, 2]);
  await expect(product.artifacts.get(onnx)).rejects.toMatchObject({ code: 'ARTIFACT_CORRUPT' });
  const repaired = await reproduce(`again@${version}`, '--repair', '--json');
  expect(repaired.exitCode).toBe(0);
  expect(
    (JSON.parse(repaired.printed) as Reproduction).stored!.map(({ what, state, now }) => [what, state, now]),
  ).toEqual([
    ['native', 'damaged', 'intact'],
    ['onnx', 'damaged', 'intact'],
    ['parity', 'intact', 'intact'],
  ]);
  for (const ref of [onnx, training.native]) await product.artifacts.get(ref);
  const [entry] = (await product.stores.audit.list('again', 50)).filter(
    ({ action }) => action === 'artifacts.repaired',
  );
  expect(entry).toMatchObject({ by: 'ann', subject: `again@${version}` });
});

it('names what is no longer stored', async () => {
  const { version, lineage } = newest('flat');
  const { matrix } = lineage.request!;
  await product.artifacts.delete(matrix.sha256);
  await expect(reproduce(`again@${version}`)).rejects.toMatchObject({
    code: 'ARTIFACT_MISSING',
    message: expect.stringContaining(`its training rows (artifact ${matrix.sha256}) are no longer stored`) as string,
  });
});
