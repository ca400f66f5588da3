// The serving process's parts, composed in this process on a port of its own, with its log in memory.
import { viewDigests } from '../../../src/activities/feeding/fed-plan';
import { createChampions, type Champions } from '../../../src/serving/champions';
import { createJsonLog } from '../../../src/serving/log';
import {
  createPredictionWriter,
  type PredictionWriter,
  type PredictionWriterOptions,
} from '../../../src/serving/prediction-writer';
import { openVersion } from '../../../src/serving/served-model';
import { createServer } from '../../../src/serving/server';
import { createVersionViews } from '../../../src/serving/version-views';
import { createChampionFeed } from '../../../src/stores/models/champion-feed';
import { createStores } from '../../../src/stores/stores';
import type { SmallModel } from './small-model';

export interface RunningServer {
  readonly url: string;
  readonly champions: Champions;
  readonly writer: PredictionWriter;
  /** Lines that were logged so far. */
  readonly lines: readonly Record<string, unknown>[];
  stop(): Promise<void>;
}

export interface RunningOptions {
  /** How the server reaches PostgreSQL. Default: as the test does. */
  readonly databaseUrl?: string;
  readonly writer?: PredictionWriterOptions;
  readonly bodyLimitBytes?: number;
  readonly pollMs?: number;
}

export async function startServer(small: SmallModel, options: RunningOptions = {}): Promise<RunningServer> {
  const { databaseUrl = small.databaseUrl, pollMs = 1_000 } = options;
  const lines: Record<string, unknown>[] = [];
  const log = createJsonLog('trace', (line) => void lines.push(JSON.parse(line) as Record<string, unknown>));
  const stores = await createStores(databaseUrl, { poolSize: 4 });
  const writer = createPredictionWriter(stores.predictions, log, options.writer);
  const champions = createChampions({
    definitions: stores.definitions,
    registry: stores.registry,
    feed: createChampionFeed(databaseUrl),
    load: (model, version) => openVersion(stores.registry, small.artifacts, model, version),
    log,
    pollMs,
    slots: { firstRetryMs: 200 },
  });
  await champions.start();
  const { bodyLimitBytes } = options;
  const server = createServer({
    champions,
    writer,
    online: stores.online,
    viewsOf: createVersionViews(stores.registry, stores.definitions, viewDigests),
    push: stores,
    log,
    now: () => new Date('2013-07-01T12:00:00Z'),
    release: '0.0.0',
    ...(bodyLimitBytes === undefined ? {} : { bodyLimitBytes }),
  });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    champions,
    writer,
    lines,
    async stop() {
      await champions.stop();
      await server.close();
      await writer.flush(5_000);
      await champions.release();
      await stores.close();
    },
  };
}

/** Waits until something holds, for `withinMs` at most. */
export async function until(holds: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`This did not become true within ${withinMs} ms: ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
