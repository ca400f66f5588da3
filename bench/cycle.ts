// Where the time of one cycle goes, read from its histories; orchestration is the wall time in which no activity of it was at work.
import { workflowsOf, type WorkflowRun } from '../scripts/proof/timeline';
import { row, type Benchmark, type Row } from './benchmark';
import { coveredMs } from './covered-time';
import { MODEL, openFlights } from './flights';

/** The steps of a cycle as a person names them, by the activities that do them. */
const STEP_OF: Readonly<Record<string, string>> = {
  ingestMissing: 'ingest',
  featurizeDays: 'featurize',
  fixSnapshot: 'snapshot',
  train: 'train',
  saveCandidate: 'save',
  evaluateVersion: 'evaluate',
  decideCycle: 'decide',
  planCycle: 'plan',
  prepareTraining: 'plan',
};
const STEPS = ['ingest', 'featurize', 'plan', 'snapshot', 'train', 'save', 'evaluate', 'decide'] as const;
/** Workflows of a cycle. The backfill before it does the ingest and the features that a daily life would have done by then. */
const CYCLE = ['trainingCycle', 'challenger'];
const GOAL_ORCHESTRATION_PERCENT = 10;

export const cycle: Benchmark = {
  name: 'cycle',
  summary: 'one flight-delay cycle on January to June, split by step',
  async measure({ packageRoot }) {
    const flights = await openFlights(packageRoot);
    try {
      await flights.liveOneCycle();
      const runs = await workflowsOf(flights.services.client, MODEL);
      const backfill = runs.filter(({ workflowType }) => workflowType === 'backfill');
      const own = runs.filter(({ workflowType }) => CYCLE.includes(workflowType));
      return [...rowsOf('backfill', backfill, null), ...rowsOf('cycle', own, GOAL_ORCHESTRATION_PERCENT)];
    } finally {
      await flights.close();
    }
  },
};

function rowsOf(what: string, runs: readonly WorkflowRun[], goal: number | null): Row[] {
  const intervals = runs.flatMap(({ activities }) => activities);
  const wallMs =
    Math.max(...runs.map(({ closedMs }) => closedMs ?? NaN)) - Math.min(...runs.map((run) => run.startedMs));
  const workMs = coveredMs(intervals);
  const steps = STEPS.flatMap((step) => {
    const of = intervals.filter(({ activity }) => STEP_OF[activity] === step);
    return of.length === 0 ? [] : [row(`${what}: ${step}`, coveredMs(of) / 1000, 's')];
  });
  return [
    row(`${what}: wall time`, wallMs / 1000, 's'),
    ...steps,
    row(`${what}: orchestration share`, (100 * (wallMs - workMs)) / wallMs, '%', goal),
  ];
}
