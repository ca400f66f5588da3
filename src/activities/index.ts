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
import { createCompactActivities } from './compact-features';
import { createArrivalActivities, createArrivalRecords } from './arrivals';
import { createDecideActivities } from './decide';
import type { ControlDependencies, DataDependencies } from './dependencies';
import { createElsewhereActivities, type ElsewhereDependencies } from './elsewhere/train-elsewhere';
import { createEvaluateActivities } from './evaluate';
import { createExplainActivities } from './explaining/explain-version';
import { createFeatureActivities } from './featurize';
import { createIngestActivities } from './ingest';
import { createMonitorActivities } from './monitor';
import { createQuarantineActivities } from './quarantine';
import { createRefreshOnlineActivities } from './refresh-online';
import { createRegistryActivities } from './registry';
import { createReproductionActivities } from './reproduction';
import { createScoreActivities } from './score';
import { createServingWatch } from './serving-watch';
import { createSnapshotActivities } from './snapshot';
import { createSweepActivities } from './sweep';
import { createTrainActivities, createTrainingActivities } from './training';
import { createTruthActivities } from './truth-check';
import { createTuningActivities } from './tuning';

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
