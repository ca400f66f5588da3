// The section about quality over time: small plots per table, checks that noticed something, rejections, and numbers per column.
import type { ColumnDocument, DataDocument, TableDocument } from '../document/document';
import { html, table, type Html, type Part } from './html';
import { linePlot, tinyHistogram } from './line-plot';
import { count, instant, number, share } from './numbers';

/** Plots of null shares for the columns with the largest ones. */
const WORST_COLUMNS = 3;
const TOP_SHOWN = 3;
const LETTERS_OF_VALUE = 40;

/** One article for each table. */
export function qualitySection({ tables, from, to }: DataDocument): Html {
  return html`<section aria-labelledby="quality">
    <h2 id="quality">Quality over time</h2>
    <p>From ${from} to ${to}, out of what was recorded with each partition; no row was read again.</p>
    ${tables.map(ofTable)}
  </section>`;
}

function ofTable(found: TableDocument): Html {
  const { name, checks, rejections } = found;
  return html`<article aria-labelledby="quality-${name}">
    <h3 id="quality-${name}">${name}</h3>
    <div class="plots">${plots(found)}</div>
    <h4>Checks that noticed something</h4>
    ${table(
      `Checks of ${name} that did more than pass, by deliveries`,
      ['check', 'kind', '#warned', '#rows set aside by it', '#rejected', '#rows', 'last day', 'found', 'allowed'],
      checks.map((each): Part[] => [
        ...[each.check, each.kind, count(each.warned), count(each.quarantined), count(each.rejected), count(each.rows)],
        ...[each.last.day, each.last.found, each.last.allowed],
      ]),
      'No check warned, set rows aside or rejected a delivery.',
    )}
    <h4>Last rejections</h4>
    ${table(
      `Deliveries of ${name} that were rejected, the newest first`,
      ['day', 'at', 'why'],
      rejections.map(({ day, at, message }) => [day, instant(at), message]),
      'No delivery was rejected.',
    )}
    <h4>Columns</h4>
    ${columnTable(found)}
  </article>`;
}

function plots({ name, days }: TableDocument): Html[] {
  const points = (of: (day: (typeof days)[number]) => number | undefined) =>
    days.map((day) => ({ day: day.day, value: day.rows === undefined ? null : (of(day) ?? 0) }));
  const sums = new Map<string, number>();
  for (const { nullShares } of days)
    for (const [column, part] of Object.entries(nullShares ?? {})) sums.set(column, (sums.get(column) ?? 0) + part);
  const worst = [...sums].sort(([, a], [, b]) => b - a).slice(0, WORST_COLUMNS);
  // A plot without anything on it says less than its sentence.
  const quarantined = days.some(({ quarantinedRows = 0 }) => quarantinedRows > 0);
  return [
    linePlot({ id: `rows-${name}`, title: 'Rows per day', points: points(({ rows }) => rows), show: number }),
    quarantined
      ? linePlot({
          id: `aside-${name}`,
          title: 'Share of rows set aside',
          points: points(({ rows = 0, quarantinedRows = 0 }) => quarantinedRows / Math.max(1, rows + quarantinedRows)),
          show: share,
        })
      : html`<p class="small">No row was set aside.</p>`,
    ...worst.map(([column]) =>
      linePlot({
        id: `null-${name}-${column}`,
        title: `Missing values of ${column}`,
        points: points(({ nullShares }) => nullShares?.[column]),
        show: share,
      }),
    ),
  ];
}

function columnTable({ name, columns }: TableDocument): Html {
  const known = columns.filter(({ numbers }) => numbers !== null);
  return table(
    `Columns of ${name} over all days of the range; distinct values and quantiles are estimates`,
    [
      'column',
      '#values',
      '#missing',
      '#distinct',
      'distribution',
      '#min',
      '#p10',
      '#median',
      '#p90',
      '#max',
      '#mean',
      '#deviation',
    ],
    known.map(columnRow),
    'No statistics are kept for this range.',
  );
}

function columnRow({ name, type, numbers }: ColumnDocument): Part[] {
  const { count: values, nulls, distinct, min, max, mean, deviation, quantiles, histogram, top } = numbers!;
  const isTime = type === 'date' || type === 'timestamp';
  const shown = (value: number | undefined): string => (isTime ? dayOf(value) : number(value));
  const total = values + nulls;
  return [
    ...[name, count(values), total === 0 ? '–' : share(nulls / total), count(distinct)],
    ...[distribution(name, histogram, top, total), shown(min)],
    ...(['p10', 'p50', 'p90'] as const).map((quantile) => shown(quantiles?.[quantile])),
    ...[shown(max), shown(mean), isTime ? '–' : number(deviation)],
  ];
}

/** Days say enough, and leave room for the other columns. */
function dayOf(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value) || Math.abs(value) > 8.64e15) return '–';
  return new Date(value).toISOString().slice(0, 10);
}

type Numbers = NonNullable<ColumnDocument['numbers']>;

function distribution(name: string, histogram: Numbers['histogram'], top: Numbers['top'], total: number): Part {
  if (histogram && histogram.length > 0) return tinyHistogram(`Histogram of ${name}`, histogram);
  const values = (top ?? []).slice(0, TOP_SHOWN).map(({ value, count: rows }) => {
    const cut = value.length > LETTERS_OF_VALUE ? `${value.slice(0, LETTERS_OF_VALUE)}…` : value;
    return `${cut} (${share(rows / Math.max(1, total))})`;
  });
  return values.join(', ');
}
