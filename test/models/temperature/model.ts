// How warm (°F) is it at a New York airport in this hour, as known six hours before? Data: models/flight-delay/data/weather.csv.gz.
import { csvTable, defineModel, featureView, lightgbm, linear } from 'understudy';

const file = {
  path: 'weather.csv.gz',
  nullText: 'NA',
  partitionBy: 'make_date(CAST(year AS INTEGER), CAST(month AS INTEGER), CAST(day AS INTEGER))',
  key: ['id'],
};
const id = { type: 'string', sql: "origin || ' ' || time_hour" } as const;
const hour = { id, origin: { type: 'category' }, hour: { type: 'integer' } } as const;
const starts_at = { type: 'timestamp', sql: 'time_hour' } as const;
const seen = { type: 'number', nullable: true } as const;

export default defineModel({
  name: 'temperature',
  task: 'regression',
  timeZone: 'America/New_York',
  tables: {
    hours: csvTable({ ...file, availableAt: 'D 00:00', columns: { ...hour, starts_at } }),
    observed: csvTable({
      ...{ ...file, availableAt: 'D+1 00:00', rowAvailableAt: 'starts_at + INTERVAL 1 HOUR' },
      columns: { ...hour, starts_at, temp: seen, dewp: seen, pressure: seen },
    }),
  },
  entity: { table: 'hours', key: 'id', eventTime: 'starts_at' },
  label: { table: 'observed', sql: 'temp' },
  features: [
    featureView({
      name: 'before',
      reads: { hours: 0, observed: 1 },
      sql: `SELECT h.id, h.origin, h.hour, o.temp, o.dewp, o.pressure FROM hours h
        ASOF LEFT JOIN observed o ON o.origin = h.origin AND o.available_at <= h.starts_at - INTERVAL 6 HOUR`,
      features: { origin: 'category', hour: 'number', temp: 'number', dewp: 'number', pressure: 'number' },
    }),
  ],
  contenders: { linear: linear(), gbm: lightgbm({ iterations: 40, leaves: 7 }) },
  snapshot: { start: '2013-01-15', holdoutDays: 10, truthSet: { everyNthDay: 5 } },
});
