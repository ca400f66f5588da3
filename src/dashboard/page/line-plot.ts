// A small line plot of one number per day, as SVG, and the tiny histogram of a column. Days without a number leave a gap.
import type { Day } from '../../domain/days';
import { figure, place } from './figure';
import { html, type Html } from './html';

const WIDTH = 360;
const HEIGHT = 112;
const LEFT = 46;
const RIGHT = 8;
const TOP = 10;
const BOTTOM = 20;
/** From so many days on, months are marked instead of single days. */
const DAYS_FOR_MONTHS = 75;

/** One day's number; null: there is none. */
export interface Point {
  readonly day: Day;
  readonly value: number | null;
}

/** What a plot shows. */
export interface LinePlot {
  /** Unique in the page. */
  readonly id: string;
  readonly title: string;
  readonly points: readonly Point[];
  /** Writes a value at the axis and in the words. */
  readonly show: (value: number) => string;
}

/** The figure, with least, middle and most in words. The axis begins at 0. */
export function linePlot({ id, title, points, show }: LinePlot): Html {
  const known = points.filter((point): point is { day: Day; value: number } => point.value !== null);
  if (known.length === 0) return html``;
  const top = niceTop(Math.max(...known.map(({ value }) => value)));
  const x = (index: number): number =>
    LEFT + (points.length < 2 ? 0.5 : index / (points.length - 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);
  const words = wordsOf(known, show);
  return figure({
    ...{ id, title, words },
    ...{ width: WIDTH, height: HEIGHT },
    body: html`<path
        class="plot-axis"
        d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}M${LEFT} ${TOP}H${WIDTH - RIGHT}"
      />
      <text x="${LEFT - 5}" y="${TOP + 4}" text-anchor="end">${show(top)}</text>
      <text x="${LEFT - 5}" y="${HEIGHT - BOTTOM + 3}" text-anchor="end">${show(0)}</text>
      ${dayNames(points, x)}${line(points, x, y)}`,
  });
}

function wordsOf(
  known: readonly { readonly day: Day; readonly value: number }[],
  show: (value: number) => string,
): string {
  const sorted = [...known].sort((a, b) => a.value - b.value);
  const [least, most] = [sorted[0]!, sorted.at(-1)!];
  if (least.value === most.value) return `${show(least.value)} on all days`;
  const middle = sorted[Math.floor(sorted.length / 2)]!;
  return `least ${show(least.value)} (${least.day}), median ${show(middle.value)}, most ${show(most.value)} (${most.day})`;
}

/** The next of 1, 2, 2.5, 5 times a power of ten; 1 when all is 0. */
function niceTop(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 2.5, 5, 10].find((each) => each * power >= value * 0.9999) ?? 10;
  return factor * power;
}

function line(points: readonly Point[], x: (index: number) => number, y: (value: number) => number): Html {
  const at = (index: number, value: number): string => `${place(x(index))} ${place(y(value))}`;
  let path = '';
  const dots: Html[] = [];
  for (const [index, { value }] of points.entries()) {
    if (value === null) continue;
    const before = points[index - 1]?.value ?? null;
    const after = points[index + 1]?.value ?? null;
    path += `${before === null ? 'M' : 'L'}${at(index, value)}`;
    if (before === null && after === null) {
      dots.push(html`<circle class="plot-dot" cx="${place(x(index))}" cy="${place(y(value))}" r="1.6" />`);
    }
  }
  return html`<path class="plot-line" d="${path}" />${dots}`;
}

function dayNames(points: readonly Point[], x: (index: number) => number): Html[] {
  const last = points.length - 1;
  const months = points.flatMap(({ day }, index) => (day.endsWith('-01') ? [index] : []));
  const every = Math.ceil(months.length / 4);
  const marked = points.length > DAYS_FOR_MONTHS ? months.filter((_, index) => index % every === 0) : [0, last];
  return [...new Set(marked)].map((index) => {
    const anchor = index === 0 ? 'start' : index === last ? 'end' : 'middle';
    const { day } = points[index]!;
    const name = points.length > DAYS_FOR_MONTHS ? day.slice(0, 7) : day;
    return html`<text x="${place(x(index))}" y="${HEIGHT - 6}" text-anchor="${anchor}">${name}</text>`;
  });
}

/** Bars of a histogram in the height of a line of text; the highest bar is the fullest bin. */
export function tinyHistogram(title: string, bins: readonly { readonly count: number }[]): Html {
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const width = 80 / Math.max(1, bins.length);
  const bars = bins
    .map(({ count }, index) => {
      const height = place((count / most) * 18);
      return count === 0 ? '' : `M${place(index * width)} 18v-${Math.max(0.5, height)}h${place(width * 0.85)}V18z`;
    })
    .join('');
  return html`<svg width="80" height="18" viewBox="0 0 80 18" role="img" aria-label="${title}">
    <path class="plot-bar" d="${bars}" />
  </svg>`;
}
