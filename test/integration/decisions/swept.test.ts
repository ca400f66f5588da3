// A decision whose rows retention has taken: one sentence says which snapshot, since when, and what is left.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDecisionReports } from '../../../src/activities/judging/reports';
import { recordSwept } from '../../../src/activities/snapshots/swept-snapshots';
import { planDigest } from '../../../src/definition/digest';
import type { SnapshotRef } from '../../../src/domain/data/partitions';
import { createEngine, type Engine } from '../../../src/data/engine';
import { createFileArtifactStore } from '../../../src/stores/artifacts/artifacts-file';
import { createStores } from '../../../src/stores/stores';
import type { Stores } from '../../../src/ports/stores';
import tiny from '../../models/tiny/model';
import { runCommand } from '../../setup/command-line';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { AS_OF, decision, snapshot } from '../stores/fixtures';

let database: TestDatabase;
let stores: Stores;
let folder: string;
let engine: Engine;
beforeAll(async () => {
  database = await createTestDatabase();
  stores = await createStores(database.url);
  folder = mkdtempSync(join(tmpdir(), 'understudy-swept-'));
  const digest = planDigest(tiny.plan);
  await stores.definitions.save(digest, tiny.plan, 'test');
  await stores.definitions.setCurrent('tiny', 'wall', digest);
  engine = await createEngine({ threads: 1, memoryLimitMb: 256, tempDir: join(folder, 'spill') });
});
afterAll(async () => {
  engine.close();
  await stores.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

async function explained(id: string): Promise<{ readonly text: string; readonly code: number }> {
  const artifacts = createFileArtifactStore(join(folder, 'artifacts'));
  const judged = { ...decision('tiny', `cycle of ${id}`, null), snapshot: id };
  await stores.transaction((tx) => stores.registry.saveDecision(tx, judged, null));
  let code = 0;
  const product = { stores, lifecycles: undefined as never, schedules: undefined as never };
  const text = await runCommand(product, ['explain', 'tiny', judged.digest, '--recompute'], {
    decisionReports: () => Promise.resolve(createDecisionReports({ stores, artifacts, engine })),
    setExitCode: (next) => void (code = next),
  });
  return { text, code };
}
async function known(id: string): Promise<SnapshotRef> {
  const made = snapshot(id);
  await stores.features.saveSnapshot('tiny', made, []);
  return made;
}

it('names the snapshot and the retention that took it, once, however often its attempt was made', async () => {
  const gone = await known('gone');
  const stays = await known('stays');
  await recordSwept(stores, [gone.train, { sha256: 'f'.repeat(64) }], AS_OF);
  await recordSwept(stores, [gone.train], AS_OF);
  const entries = (await stores.audit.list('tiny', 50)).filter(({ action }) => action === 'snapshots.swept');
  expect(entries.map(({ details }) => details)).toEqual([{ snapshots: [gone.id] }]);
  expect(JSON.stringify(entries)).not.toContain(stays.id);

  const { text, code } = await explained(gone.id);
  expect(code).toBe(1);
  expect(text).toContain(
    `The rows of snapshot gone were swept by the retention of ${AS_OF}, so this decision cannot be made again; its record stays, with every gate`,
  );
});

it('says so too where the sweep was not written down', async () => {
  await known('old');
  const { text, code } = await explained('old');
  expect([code, text.includes('snapshot old were swept by retention, before such sweeps were recorded')]).toEqual([
    1,
    true,
  ]);
});
