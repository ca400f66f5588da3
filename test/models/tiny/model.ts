// The definition that whole-lifecycle tests run: 44 small days and two logistic contenders, so that a cycle takes about a second.
import { csvTable, defineModel, featureView, logistic } from 'understudy';

export default defineModel({
  name: 'tiny',
  task: 'binary',
  timeZone: 'America/New_York',
  tables: {
    orders: csvTable({
      path: 'orders.csv',
      partitionBy: 'CAST(day AS DATE)',
      availableAt: 'D 00:00',
      columns: {
        id: { type: 'string' },
        leaves_at: { type: 'timestamp' },
        x1: { type: 'number', min: -10, max: 10 },
        x2: { type: 'number', min: -10, max: 10 },
        kind: { type: 'string', values: ['a', 'b', 'c'] },
      },
      key: ['id'],
    }),
    results: csvTable({
      path: 'results.csv',
      partitionBy: 'CAST(day AS DATE)',
      availableAt: 'D+1 00:00',
      columns: {
        id: { type: 'string' },
        delay: { type: 'integer', nullable: true, min: 0, max: 1000 },
        coin: { type: 'integer' },
      },
      key: ['id'],
    }),
  },
  entity: { table: 'orders', key: 'id', eventTime: 'leaves_at' },
  label: { table: 'results', sql: 'delay >= 15' },
  features: [
    featureView({
      name: 'order',
      reads: { orders: 0 },
      sql: 'SELECT id, x1, x2, kind FROM orders',
      features: { x1: 'number', x2: 'number', kind: 'category' },
    }),
    featureView({
      name: 'past',
      reads: { orders: 0, results: 2 },
      sql: 'SELECT o.id, (SELECT avg(delay) FROM results) AS past_delay FROM orders o',
      features: { past_delay: 'number' },
    }),
  ],
  contenders: { main: logistic({ l2: 1 }), flat: logistic({ l2: 20_000 }) },
  snapshot: {
    window: '14 days',
    start: '2013-02-20',
    end: '2013-04-04',
    holdoutDays: 5,
    truthSet: { everyNthDay: 4 },
    minTrainRows: 100,
    minHoldoutRows: 100,
    minTruthRows: 100,
  },
  evaluation: {
    superiority: { minRows: 100 },
    nonInferiority: { holdout: 0.05, truth: 0.05 },
  },
  approval: { when: 'always', approvers: ['ann', 'bob'], expiresAfter: '3 days', remindBefore: '1 day' },
  monitoring: {
    drift: { currentDays: 3, referenceDays: 7, minRows: 60 },
    performance: { k: 2, n: 3, minRows: 20 },
    fallback: { truthMargin: 0.05, minDays: 2, minRows: 60 },
  },
});
