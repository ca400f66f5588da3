// The tables of the HTML report.
import { number } from '../findings/checks';
import type { Findings } from '../findings/gather';
import type { DemoReport } from '../findings/json-report';
import { escaped } from '../../../src/dashboard/page/html';

type Cell = string | number | null;

/** Head cells that begin with `#` stand over numbers. */
function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  if (rows.length === 0) return '<p>None.</p>';
  const kind = (index: number): string => (head[index]?.startsWith('#') ? ' class="n"' : '');
  const heads = head.map((name, index) => `<th${kind(index)}>${escaped(name.replace(/^#/, ''))}</th>`).join('');
  const cell = (value: Cell, index: number): string => `<td${kind(index)}>${value ?? '–'}</td>`;
  return `<table><thead><tr>${heads}</tr></thead><tbody>${rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('')}</tbody></table>`;
}

function tag(word: string): string {
  return `<span class="tag ${escaped(word)}">${escaped(word)}</span>`;
}

function why(reasons: readonly string[]): string {
  return `<span class="why">${reasons.map(escaped).join('<br>')}</span>`;
}

/** One row for each cycle, with both contenders' numbers on the same rows. */
export function cyclesTable({ cycles }: DemoReport, found: Findings): string {
  const rows = cycles.map(({ logicalTime, contenders, decision, champion }, index): Cell[] => {
    const facts = found.cycles[index];
    const losses = (on: 'holdout' | 'truth'): string =>
      contenders
        .map(({ name, version, metrics }) => `${escaped(name)} v${version}: ${number(metrics[on].logLoss)}`)
        .join('<br>');
    const asked = facts?.askedByMonitoring ? '<br><span class="why">asked by monitoring</span>' : '';
    return [
      `${logicalTime}${asked}`,
      losses('holdout'),
      losses('truth'),
      tag(decision.verdict),
      champion,
      why(decision.reasons),
    ];
  });
  return table(['as of', 'log loss, holdout', 'log loss, truth set', 'verdict', '#champion', 'why'], rows);
}

/** One row for each move of the champion, with who moved it and why. */
export function swapsTable({ swaps }: DemoReport, { moves }: Findings): string {
  return table(
    ['day', '#from', '#to', 'by way of', 'by whom', 'reason'],
    swaps.map(({ day, from, to, why: way }, index) => [
      day,
      from,
      to,
      tag(way),
      `<span class="name">${escaped(moves[index]?.by ?? '')}</span>`,
      why([moves[index]?.reason ?? '']),
    ]),
  );
}

/** The days on which monitoring said something. */
export function monitoringTable({ monitoring }: DemoReport): string {
  const rows = monitoring.filter(({ verdict }) => verdict !== 'nothing');
  return table(
    ['day', 'verdict', 'why'],
    rows.map(({ day, verdict, reasons }) => [day, tag(verdict), why(reasons)]),
  );
}

/** What was done from outside, and its outcome. */
export function faultsTable({ faults, partitions }: DemoReport): string {
  const { damagedDay, killedTraining, badModel, race } = faults;
  const leftOut = 'not in this short run';
  return table(
    ['fault', 'outcome'],
    [
      [
        'A day arrives with its delays in seconds instead of minutes',
        damagedDay
          ? `${damagedDay} rejected, its correction accepted later (${partitions.reopened} re-opened)`
          : leftOut,
      ],
      [
        'kill -9 of the training worker in the middle of a training',
        killedTraining
          ? `the next attempt began ${killedTraining.resumedAfterSeconds.toFixed(1)} s later and finished the cycle`
          : leftOut,
      ],
      [
        'A person puts a bad model in place by an override',
        badModel
          ? `the lifecycle fell back by itself; the good version served again ${badModel.seconds.toFixed(2)} s after the override`
          : leftOut,
      ],
      [
        'Two promotions with the same expected epoch race',
        race ? `${race.winners} won, the other was refused with EPOCH_CONFLICT` : leftOut,
      ],
    ],
  );
}
