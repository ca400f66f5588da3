// kill -9 of a worker process between two writes of ingest and featurize: no hole, no double, no orphan. A sample; `npm run proof` takes every write.
import { openGround, type OpenGround } from '../../../scripts/proof/data-plane/ground';
import {
  doomedWorkers,
  playKilled,
  playUndisturbed,
  SCENES,
  type DoomedWorkers,
} from '../../../scripts/proof/data-plane/kills';
import { packageRootOf } from '../../../scripts/proof/stack-process';
import { createTestDatabase, type TestDatabase } from '../../setup/database';

/** So many kills of each scene, spread over its writes. */
const KILLS = 5;

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
    expect(undisturbed.writes.length).toBeGreaterThan(20);
    const afterIngest = undisturbed.writes.indexOf('commit') + 2;
    const spread = Array.from(
      { length: KILLS - 1 },
      (_, at) => 1 + Math.round((at * undisturbed.writes.length) / (KILLS - 2)),
    );
    for (const dieBefore of [...spread, afterIngest]) {
      const { problems, write } = await playKilled(ground, workers, undisturbed, dieBefore);
      expect({ dieBefore, write, problems }).toEqual({ dieBefore, write, problems: [] });
    }
  });
});
