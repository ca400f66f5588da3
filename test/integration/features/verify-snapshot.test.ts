// The command `snapshot` on real stores: proof that a snapshot is built again byte by byte, and what it says of one that is not.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createArtifactReports } from '../../../src/activities/artifact-reports';
import { compactOldFeatures } from '../../../src/activities/features/compact-features';
import { planDigest } from '../../../src/definition/digest';
import type { SnapshotRef } from '../../../src/domain/data/partitions';
import type { SnapshotVerification } from '../../../src/ports/artifact-reports';
import { runCommand } from '../../setup/command-line';
import { candidate } from '../stores/fixtures';
import { firstDays } from './shop-rows';
import { openShops, shopPlan, type ShopBench } from './shops';

const PLAN = shopPlan();
const DAYS = firstDays(40);
const FILES = 5 + 4 * 39 + 39;
let shops: ShopBench;
let older: SnapshotRef;
let snapshot: SnapshotRef;
beforeAll(async () => {
  shops = await openShops();
  await shops.acceptDays('shops', DAYS);
  older = await shops.fix(PLAN, '2013-02-02', '2013-02-02T12:00:00Z');
  snapshot = await shops.fix(PLAN, '2013-02-09', '2013-02-09T12:00:00Z');
  await shops.stores.definitions.setCurrent('shops', 'simulated', planDigest(PLAN));
});
afterAll(() => shops.close());

async function run(...args: readonly string[]): Promise<{ readonly text: string; readonly code: number }> {
  let code = 0;
  const reports = createArtifactReports({ ...shops, tempDir: shops.folder });
  const text = await runCommand({ stores: shops.stores } as Parameters<typeof runCommand>[0], ['snapshot', ...args], {
    artifactReports: () => Promise.resolve(reports),
    setExitCode: (next) => void (code = next),
  });
  return { text, code };
}
const verification = async (id = snapshot.id): Promise<SnapshotVerification> =>
  JSON.parse((await run('verify', 'shops', id, '--json')).text) as SnapshotVerification;
const notIntact = ({ files }: SnapshotVerification) =>
  files.filter(({ state }) => state !== 'intact').map(({ name, state }) => `${name}: ${state}`);
const pathOf = (sha256: string) => join(shops.folder, 'artifacts', sha256.slice(0, 2), sha256);
const artifacts = async () => {
  const found: string[] = [];
  for await (const { sha256 } of shops.artifacts.list()) found.push(sha256);
  return found.sort();
};
/** Does something to the file of a digest while `work` runs. */
async function withFile(sha256: string, change: () => Promise<void> | void, work: () => Promise<void>): Promise<void> {
  const bytes = readFileSync(pathOf(sha256));
  try {
    await change();
    await work();
  } finally {
    writeFileSync(pathOf(sha256), bytes);
  }
}

it('verifies a snapshot, the newest unless one is named, and changes nothing', async () => {
  const before = await artifacts();
  const { text, code } = await run('verify', 'shops');
  expect(code).toBe(0);
  expect(text.split('\n')).toEqual([
    `Snapshot ${snapshot.id.slice(0, 12)} of shops is verified: the training input built again from its manifest is byte-identical.`,
    `${FILES} of ${FILES} files are intact.`,
    `train: built again, ${snapshot.train.sha256}`,
    `holdout: built again, ${snapshot.holdout.sha256}`,
    `truth: built again, ${snapshot.truth.sha256}`,
    `signature: built again, ${snapshot.signature.sha256}`,
    '',
  ]);
  expect(await artifacts()).toEqual(before);
  expect((await run('verify', 'shops', older.id.slice(0, 10))).code).toBe(0);
});

it('verifies in a process of its own, which is told nothing but the database and the store', () => {
  const main = join(__dirname, '../../../src/cli/main.ts');
  const args = ['--import', 'tsx', main, 'snapshot', 'verify', 'shops', snapshot.id, '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    env: {
      ...process.env,
      UNDERSTUDY_HOME: join(shops.folder, 'home'),
      DATABASE_URL: shops.databaseUrl,
      ARTIFACT_STORE: `file://${shops.folder}/artifacts`,
    },
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '200 of 200 files read\n']);
  expect(JSON.parse(stdout)).toMatchObject({ model: 'shops', id: snapshot.id, verified: true });
});

it('names a damaged input, and does not build from it', async () => {
  const [label] = (await shops.stores.partitions.newest('shops', 'results', DAYS[3]!, DAYS[3]!)).map(
    ({ data }) => data,
  );
  await withFile(
    label!.sha256,
    () => writeFileSync(pathOf(label!.sha256), 'other bytes'),
    async () => {
      const { text, code } = await run('verify', 'shops');
      expect(code).toBe(1);
      expect(text).toContain(`Snapshot ${snapshot.id.slice(0, 12)} of shops is NOT verified.`);
      expect(text).toContain(`damaged: results of 2013-01-04, ${label!.sha256}: The file ${pathOf(label!.sha256)}`);
      expect(text).toContain('Nothing was built again: an input is not intact.');
    },
  );
});

it('puts a damaged and a missing matrix back with --repair, as they were built again', async () => {
  writeFileSync(pathOf(snapshot.holdout.sha256), 'other bytes');
  await shops.artifacts.delete(snapshot.train.sha256);
  const found = await run('verify', 'shops', snapshot.id, '--repair');
  expect([found.code, found.text]).toEqual([
    0,
    expect.stringContaining(`repaired: matrix holdout, ${snapshot.holdout.sha256}`),
  ]);
  for (const ref of [snapshot.holdout, snapshot.train]) await shops.artifacts.get(ref);
  const [entry] = await shops.stores.audit.list('shops', 1);
  expect(entry).toMatchObject({ action: 'artifacts.repaired', subject: snapshot.id, by: 'ann' });
  expect(notIntact(await verification())).toEqual([]);
});

it('tells a file that something alive refers to from one that retention may take', async () => {
  await withFile(
    snapshot.train.sha256,
    () => shops.artifacts.delete(snapshot.train.sha256),
    async () => {
      const found = await verification();
      expect([found.verified, notIntact(found)]).toEqual([false, ['train: missing']]);
      expect(found.rebuilt!.every(({ identical }) => identical)).toBe(true);
    },
  );
  // Three newer ones make the oldest one nobody's.
  for (const day of ['2013-02-05', '2013-02-06', '2013-02-07']) await shops.fix(PLAN, day, `${day}T12:00:00Z`);
  await withFile(
    older.train.sha256,
    () => shops.artifacts.delete(older.train.sha256),
    async () => {
      const found = await verification(older.id);
      expect([found.verified, notIntact(found)]).toEqual([true, ['train: swept']]);
    },
  );
});

it('finds a damaged matrix although its inputs are intact', async () => {
  await withFile(
    snapshot.holdout.sha256,
    () => writeFileSync(pathOf(snapshot.holdout.sha256), 'other bytes'),
    async () => {
      const found = await verification();
      expect([found.verified, notIntact(found)]).toEqual([false, ['holdout: damaged']]);
    },
  );
});

it('finds a manifest that is another one than the id says, and one that is gone', async () => {
  const reports = createArtifactReports({ ...shops, tempDir: shops.folder });
  const forged = await reports.verifySnapshot('shops', { ...snapshot, manifest: older.manifest });
  expect(forged).toMatchObject({ verified: false, isManifestOfId: false });
  expect(forged.rebuilt!.filter(({ identical }) => !identical).map(({ name }) => name)).toContain('train');
  await withFile(
    snapshot.manifest.sha256,
    () => shops.artifacts.delete(snapshot.manifest.sha256),
    async () => {
      expect(await verification()).toMatchObject({ verified: false, isManifestOfId: null, rebuilt: null });
    },
  );
});

it('verifies a snapshot whose feature files were put together, also when their own files are gone', async () => {
  const { partitions } = await compactOldFeatures(shops, PLAN);
  expect(partitions).toBeGreaterThan(100);
  const old = (
    await shops.stores.features.find((await shops.featurizer.wanted(PLAN, DAYS)).map(({ key }) => key))
  ).filter(({ compacted }) => compacted);
  for (const { data } of old) await shops.artifacts.delete(data.sha256);
  expect(await verification()).toMatchObject({ verified: true, isManifestOfId: true });
  expect(await shops.artifacts.has(old[0]!.data.sha256)).toBe(false);
});

it('lists and shows snapshots with the versions that were trained on them', async () => {
  const { stores } = shops;
  const made = candidate('shops', 'gbm');
  const version = { ...made, lineage: { ...made.lineage, snapshot: older.id } };
  const { version: number } = await stores.transaction((tx) => stores.registry.saveCandidate(tx, version));
  const { snapshots } = JSON.parse((await run('list', 'shops', '--json')).text) as {
    snapshots: { snapshot: SnapshotRef; versions: { version: number }[] }[];
  };
  expect(snapshots.map(({ snapshot }) => snapshot.id)).toEqual(expect.arrayContaining([older.id, snapshot.id]));
  expect(snapshots.at(-1)!).toMatchObject({ snapshot: { id: older.id }, versions: [{ version: number }] });
  expect((await run('list', 'shops')).text).toContain(older.id.slice(0, 12));
  expect((await run('show', 'shops', `shops@${number}`)).text).toContain(older.train.sha256);
  await expect(run('show', 'shops', 'shops@99')).rejects.toMatchObject({ code: 'VERSION_NOT_FOUND' });
  await expect(run('show', 'shops', 'sisters@1')).rejects.toMatchObject({ code: 'USAGE' });
  await expect(run('verify', 'shops', 'zz')).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining('found "zz" (no snapshot has an id that starts so)') as string,
  });
  await expect(run('verify', 'nobody')).rejects.toMatchObject({ code: 'MODEL_NOT_DEPLOYED' });
});
