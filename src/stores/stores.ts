// All stores on one PostgreSQL pool: the composition that processes use.
import type { Stores } from '../ports/stores';
import { createArrivalStore } from './data/arrivals';
import { createAuditLog } from './audit';
import { createDatabase, type DatabaseOptions } from './database';
import { createDefinitionStore } from './models/definitions';
import { createExplanationStore } from './models/explanations';
import { createFeatureViewStore } from './data/feature-views';
import { createFeatureStore } from './data/features';
import { createEffectLedger } from './ledger';
import { migrate } from './migrate';
import { createMonitorStore } from './monitoring';
import { createOnlineStore } from './data/online-features';
import { createOutbox, type OutboxOptions } from './outbox';
import { createCheckStore } from './data/partition-checks';
import { createPartitionSketchStore } from './data/partition-sketches';
import { createPartitionStore } from './data/partitions';
import { createPredictionLog } from './predictions';
import { createPushStore } from './data/pushed-rows';
import { createQuarantineStore } from './data/quarantine';
import { createReachability } from './reachability';
import { createModelRegistry } from './models/registry';
import { createStudyStore } from './models/studies';
import { createTrainingJobStore } from './models/training-jobs';
import { createWatermarkStore } from './data/watermarks';

/** Settings of the stores; all have defaults. */
export interface StoresOptions extends DatabaseOptions {
  readonly outbox?: OutboxOptions;
}

/**
 * Opens the stores, after bringing the schema up to date (safe by any number of processes at once).
 * @throws UnderstudyError `DATABASE_UNAVAILABLE`, `SCHEMA_TOO_NEW`, `CONFIG_INVALID`
 */
export async function createStores(databaseUrl: string, options: StoresOptions = {}): Promise<Stores> {
  await migrate(databaseUrl);
  const database = createDatabase(databaseUrl, options);
  const audit = createAuditLog(database);
  const outbox = createOutbox(database, options.outbox);
  return {
    ledger: createEffectLedger(database),
    definitions: createDefinitionStore(database),
    partitions: createPartitionStore(database),
    features: createFeatureStore(database),
    featureViews: createFeatureViewStore(database),
    registry: createModelRegistry(database, audit, outbox),
    audit,
    outbox,
    predictions: createPredictionLog(database),
    monitoring: createMonitorStore(database),
    online: createOnlineStore(database),
    pushes: createPushStore(database),
    quarantine: createQuarantineStore(database),
    checks: createCheckStore(database),
    partitionSketches: createPartitionSketchStore(database),
    arrivals: createArrivalStore(database),
    explanations: createExplanationStore(database),
    watermarks: createWatermarkStore(database),
    studies: createStudyStore(database),
    trainingJobs: createTrainingJobStore(database),
    transaction: (work) => database.transaction(work),
    ...createReachability(database),
    close: () => database.close(),
  };
}
