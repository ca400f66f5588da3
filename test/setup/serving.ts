// The serving process's parts in this process, on a free port.
import { viewDigests } from '../../src/activities/feeding/fed-plan';
import { createChampions } from '../../src/serving/champions';
import { createJsonLog } from '../../src/serving/log';
import { createPredictionWriter } from '../../src/serving/prediction-writer';
import { openVersion } from '../../src/serving/served-model';
import { createServer } from '../../src/serving/server';
import { createVersionViews } from '../../src/serving/version-views';
import type { ArtifactStore } from '../../src/ports/artifacts';
import { createChampionFeed } from '../../src/stores/models/champion-feed';
import { createStores } from '../../src/stores/stores';

export async function startServing(
  databaseUrl: string,
  artifacts: ArtifactStore,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const log = createJsonLog('error', () => undefined);
  const stores = await createStores(databaseUrl, { poolSize: 2 });
  const writer = createPredictionWriter(stores.predictions, log);
  const champions = createChampions({
    definitions: stores.definitions,
    registry: stores.registry,
    feed: createChampionFeed(databaseUrl),
    load: (model, version) => openVersion(stores.registry, artifacts, model, version),
    log,
    pollMs: 300,
  });
  await champions.start();
  const server = createServer({
    champions,
    writer,
    online: stores.online,
    viewsOf: createVersionViews(stores.registry, stores.definitions, viewDigests),
    push: stores,
    trainingJobs: stores.trainingJobs,
    log,
    now: () => new Date(),
    release: '0.0.0',
  });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    async stop() {
      await champions.stop();
      await server.close();
      await writer.flush(5_000);
      await champions.release();
      await stores.close();
    },
  };
}
