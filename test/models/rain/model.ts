// Will it rain at a New York airport in this hour, as known three hours before? Data: models/flight-delay/data/weather.csv.gz.
import { csvTable, defineModel, featureView, lightgbm, logistic } from 'understudy';

const file = {
  path: 'weather.csv.gz',
  nullText: 'NA',
  partitionBy: 'make_date(CAST(year AS INTEGER), CAST(month AS INTEGER), CAST(day AS INTEGER))',
  key: ['id'],
};
const id = { type: 'string', sql: "origin || ' ' || time_hour" } as const;
const hour = { id, origin: { type: 'category' }, starts_at: { type: 'timestamp', sql: 'time_hour' } } as const;
const seen = { type: 'number', nullable: true } as const;

export default defineModel({
  name: 'rain',
  task: 'binary',
  timeZone: 'America/New_York',
  tables: {
    hours: csvTable({ ...file, availableAt: 'D 00:00', columns: hour }),
    observed: csvTable({
      ...{ ...file, availableAt: 'D+1 00:00', rowAvailableAt: 'starts_at + INTERVAL 1 HOUR' },
      columns: { ...hour, humid: seen, precip: seen, pressure: seen, visib: seen },
    }),
  },
  entity: { table: 'hours', key: 'id', eventTime: 'starts_at' },
  label: { table: 'observed', sql: 'precip > 0' },
  features: [
    featureView({
      name: 'before',
      reads: { hours: 0, observed: 1 },
      sql: `SELECT h.id, h.origin, o.humid, o.precip, o.pressure, o.visib FROM hours h
        ASOF LEFT JOIN observed o ON o.origin = h.origin AND o.available_at <= h.starts_at - INTERVAL 3 HOUR`,
      features: { origin: 'category', humid: 'number', precip: 'number', pressure: 'number', visib: 'number' },
    }),
  ],
  contenders: { linear: logistic({ l2: 1 }), gbm: lightgbm({ iterations: 40, leaves: 7 }) },
  snapshot: { start: '2013-01-10', holdoutDays: 10, truthSet: { everyNthDay: 5 } },
});
