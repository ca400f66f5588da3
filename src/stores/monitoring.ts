// Monitor reports: one per model and day. Invariant: the last complete report of a day counts; saving a day again replaces it.
import { z } from 'zod';
import type { MonitorReport } from '../domain/monitoring/monitoring';
import type { MonitorStore } from '../ports/stores';
import { jsonOf, toJson, within, type Database } from './database';

const Row = z.object({ report: jsonOf<MonitorReport>() });

/** The reports on PostgreSQL. */
export function createMonitorStore(database: Database): MonitorStore {
  return {
    async save(tx, report) {
      await within(tx).run(
        `insert into monitor_reports (model, day, verdict, report) values ($1, $2, $3, $4)
         on conflict (model, day) do update
         set verdict = excluded.verdict, report = excluded.report, created_at = excluded.created_at`,
        [report.model, report.day, report.verdict, toJson(report)],
      );
    },

    async list(model, from, to) {
      const rows = await database.query(
        Row,
        'select report from monitor_reports where model = $1 and day between $2 and $3 order by day',
        [model, from, to],
      );
      return rows.map(({ report }) => report);
    },
  };
}
