// The HTML report: one file with everything inside, readable without network or script.
import type { Check } from '../findings/checks';
import { number } from '../findings/checks';
import type { Findings } from '../findings/gather';
import type { DemoReport } from '../findings/json-report';
import { escaped } from '../../../src/dashboard/page/html';
import { STYLE } from './style';
import { cyclesTable, faultsTable, monitoringTable, swapsTable } from './tables';

/** A drawn plot with its words. */
export interface Plot {
  readonly title: string;
  readonly text: string;
  readonly svg: string;
}

/** What the page shows. */
export interface PageInput {
  readonly report: DemoReport;
  readonly found: Findings;
  readonly checks: readonly Check[];
  readonly plots: readonly Plot[];
  readonly baseRateLogLoss: number | null;
  readonly period: { readonly from: string; readonly to: string };
  readonly temporalCommand: string | null;
}

/** The whole page. */
export function page(input: PageInput): string {
  const { report, found, checks, plots, period, temporalCommand } = input;
  const held = checks.filter(({ holds }) => holds).length;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(report.model)}: ${period.from} to ${period.to}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<p class="kicker">Understudy demo</p>
<h1>The life of <code>${escaped(report.model)}</code> from ${shownDay(period.from)} to ${shownDay(period.to)}</h1>
<p class="lead">Every flight from New York was scored as of its scheduled departure by the champion of its day. ${sentence(input)}</p>
<p class="verdict ${held === checks.length ? 'good' : 'bad'}">${held} of ${checks.length} claims verified</p>
</header>
<main>
${tiles(input)}
${plots.map(({ title, text, svg }) => section(title, text, `<figure>${svg}</figure>`)).join('\n')}
${section('Faults from outside', 'What was done to the product while it worked, and what came of it.', faultsTable(report))}
${section('Champion swaps', 'Each is one move of the pointer, with one audit row and one alert.', swapsTable(report, found))}
${section('Cycles', 'Each trains all contenders on one snapshot and judges them on the same rows. A cycle of a past logical time belongs to the bad-model exercise.', cyclesTable(report, found))}
${section('Monitoring', 'Days with a verdict; all other days: nothing.', monitoringTable(report))}
${section('Claims', 'Checked by the demo itself at the end of the run.', claims(checks))}
${temporalCommand ? section('The approval by hand', 'The first champion was approved by an update. The stock CLI sends the same message:', `<pre>${escaped(temporalCommand)}</pre>`) : ''}
</main>
<footer>Real data: nycflights13. Log loss and ROC AUC are pooled over all labelled flights; cancelled and diverted flights have no label.</footer>
</body>
</html>
`;
}

function sentence({ report, baseRateLogLoss }: PageInput): string {
  const others = Object.entries(report.served.byContender)
    .map(([name, { logLoss }]) => `${escaped(name)} alone ${number(logLoss)}`)
    .join(', ');
  return `Log loss ${number(report.served.logLoss)}; ${others}; always predicting the base rate ${number(baseRateLogLoss)}.`;
}

function tiles({ report }: PageInput): string {
  const { served, partitions, cycles, swaps, effects, seconds } = report;
  const promoted = cycles.filter(({ decision }) => decision.verdict === 'promote').length;
  const whole = (value: number): string => value.toLocaleString('en-US');
  const all: readonly (readonly [string, string, string])[] = [
    [number(served.logLoss), 'served log loss', `ROC AUC ${number(served.rocAuc)}`],
    [whole(served.rows), 'flights scored', `on ${served.days} days`],
    [whole(partitions.ingested), 'partitions', `${partitions.rejected} rejected, ${partitions.reopened} re-opened`],
    [String(cycles.length), 'training cycles', `${promoted} promoted a version`],
    [String(swaps.length), 'champion swaps', 'by promotion, override, fallback, rollback'],
    [whole(effects.deliveredOnce), 'alerts delivered once', `${effects.duplicates} duplicates`],
    [whole(effects.ledger), 'effects in the ledger', `${whole(effects.audit)} audit rows`],
    [
      `${Math.round(seconds.total)} s`,
      'for all of it',
      `set-up ${Math.round(seconds.setup)} s, backfill ${Math.round(seconds.backfill)} s`,
    ],
  ];
  const tile = ([value, name, more]: readonly [string, string, string]): string =>
    `<div class="tile"><b>${value}</b><span>${name}</span><small>${more}</small></div>`;
  return `<div class="tiles">${all.map(tile).join('')}</div>`;
}

function section(title: string, text: string, content: string): string {
  return `<section><h2>${escaped(title)}</h2><p>${escaped(text)}</p>${content}</section>`;
}

function claims(checks: readonly Check[]): string {
  const row = ({ claim, holds, found }: Check): string =>
    `<li class="${holds ? 'good' : 'bad'}"><b>${escaped(claim)}</b><span>${escaped(found)}</span></li>`;
  return `<ul class="claims">${checks.map(row).join('')}</ul>`;
}

function shownDay(day: string): string {
  return new Date(`${day}T00:00:00Z`).toLocaleDateString('en-US', {
    month: 'long',
    day: 'numeric',
    year: 'numeric',
    timeZone: 'UTC',
  });
}
