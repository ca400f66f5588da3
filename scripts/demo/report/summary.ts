// The summary in the terminal: main numbers, weeks, claims. Failed claims are red.
import Table from 'cli-table3';
import { number, type Check } from '../findings/checks';
import type { Findings } from '../findings/gather';
import type { DemoReport } from '../findings/json-report';
import { contendersOf, qualityByWeek } from '../findings/pooled';

const RED = '\u001b[31m';
const GREEN = '\u001b[32m';
const BOLD = '\u001b[1m';
const PLAIN = '\u001b[0m';

/** The whole summary, without a line end. */
export function summary(report: DemoReport, found: Findings, checks: readonly Check[], colours: boolean): string {
  const paint = (colour: string, text: string): string => (colours ? `${colour}${text}${PLAIN}` : text);
  const lines = [
    '',
    paint(BOLD, 'Log loss by week (the same flights for all)'),
    weeks(found),
    '',
    paint(BOLD, 'Champion swaps'),
    swaps(report),
    '',
    ...facts(report, found),
    '',
    paint(BOLD, 'Claims'),
    ...checks.map(({ claim, holds, found: seen }) =>
      holds ? `${paint(GREEN, '✓')} ${claim}: ${seen}` : paint(RED, `✗ ${claim}: ${seen}`),
    ),
  ];
  return lines.join('\n');
}

function weeks(found: Findings): string {
  const names = contendersOf(found.days);
  const table = plain(['week', 'flights', 'late', 'served', ...names, 'base rate']);
  for (const { week, rows, lateShare, served, byContender, baseRateLogLoss } of qualityByWeek(found.days)) {
    table.push([
      week,
      rows.toLocaleString('en-US'),
      `${(100 * lateShare).toFixed(0)} %`,
      number(served.logLoss),
      ...names.map((name) => number(byContender[name]?.logLoss)),
      number(baseRateLogLoss),
    ]);
  }
  return table.toString();
}

function swaps({ swaps: all }: DemoReport): string {
  const table = plain(['day', 'from', 'to', 'why']);
  for (const { day, from, to, why } of all) table.push([day, from ?? '–', to, why]);
  return table.toString();
}

function facts({ served, cycles, monitoring, effects, seconds }: DemoReport, found: Findings): string[] {
  const verdicts = (verdict: string): number => monitoring.filter((each) => each.verdict === verdict).length;
  const asked = found.cycles.filter(({ askedByMonitoring }) => askedByMonitoring);
  const alone = Object.entries(served.byContender).map(([name, { logLoss }]) => `${name} ${number(logLoss)}`);
  return [
    `served       ${served.rows.toLocaleString('en-US')} flights on ${served.days} days: log loss ${number(served.logLoss)}, ROC AUC ${number(served.rocAuc)} (${alone.join(', ')})`,
    `monitoring   ${verdicts('alert')} alerts, ${verdicts('retrain')} times a retraining asked, ${verdicts('fallback')} fallbacks`,
    `cycles       ${cycles.length}; asked by monitoring on the data themselves: ${asked.length === 0 ? 'none' : asked.map(({ logicalTime, reason }) => `${logicalTime} (${reason})`).join('; ')}`,
    `effects      ${effects.ledger} in the ledger, ${effects.audit} audit rows, ${effects.deliveredOnce} alerts delivered once, ${effects.duplicates} duplicates`,
    `seconds      set-up ${seconds.setup.toFixed(0)}, backfill ${seconds.backfill.toFixed(0)}, cycles ${seconds.cycles.toFixed(0)}, total ${seconds.total.toFixed(0)}`,
  ];
}

function plain(head: readonly string[]): Table.Table {
  return new Table({ head: [...head], style: { head: [], border: [], compact: true } });
}
