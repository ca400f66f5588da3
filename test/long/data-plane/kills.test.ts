// kill -9 of a worker process between two writes of ingest, featurize, publishing, fixing a snapshot, compaction and releasing rows: no hole, no
// double, no orphan. A sample; `npm run proof` takes every write.
import { openGround, type OpenGround } from '../../../scripts/proof/data-plane/place/ground';
import {
  doomedWorkers,
  playKilled,
  playUndisturbed,
  type DoomedWorkers,
} from '../../../scripts/proof/data-plane/kills/kills';
import { SCENES } from '../../../scripts/proof/data-plane/kills/scenes';
import { packageRootOf } from '../../../scripts/proof/stack-process';
import { createTestDatabase, type TestDatabase } from '../../setup/database';

/** So many kills of each scene, spread over its writes, and one right after its last transaction. */
const KILLS = 2;

let databases: readonly TestDatabase[];
let ground: OpenGround;
let workers: DoomedWorkers;
beforeAll(async () => {
  workers = doomedWorkers();
  databases = [await createTestDatabase(), await createTestDatabase()];
  ground = await openGround(packageRootOf(__dirname), [databases[0]!.url, databases[1]!.url]);
});
afterAll(async () => {
  workers.close();
  await ground.close();
  for (const database of databases) await database.drop();
});

describe('kill -9 between two writes', () => {
  it.each(SCENES)('of $name leaves nothing missing, nothing twice and no file that stays', async (scene) => {
    const undisturbed = await playUndisturbed(ground, workers, scene);
    expect(undisturbed.writes.length).toBeGreaterThan(10);
    const { length } = undisturbed.writes;
    const spread = Array.from({ length: KILLS }, (_, at) => Math.ceil(((at + 0.5) * length) / KILLS));
    const afterLast = undisturbed.writes.lastIndexOf('commit') + 2;
    for (const dieBefore of new Set([...spread, afterLast])) {
      const { problems, write } = await playKilled(ground, undisturbed, dieBefore);
      expect({ dieBefore, write, problems }).toEqual({ dieBefore, write, problems: [] });
    }
  });
});

it('turns red when nobody goes on with the work of a dead worker', async () => {
  const scene = SCENES.find(({ name }) => name === 'released rows')!;
  const undisturbed = await playUndisturbed(ground, workers, scene);
  const { problems } = await playKilled(ground, undisturbed, undisturbed.writes.indexOf('commit') + 1, false);
  expect(problems).toContainEqual(
    expect.stringMatching(/^recorded: verdict on results.*: found 0 times, undisturbed 1 times$/),
  );
});
