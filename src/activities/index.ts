// The activity sets of the three kinds of workers, each from its dependencies.
import type {
  ControlActivities,
  DataActivities,
  JobActivities,
  ReproductionActivities,
  TrainActivities,
  TuningActivities,
} from '../ports/activities';
import { withFailureCodes } from './boundary';
import { createCompactActivities } from './features/compact-features';
import { createArrivalActivities, createArrivalRecords } from './ingest/arrivals';
import { createDecideActivities } from './judging/decide';
import type { ControlDependencies, DataDependencies } from './dependencies';
import { createElsewhereActivities, type ElsewhereDependencies } from './elsewhere/train-elsewhere';
import { createEvaluateActivities } from './evaluation/evaluate';
import { createExplainActivities } from './explaining/explain-version';
import { createFeatureActivities } from './features/featurize';
import { createIngestActivities } from './ingest/ingest';
import { createMonitorActivities } from './monitoring/monitor';
import { createQuarantineActivities } from './ingest/quarantine';
import { createRefreshOnlineActivities } from './features/refresh-online';
import { createRegistryActivities } from './registry';
import { createReproductionActivities } from './training/reproduction';
import { createScoreActivities } from './score';
import { createServingWatch } from './monitoring/serving-watch';
import { createSnapshotActivities } from './snapshots/snapshot';
import { createSweepActivities } from './sweep';
import { createTrainActivities, createTrainingActivities } from './training/training';
import { createTruthActivities } from './monitoring/truth-check';
import { createTuningActivities } from './training/tuning';

export type { ControlDependencies, DataDependencies } from './dependencies';

export function createControlActivities(dependencies: ControlDependencies): ControlActivities {
  return withFailureCodes({
    ...createRegistryActivities(dependencies),
    ...createServingWatch(dependencies),
    ...createQuarantineActivities(dependencies),
    ...createArrivalRecords(dependencies),
  });
}

/** The data worker's activities, and the trainer that it has built in. */
export function createDataActivities(
  dependencies: DataDependencies,
): DataActivities & TuningActivities & ReproductionActivities & TrainActivities {
  return withFailureCodes({
    ...createIngestActivities(dependencies),
    ...createArrivalActivities(dependencies),
    ...createFeatureActivities(dependencies),
    ...createRefreshOnlineActivities(dependencies),
    ...createSnapshotActivities(dependencies),
    ...createTrainingActivities(dependencies),
    ...createTuningActivities(dependencies),
    ...createReproductionActivities(dependencies),
    ...createEvaluateActivities(dependencies),
    ...createExplainActivities(dependencies),
    ...createDecideActivities(dependencies),
    ...createTruthActivities(dependencies),
    ...createScoreActivities(dependencies),
    ...createMonitorActivities(dependencies),
    ...createCompactActivities(dependencies),
    ...createSweepActivities(dependencies),
    ...createTrainActivities(dependencies),
  });
}

/** The activities of trainings by jobs elsewhere; they wait, so they have a queue and slots of their own. */
export function createJobActivities(dependencies: ElsewhereDependencies): TrainActivities & JobActivities {
  return withFailureCodes(createElsewhereActivities(dependencies));
}
