// Makes the two places of a proof on two databases: one to live in, one to compute from scratch in.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, type Engine } from '../../../../src/data/engine';
import type { ModelPlan } from '../../../../src/domain/plan/plan';
import { createFileArtifactStore } from '../../../../src/stores/artifacts/artifacts-file';
import { placeFile, type Accepted } from './delivery-files';
import { DAYS, dataPlanePlan, FIRST_EDITION, nameOf, PARTITIONS, type Edition, type Partition } from './model';
import {
  artifactFolderOf,
  deploy,
  emptyPlace,
  makeWorker,
  modelFolderOf,
  openPorts,
  type Place,
  type Ports,
} from './place';
import { readState, type DataState } from './state';
import { contextOf, perform, workFor } from './work';

/** What counts of each partition; null: it has not come. */
export type Current = (partition: Partition) => Accepted | null;

/** Two places with their ports, used again and again. */
export interface OpenGround {
  planOf(edition: Edition): ModelPlan;
  readonly engine: Engine;
  /** Where sequences are lived and scenes are played, and two sets of ports on it, as of two processes. */
  readonly place: Place;
  openPorts(): Promise<readonly [Ports, Ports]>;
  /** The state that these versions give from scratch, each under the contract that it was accepted by, with the views of an edition. */
  fromScratch(current: Current, edition: Edition): Promise<DataState>;
  close(): Promise<void>;
}

/**
 * Opens a ground on two databases of its own (they are emptied again and again).
 * @param databases with today's schema, or empty.
 */
export async function openGround(
  packageRoot: string,
  databases: readonly [live: string, scratch: string],
): Promise<OpenGround> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-data-plane-'));
  const [place, scratch] = databases.map((databaseUrl, at): Place => {
    const own = join(folder, at === 0 ? 'live' : 'scratch');
    mkdirSync(own);
    return { databaseUrl, folder: own };
  }) as [Place, Place];
  const engine = await createEngine({ threads: 1, memoryLimitMb: 512, tempDir: join(folder, 'spill') });
  const planOf: OpenGround['planOf'] = (edition) => dataPlanePlan(packageRoot, edition);
  const [own, others, scratchPorts] = [await openPorts(place), await openPorts(place), await openPorts(scratch)];
  const known = new Map<string, DataState>();
  /** The store notes whether it has made its folders, which go when a place is emptied. */
  const fresh = (ports: Ports, at: Place): Ports => ({
    stores: ports.stores,
    artifacts: createFileArtifactStore(artifactFolderOf(at)),
  });
  return {
    planOf,
    engine,
    place,
    openPorts: async () => [fresh(own, place), fresh(others, place)],
    async fromScratch(current, edition) {
      const accepted = PARTITIONS.map((partition) => [nameOf(partition), current(partition)]);
      const name = JSON.stringify([accepted, edition.views]);
      const state =
        known.get(name) ??
        (await computeFromScratch(scratch, fresh(scratchPorts, scratch), engine, planOf, current, edition));
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
  planOf: OpenGround['planOf'],
  current: Current,
  edition: Edition,
): Promise<DataState> {
  await emptyPlace(place);
  const worker = makeWorker(place, ports, engine);
  const { name } = planOf(FIRST_EDITION);
  for (const contract of ['lenient', 'strict'] as const) {
    const context = contextOf(name, await deploy(ports, planOf({ ...edition, contract })));
    const chosen = PARTITIONS.filter((partition) => current(partition)?.lenient === (contract === 'lenient'));
    for (const partition of chosen)
      placeFile(modelFolderOf(place, name), { ...partition, version: current(partition)!.version });
    // Takes day after day.
    const partitions = chosen.map(({ table, day }) => ({ table, partition: day }));
    await worker.run('ingestMissing', { ...context, partitions });
  }
  const context = contextOf(name, await deploy(ports, planOf(edition)));
  await perform(worker, context, workFor({ do: 'featurize', days: DAYS }));
  await perform(worker, context, workFor({ do: 'fix-snapshot' }));
  return readState(place.databaseUrl);
}
