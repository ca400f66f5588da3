// The public Temporal interface: names that people, scripts and Schedules use. Changing one breaks them, so it is a decision and not an accident.
import * as ids from '../../../src/domain/ids';
import { BACKFILL_QUERY_NAMES, BACKFILL_SIGNAL_NAMES } from '../../../src/domain/data/backfill';
import { DOING_QUERY_NAMES } from '../../../src/domain/evaluation/experiments';
import { QUERY_NAMES, SIGNAL_NAMES, UPDATE_NAMES } from '../../../src/domain/lifecycle/lifecycle';
import { TUNING_QUERY_NAMES, TUNING_SIGNAL_NAMES } from '../../../src/domain/training/tuning';
import * as workflows from '../../../src/workflows';
import * as messages from '../../../src/workflows/messages';

const namesOf = (type: 'update' | 'signal' | 'query'): string[] =>
  Object.values(messages)
    .flatMap((definition) => (definition.type === type ? [definition.name] : []))
    .sort();

describe('the public Temporal interface', () => {
  it('has these workflow types', () => {
    expect(Object.keys(workflows).sort()).toEqual([
      'backfill',
      'challenger',
      'experiment',
      'ingestPartition',
      'modelLifecycle',
      'monitorModel',
      'reproduceVersion',
      'retention',
      'rollout',
      'scorePartition',
      'tick',
      'trainingCycle',
      'tuneModel',
    ]);
  });

  it('has these updates, signals and queries, the same in the domain and in the workflows', () => {
    const updates = 'backfill configure decide ingest pause promote quarantine resume retrain rollback tick';
    const signals =
      'approve childFinished continueAsNew dataArrived labelsArrived pauseBackfill reject resumeBackfill stopTuning';
    expect(namesOf('update')).toEqual(updates.split(' '));
    expect(namesOf('signal')).toEqual(signals.split(' '));
    expect(namesOf('query')).toEqual(['decisions', 'progress', 'progress', 'progress', 'results', 'status']);
    expect([...UPDATE_NAMES].sort()).toEqual(namesOf('update'));
    expect([...SIGNAL_NAMES, ...BACKFILL_SIGNAL_NAMES, ...TUNING_SIGNAL_NAMES].sort()).toEqual(namesOf('signal'));
    const queries = [...QUERY_NAMES, ...BACKFILL_QUERY_NAMES, ...TUNING_QUERY_NAMES, ...DOING_QUERY_NAMES];
    expect(queries.sort()).toEqual(namesOf('query'));
  });

  it('has these task queues', () => {
    expect(ids.TASK_QUEUES).toEqual({
      control: 'understudy',
      data: 'understudy-data',
      trainPython: 'understudy-train-python',
      trainElsewhere: 'understudy-train-elsewhere',
    });
  });

  it('writes workflow and Schedule ids like this', () => {
    const cycle = ids.cycleId('m', '2013-03-04', 2);
    expect([
      ids.lifecycleId('m'),
      ids.cycleId('m', '2013-03-04', 1),
      cycle,
      ids.challengerId(cycle, 'gbm'),
      ids.tuneId(cycle, 'gbm'),
      ids.experimentId('m', '0123456789abcdef01', 1),
      ids.experimentId('m', '0123456789abcdef01', 2),
      ids.challengerId(ids.experimentId('m', '0123456789abcdef01', 1), 'gbm'),
      ids.ingestId('m', 'outcomes', '2013-03-04', 'abc'),
      ids.scoreId('m', '2013-03-04', 1),
      ids.monitorId('m', '2013-03-04', 1),
      ids.monitorId('m', '2013-03-04', 2),
      ids.rolloutId('m', 7),
      ids.backfillId('m', '2013-01-01', '2013-06-30', 'r'),
      ids.retentionId('m', '2013-03-04', 'tick'),
      ids.reproduceId('m', 7, 'r'),
      ids.tickId('m', 'retrain'),
      ...ids.SCHEDULE_KINDS.map((kind) => ids.scheduleId('m', kind)),
    ]).toEqual([
      'lifecycle/m',
      'cycle/m/2013-03-04',
      'cycle/m/2013-03-04/r2',
      'challenger/m/2013-03-04/r2/gbm',
      'tuneModel/m/2013-03-04/r2/gbm',
      'experiment/m/0123456789abcdef',
      'experiment/m/0123456789abcdef/r2',
      'challenger/experiment/m/0123456789abcdef/gbm',
      'ingestPartition/m/outcomes/2013-03-04/abc',
      'scorePartition/m/2013-03-04',
      'monitorModel/m/2013-03-04',
      'monitorModel/m/2013-03-04/r2',
      'rollout/m/7',
      'backfill/m/2013-01-01/2013-06-30/r',
      'retention/m/2013-03-04/tick',
      'reproduceVersion/m/7/r',
      'tick/m/retrain',
      'm/ingest',
      'm/score',
      'm/retrain',
      'm/monitor',
      'm/retention',
    ]);
  });
});
