import { defineModel } from '../../../src/definition/define-model';
import { UnderstudyError } from '../../../src/domain/failures';
import { modelInput, type ModelInput } from './example';

/** The lines of the one error that a definition ends in. */
function mistakes(changes: Partial<Record<keyof ModelInput, unknown>>): string[] {
  try {
    defineModel(modelInput(changes));
  } catch (error) {
    expect(error).toBeInstanceOf(UnderstudyError);
    expect((error as UnderstudyError).code).toBe('DEFINITION_INVALID');
    return (error as Error).message.split('\n');
  }
  return [];
}

describe('defineModel', () => {
  it('fills in every default and leaves the plan as plain JSON', () => {
    const { plan, written } = defineModel(modelInput());
    expect(plan.approval).toMatchObject({ when: 'never', quorum: 1, expiresAfter: '3 days' });
    expect(plan.monitoring.drift.referenceDays).toBe(28);
    expect(plan.contenders['trees']).toMatchObject({ trainer: 'lightgbm', params: { num_iterations: 50 }, seed: 1 });
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    expect(written).toEqual(modelInput());
  });

  it('keeps the order of the features, which is the order of a model’s columns', () => {
    const { plan } = defineModel(modelInput());
    expect(plan.features.flatMap((view) => Object.keys(view.features))).toEqual(['hour', 'line', 'recent_delay']);
  });

  it('names file, field, what was found and what is allowed', () => {
    expect(mistakes({ task: 'ranking' })).toEqual([
      'models/late/model.ts: task: found "ranking", allowed is one of "binary", "multiclass", "regression"',
    ]);
  });

  it('reports every mistake of the shape at once', () => {
    const lines = mistakes({ timeZone: 3, snapshot: { start: '2013-02-31', holdoutDays: 0.5 }, contenders: undefined });
    expect(lines).toEqual([
      'models/late/model.ts: timeZone: found 3, allowed is a text',
      'models/late/model.ts: contenders: found nothing, allowed is an object with one field per name',
      'models/late/model.ts: snapshot.start: found "2013-02-31", allowed is a day that exists, written YYYY-MM-DD',
      'models/late/model.ts: snapshot.holdoutDays: found 0.5, allowed is a whole number',
    ]);
  });

  it('refuses a misspelt optional field instead of ignoring it', () => {
    const [line] = mistakes({ monitoring: { drift: { psiAlrt: 0.1 } } });
    expect(line).toMatch(
      /monitoring\.drift\.psiAlrt: found a field of this name, allowed is the fields currentDays, .*psiAlert/,
    );
  });

  it('survives input that is no object', () => {
    expect(() => defineModel(null as unknown as ModelInput)).toThrow(
      'models/<name>/model.ts: (the definition itself): found null, allowed is an object',
    );
  });

  it.each<[string, Partial<Record<keyof ModelInput, unknown>>, RegExp]>([
    ['an unknown time zone', { timeZone: 'Mars/Base' }, /timeZone: found "Mars\/Base"/],
    [
      'an impossible cron',
      { schedules: crons({ score: '61 1 * * *' }) },
      /schedules\.score: .* minute from 0 to 59 in field 1/,
    ],
    [
      'an undeclared entity table',
      { entity: { table: 'x', key: 'id', eventTime: 'starts' } },
      /entity\.table: found "x".*trips, outcomes/,
    ],
    [
      'an entity key that is no column',
      { entity: { table: 'trips', key: 'no', eventTime: 'starts' } },
      /entity\.key: found column "no"/,
    ],
    [
      'an event time that is no timestamp',
      { entity: { table: 'trips', key: 'id', eventTime: 'line' } },
      /eventTime: .*of type string.*starts/,
    ],
    ['an undeclared label table', { label: { table: 'x', sql: 'true' } }, /label\.table: found "x"/],
    [
      'a view of an undeclared table',
      { features: [view({ reads: { x: 1 } })] },
      /features\[0\]\.reads\.x: found table "x"/,
    ],
    ['a view that reads nothing', { features: [view({ reads: {} })] }, /features\[0\]\.reads: found no table/],
    [
      'a feature of two views',
      { features: [view({}), view({ name: 'b' })] },
      /features\[1\]\.features\.hour: found a feature that view "a" has/,
    ],
    [
      'two views of one name',
      { features: [view({}), view({ features: { m: 'number' } })] },
      /features\[1\]\.name: found "a" a second time/,
    ],
    ['no contender', { contenders: {} }, /contenders: found none/],
    [
      'a slice that is a number',
      { evaluation: { slices: ['hour'] } },
      /evaluation\.slices\[0\]: found "hour", a number.*: line/,
    ],
    [
      'evidence of fewer days than 14',
      { evaluation: { superiority: { minDays: 13 } } },
      /evaluation\.superiority\.minDays: found 13, allowed is at least 14/,
    ],
    [
      'groups of a number',
      { evaluation: { fairness: [{ column: 'hour', metric: 'accuracy', maxGap: 0.1 }] } },
      /evaluation\.fairness\[0\]\.column: found "hour", a number.*: line/,
    ],
    [
      'a gap twice',
      {
        evaluation: {
          fairness: [
            { column: 'line', metric: 'accuracy', maxGap: 0.1 },
            { column: 'line', metric: 'accuracy', maxGap: 0.2 },
          ],
        },
      },
      /evaluation\.fairness\[1\]: found accuracy between groups of line a second time/,
    ],
    [
      'a seasonal feature that is none',
      { monitoring: { drift: { seasonal: ['x'] } } },
      /monitoring\.drift\.seasonal\[0\]: found "x"/,
    ],
    [
      'a gate wider than the fallback',
      { evaluation: { nonInferiority: { holdout: 0.01, truth: 0.03 } } },
      /monitoring\.fallback\.truthMargin: found 0\.02, allowed is at least .*0\.03/,
    ],
    ['a reminder after the end', { approval: { remindBefore: '4 days' } }, /approval\.remindBefore: found "4 days"/],
    [
      'a quorum that nobody can reach',
      { approval: { when: 'always', approvers: ['ada'], quorum: 2 } },
      /approval\.quorum: found 2, allowed is at most .*1/,
    ],
    ['an approval by nobody', { approval: { when: 'always' } }, /approval\.approvers: found nobody/],
    ['more bad days than days', { monitoring: { performance: { k: 8, n: 7 } } }, /monitoring\.performance\.k: found 8/],
    [
      'data that end before they start',
      { snapshot: { start: '2013-02-01', end: '2013-01-31' } },
      /snapshot\.end: found "2013-01-31"/,
    ],
    [
      'a window inside the holdout',
      { snapshot: { start: '2013-02-01', window: '10 days' } },
      /snapshot\.window: found "10 days"/,
    ],
  ])('refuses %s', (_name, changes, expected) => {
    const lines = mistakes(changes);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(expected);
  });

  it.each<[string, object, RegExp]>([
    ['a key column that does not exist', { key: ['no'] }, /tables\.trips\.key: found column "no".*id, starts/],
    [
      'rules about a column that does not exist',
      { partitionRules: { maxNullShare: { no: 0.1 } } },
      /partitionRules\.maxNullShare: found column "no"/,
    ],
    ['an impossible time of day', { availableAt: 'D+1 24:30' }, /tables\.trips\.availableAt: found "D\+1 24:30"/],
    [
      'bounds on a text',
      { columns: { ...columns(), line: { type: 'string', max: 3 } } },
      /columns\.line: found min or max on a string column/,
    ],
    [
      'a bad pattern',
      { columns: { ...columns(), line: { type: 'string', pattern: '(' } } },
      /columns\.line\.pattern: found "\("/,
    ],
  ])('refuses %s in a table', (_name, changes, expected) => {
    const tables = modelInput().tables as Record<string, object>;
    const lines = mistakes({ tables: { ...tables, trips: { ...tables['trips'], ...changes } } });
    expect(lines.join('\n')).toMatch(expected);
  });
});

function view(changes: object): object {
  return { name: 'a', reads: { trips: 0 }, sql: 'select …', features: { hour: 'number' }, ...changes };
}

function columns(): object {
  return (modelInput().tables as Record<string, { columns: object }>)['trips']!.columns;
}

function crons(changes: object): object {
  return {
    ingest: '0 1 * * *',
    score: '30 1 * * *',
    retrain: '0 4 * * 1',
    monitor: '0 3 * * *',
    retention: '0 5 * * 0',
    ...changes,
  };
}
