// The serving process: configuration, stores, champions, HTTP; on SIGTERM it answers what has arrived, writes its predictions and ends.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { viewDigests } from '../activities/feeding/fed-plan';
import { loadConfig, type Config } from '../config';
import { FAILURES, failureCodeOf, UnderstudyError } from '../domain/failures';
import type { Stores } from '../ports/stores';
import { createArtifactStore } from '../stores/artifacts/open-store';
import { createChampionFeed } from '../stores/models/champion-feed';
import { createStores } from '../stores/stores';
import { createChampions } from './champions';
import { createJsonLog, messageOf, type Log } from './log';
import { createPredictionWriter } from './prediction-writer';
import { openVersion } from './served-model';
import { createServer } from './server';
import { createVersionViews } from './version-views';

const HOST = '127.0.0.1';
/** How long the end may take for open requests, then for unwritten predictions, in milliseconds. */
const CLOSE_WITHIN_MS = 5_000;
const FLUSH_WITHIN_MS = 5_000;

async function main(): Promise<void> {
  const config = loadConfig();
  const log = createJsonLog(config.logLevel);
  if (config.databaseUrl === undefined) {
    throw new UnderstudyError(
      'CONFIG_INVALID',
      'DATABASE_URL is not set; allowed: postgresql://user:password@host:port/database.',
    );
  }
  const stopping = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
  const stores = await openStores(config.databaseUrl, log, stopping);
  if (!stores) return;
  const artifacts = createArtifactStore(config);
  const writer = createPredictionWriter(stores.predictions, log);
  const champions = createChampions({
    definitions: stores.definitions,
    registry: stores.registry,
    feed: createChampionFeed(config.databaseUrl, {
      onLost: (error) => log('debug', 'champion feed lost', { error: messageOf(error) }),
    }),
    load: (model, version) => openVersion(stores.registry, artifacts, model, version),
    log,
    pollMs: config.pollMs,
  });
  // The first look comes before the first request, so that a restart answers no request with "no champion".
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
    release: releaseOf(config),
  });
  const url = await listen(server, config);
  log('info', 'listening', { url });
  if (config.readyFile !== undefined) writeReadyFile(config.readyFile, url);

  log('info', 'stopping', { signal: await stopping });
  await champions.stop();
  await within(CLOSE_WITHIN_MS, server.close(), log);
  await writer.flush(FLUSH_WITHIN_MS);
  await within(CLOSE_WITHIN_MS, champions.release(), log);
  await within(CLOSE_WITHIN_MS, stores.close(), log);
  log('info', 'stopped', { predictions: writer.state() });
}

/** Waits for PostgreSQL as long as it takes; undefined when the process is told to stop meanwhile. */
async function openStores(databaseUrl: string, log: Log, stopping: Promise<unknown>): Promise<Stores | undefined> {
  for (let waitMs = 250; ; waitMs = Math.min(5_000, waitMs * 2)) {
    try {
      return await createStores(databaseUrl, { poolSize: 4 });
    } catch (error) {
      if (failureCodeOf(error) !== 'DATABASE_UNAVAILABLE') throw error;
      log('warn', 'waiting for PostgreSQL', { error: messageOf(error), retryInMs: waitMs });
    }
    const timer = new Promise<'go on'>((resolve) => setTimeout(() => resolve('go on'), waitMs));
    if ((await Promise.race([timer, stopping])) !== 'go on') return undefined;
  }
}

/** Listens on the configured port; on any free one when the default is taken and nobody asked for it. */
async function listen(server: FastifyInstance, config: Config): Promise<string> {
  try {
    return await server.listen({ host: HOST, port: config.servingPort });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    if (!config.servingPortIsExplicit) return server.listen({ host: HOST, port: 0 });
    throw new UnderstudyError(
      'CONFIG_INVALID',
      `SERVING_PORT is ${config.servingPort}: another process listens there; allowed: a free port, or 0 for any.`,
      { variable: 'SERVING_PORT', found: config.servingPort },
    );
  }
}

/** Whole or not at all: whoever waits for the file may read it at any moment. */
function writeReadyFile(path: string, url: string): void {
  writeFileSync(`${path}.part`, JSON.stringify({ pid: process.pid, url }));
  renameSync(`${path}.part`, path);
}

function releaseOf(config: Config): string {
  return (JSON.parse(readFileSync(join(config.packageRoot, 'package.json'), 'utf8')) as { version: string }).version;
}

async function within(milliseconds: number, work: PromiseLike<unknown>, log: Log): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), milliseconds)));
  const outcome = await Promise.race([Promise.resolve(work).catch((error: unknown) => error), late]);
  clearTimeout(timer);
  if (outcome === 'late') log('warn', 'not everything ended in time', { milliseconds });
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    createJsonLog('error')('error', 'serving ends', { code: failureCodeOf(error), error: messageOf(error) });
    process.exit(FAILURES[failureCodeOf(error)].exit);
  },
);
