// Makes the two places of a proof on two databases: one to live in, one to compute from scratch in.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, type Engine } from '../../../src/data/engine';
import type { ModelPlan } from '../../../src/domain/plan';
import { createFileArtifactStore } from '../../../src/stores/artifacts-file';
import { placeFile } from './delivery-files';
import type { Ground } from './life';
import { DAYS, dataPlanePlan, nameOf, PARTITIONS } from './model';
import { artifactFolderOf, deploy, emptyPlace, makeWorker, modelFolderOf, openPorts, type Place, type Ports } from './place';
import { readState, type DataState } from './state';
import { contextOf, perform, workFor } from './work';

/** A ground that has to be closed. */
export interface OpenGround extends Ground {
  close(): Promise<void>;
}

/**
 * Opens a ground on two databases of its own (they are emptied again and again).
 * @param databases with today's schema, or empty.
 */
export async function openGround(packageRoot: string, databases: readonly [live: string, scratch: string]): Promise<OpenGround> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-data-plane-'));
  const [place, scratch] = databases.map((databaseUrl, at): Place => {
    const own = join(folder, at === 0 ? 'live' : 'scratch');
    mkdirSync(own);
    return { databaseUrl, folder: own };
  }) as [Place, Place];
  const engine = await createEngine({ threads: 1, memoryLimitMb: 512, tempDir: join(folder, 'spill') });
  const plan = dataPlanePlan(packageRoot);
  const [own, others, scratchPorts] = [await openPorts(place), await openPorts(place), await openPorts(scratch)];
  const known = new Map<string, DataState>();
  /** The store notes whether it has made its folders, which go when a place is emptied. */
  const fresh = (ports: Ports, at: Place): Ports => ({
    stores: ports.stores,
    artifacts: createFileArtifactStore(artifactFolderOf(at)),
  });
  return {
    plan,
    engine,
    place,
    openPorts: async () => [fresh(own, place), fresh(others, place)],
    async fromScratch(current) {
      const name = PARTITIONS.map((partition) => `${nameOf(partition)} ${current(partition)}`).join(', ');
      const state = known.get(name) ?? (await computeFromScratch(scratch, fresh(scratchPorts, scratch), engine, plan, current));
      known.set(name, state);
      return state;
    },
    async close() {
      for (const { stores } of [own, others, scratchPorts]) await stores.close();
      engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function computeFromScratch(
  place: Place,
  ports: Ports,
  engine: Engine,
  plan: ModelPlan,
  current: Parameters<Ground['fromScratch']>[0],
): Promise<DataState> {
  await emptyPlace(place);
  const worker = makeWorker(place, ports, engine);
  const context = contextOf(plan.name, await deploy(ports, plan));
  for (const partition of PARTITIONS) {
    const version = current(partition);
    if (version !== null) placeFile(modelFolderOf(place, plan.name), { ...partition, version });
  }
  // Takes day after day.
  await perform(worker, context, workFor({ do: 'ingest-missing' }));
  await perform(worker, context, workFor({ do: 'featurize', days: DAYS }));
  return readState(place.databaseUrl);
}
