// `monitor`: what the daily monitoring has found, day by day, from the stored reports.
import type { Day } from '../../domain/days';
import type { DailyPerformance, MonitorReport } from '../../domain/monitoring/monitoring';
import { deployed } from '../asked-version';
import { day, required, usage } from '../arguments';
import type { Command } from '../command';
import { table } from '../output';

const FIRST: Day = '0001-01-01';
const LAST: Day = '9999-12-31';
/** Days before `--to`, or the newest ones, that are shown unless `--from` says otherwise. */
const DAYS_SHOWN = 30;

export const monitor: Command = {
  name: 'monitor',
  summary:
    "List the reports of the daily monitoring: verdict, the champion's loss beside the constant and previous, drifted features.",
  arguments: ['model'],
  options: {
    from: { type: 'string', value: 'DAY', help: `first day, YYYY-MM-DD (default: the last ${DAYS_SHOWN} reports)` },
    to: { type: 'string', value: 'DAY', help: 'last day, YYYY-MM-DD (default: the newest)' },
  },
  examples: ['monitor flight-delay', 'monitor flight-delay --from 2013-07-01 --to 2013-07-14 --json'],
  async run(context, input) {
    const { stores, model } = await deployed(context, required(input, 'model'));
    const from = day(input, 'from');
    const to = day(input, 'to') ?? LAST;
    if (from !== undefined && from > to) throw usage(`monitor: --from ${from} is after --to ${to}`);
    const all = await stores.monitoring.list(model, from ?? FIRST, to);
    const reports = from === undefined ? all.slice(-DAYS_SHOWN) : all;
    context.output.result({ model, reports }, () => monitorText(model, reports));
  },
};

/** Reports in a table, the oldest first, and below it why something was asked for. */
export function monitorText(model: string, reports: readonly MonitorReport[]): string {
  if (reports.length === 0) return `No day of ${model} in this range was monitored yet.`;
  const rows = reports.map((report) => [
    report.day,
    report.verdict + (report.badDay ? ' (bad day)' : ''),
    report.championVersion,
    `${report.labelledRows} of ${report.rows}`,
    loss(lossOf(report, 'champion')),
    loss(report.baseRateLogLoss),
    loss(lossOf(report, 'previous')),
    driftedOf(report).join(', ') || null,
  ]);
  const head = ['day', 'verdict', 'champion', 'labelled rows', 'its loss', 'constant', 'previous', 'drifted'];
  const reasons = reports
    .filter(({ reasons }) => reasons.length > 0)
    .map((each) => `${each.day}: ${each.reasons.join('; ')}`);
  return [table(head, rows), ...reasons].join('\n');
}

function driftedOf({ drift }: MonitorReport): string[] {
  return drift.filter(({ drifted }) => drifted).map(({ feature }) => feature);
}

function lossOf({ performance }: MonitorReport, role: DailyPerformance['role']): number | null {
  return performance.find((each) => each.role === role)?.logLoss ?? null;
}

function loss(value: number | null): string | null {
  return value === null ? null : value.toFixed(4);
}
