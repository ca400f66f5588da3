// A small valid definition that tests vary.
import { csvTable, featureView } from '../../../src/definition/builders';
import { lightgbm, logistic } from '../../../src/definition/contenders/builders';
import { defineModel } from '../../../src/definition/define-model';

export type ModelInput = Parameters<typeof defineModel>[0];

/** A valid definition with `changes` laid over its top-level fields. */
export function modelInput(changes: Partial<Record<keyof ModelInput, unknown>> = {}): ModelInput {
  const example: ModelInput = {
    name: 'late',
    task: 'binary',
    timeZone: 'America/New_York',
    tables: {
      trips: csvTable({
        path: 'data/{yyyy}-{MM}.csv',
        partitionBy: 'CAST(day AS DATE)',
        availableAt: 'D 00:00',
        key: ['id'],
        columns: {
          id: { type: 'string' },
          starts: { type: 'timestamp' },
          line: { type: 'string' },
          delay: { type: 'number' },
        },
      }),
      outcomes: csvTable({
        path: 'data/{yyyy}-{MM}.csv',
        partitionBy: 'CAST(day AS DATE)',
        availableAt: 'D+1 00:00',
        key: ['id'],
        columns: { id: { type: 'string' }, delay: { type: 'number', nullable: true } },
      }),
    },
    entity: { table: 'trips', key: 'id', eventTime: 'starts' },
    label: { table: 'outcomes', sql: 'delay >= 15' },
    features: [
      featureView({
        name: 'plan',
        reads: { trips: 0 },
        sql: 'select …',
        features: { hour: 'number', line: 'category' },
      }),
      featureView({ name: 'past', reads: { outcomes: 7 }, sql: 'select …', features: { recent_delay: 'number' } }),
    ],
    contenders: { trees: lightgbm({ iterations: 50 }), baseline: logistic() },
    snapshot: { start: '2013-01-01' },
  };
  return { ...example, ...changes } as ModelInput;
}

/** The plan of the example with other contenders. */
export const planOf = (contenders: ModelInput['contenders']) => defineModel(modelInput({ contenders })).plan;

/** What is said about one contender, without the file's name. */
export function mistakes(contender: unknown): string[] {
  try {
    defineModel(modelInput({ contenders: { one: contender } }));
  } catch (error) {
    return (error as Error).message.split('\n').map((line) => line.replace('models/late/model.ts: contenders.one', ''));
  }
  return [];
}
