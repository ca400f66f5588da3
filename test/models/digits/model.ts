// Which digit did somebody write? Data: digits.csv.gz, 30 real scans of 8 x 8 pixels a day; README.md says where they are from.
import { csvTable, defineModel, featureView, lightgbm, logistic } from 'understudy';

const PIXELS = Array.from({ length: 64 }, (_, pixel) => `p${pixel}`);
function ofPixels<T>(value: T): Record<string, T> {
  return Object.fromEntries(PIXELS.map((name) => [name, value]));
}
const file = { path: 'digits.csv.gz', partitionBy: 'CAST(day AS DATE)', key: ['id'] };
const id = { type: 'string' } as const;

export default defineModel({
  name: 'digits',
  task: 'multiclass',
  timeZone: 'UTC',
  tables: {
    scans: csvTable({
      ...{ ...file, availableAt: 'D 00:00' },
      columns: { id, written_at: { type: 'timestamp' }, ...ofPixels({ type: 'integer', min: 0, max: 16 } as const) },
    }),
    answers: csvTable({ ...file, availableAt: 'D+1 00:00', columns: { id, digit: { type: 'category' } } }),
  },
  entity: { table: 'scans', key: 'id', eventTime: 'written_at' },
  label: { table: 'answers', sql: 'digit', classes: Array.from({ length: 10 }, (_, digit) => String(digit)) },
  features: [
    featureView({
      name: 'pixels',
      reads: { scans: 0 },
      sql: `SELECT id, ${PIXELS.join(', ')} FROM scans`,
      features: ofPixels('number' as const),
    }),
  ],
  contenders: { linear: logistic({ l2: 1 }), gbm: lightgbm({ iterations: 20, leaves: 7, minLeafRows: 5 }) },
  snapshot: {
    ...{ start: '2013-01-01', holdoutDays: 8, truthSet: { everyNthDay: 5 } },
    ...{ minTrainRows: 300, minHoldoutRows: 200, minTruthRows: 200 },
  },
  monitoring: { performance: { minRows: 20 } },
});
