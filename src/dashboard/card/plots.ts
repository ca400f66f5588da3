// The plots of a model card as SVG: curves over two axes, and bars with their spread. What a plot shows is also said in words.
import { figure, place } from '../page/figure';
import { html, type Html, type Part } from '../page/html';
import { number } from '../page/numbers';

const WIDTH = 360;
const HEIGHT = 232;
const LEFT = 48;
const RIGHT = 10;
/** Room for the name of the y axis, which a curve would run through. */
const TOP = 26;
const BOTTOM = 36;

/** One line of a plot. */
export interface Line {
  readonly points: readonly (readonly [x: number, y: number])[];
  /** `second`: dashed, for what the first is compared with; `points`: not joined by a line. Default: the first. */
  readonly look?: 'first' | 'second' | 'points';
  readonly dots?: boolean;
}

/** Curves over two axes. */
export interface CurvePlot {
  /** Unique in the page. */
  readonly id: string;
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly lines: readonly Line[];
  /** Ends of the axes; default: those of the points. */
  readonly xRange?: readonly [number, number];
  readonly yRange?: readonly [number, number];
  /** What the plot shows, for those who do not see it. */
  readonly words: string;
}

/** The figure; nothing when there is no point. */
export function curvePlot({ id, title, x, y, lines, words, ...ranges }: CurvePlot): Html {
  const all = lines.flatMap(({ points }) => points);
  if (all.length === 0) return html``;
  const [xMin, xMax] = ranges.xRange ?? rangeOf(all.map(([at]) => at));
  const [yMin, yMax] = ranges.yRange ?? rangeOf(all.map(([, value]) => value));
  const xAt = (value: number): number => LEFT + ((value - xMin) / (xMax - xMin)) * (WIDTH - LEFT - RIGHT);
  const yAt = (value: number): number => HEIGHT - BOTTOM - ((value - yMin) / (yMax - yMin)) * (HEIGHT - TOP - BOTTOM);
  return figure({
    ...{ id, title, words },
    ...{ width: WIDTH, height: HEIGHT },
    body: html`<path class="plot-axis" d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}" />
      <text x="${LEFT - 5}" y="${TOP + 8}" text-anchor="end">${number(yMax)}</text>
      <text x="${LEFT - 5}" y="${HEIGHT - BOTTOM}" text-anchor="end">${number(yMin)}</text>
      <text x="${LEFT}" y="${HEIGHT - BOTTOM + 14}">${number(xMin)}</text>
      <text x="${WIDTH - RIGHT}" y="${HEIGHT - BOTTOM + 14}" text-anchor="end">${number(xMax)}</text>
      <text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${x}</text>
      <text x="${LEFT}" y="14">${y}</text>
      ${lines.map((line) => drawn(line, xAt, yAt))}`,
  });
}

function drawn({ points, look, dots }: Line, xAt: (x: number) => number, yAt: (y: number) => number): Html {
  const path = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${place(xAt(x))} ${place(yAt(y))}`).join('');
  const marks = points.length === 1 || dots || look === 'points' ? points : [];
  const circles = marks.map(
    ([x, y]) => html`<circle class="plot-dot" cx="${place(xAt(x))}" cy="${place(yAt(y))}" r="2.2" />`,
  );
  if (look === 'points') return html`${circles}`;
  return html`<path class="plot-line${look === 'second' ? ' second' : ''}" d="${path}" />${circles}`;
}

/** One bar, to the left of the axis below 0. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Drawn to both sides of the value's end. Default: 0, none. */
  readonly spread?: number;
  /** What stands behind the name. */
  readonly note?: string;
}

/** Bars below each other. */
export interface BarPlot {
  /** Unique in the page. */
  readonly id: string;
  readonly title: string;
  readonly bars: readonly Bar[];
  readonly words: string;
  /** The value at which bars begin. Default 0. */
  readonly from?: number;
}

const ROW = 24;
const NAME_WIDTH = 132;
const LETTERS = 21;
const VALUE_WIDTH = 56;

/** The figure; nothing when there is no bar. */
export function barPlot({ id, title, bars, words, from = 0 }: BarPlot): Html {
  if (bars.length === 0) return html``;
  const ends = bars.flatMap(({ value, spread = 0 }) => [value - spread, value + spread]);
  const [least, most] = [Math.min(from, ...ends), Math.max(from, ...ends)];
  const span = most === least ? 1 : most - least;
  const at = (value: number): number => NAME_WIDTH + ((value - least) / span) * (WIDTH - NAME_WIDTH - VALUE_WIDTH);
  const height = bars.length * ROW + 6;
  return figure({
    ...{ id, title, words },
    ...{ width: WIDTH, height: height },
    body: html`<path class="plot-axis" d="M${place(at(from))} 2V${height - 2}" />
      ${bars.map((bar, row) => drawnBar(bar, row * ROW + 4, at, from))}`,
  });
}

function drawnBar({ name, value, spread = 0, note }: Bar, top: number, at: (value: number) => number, from: number) {
  const [start, end] = [Math.min(at(from), at(value)), Math.max(at(from), at(value))];
  const whisker: Part =
    spread > 0 &&
    html`<path class="whisker" d="M${place(at(value - spread))} ${top + 8}H${place(at(value + spread))}" />`;
  const shown = name.length > LETTERS ? `${name.slice(0, LETTERS - 1)}…` : name;
  return html`<g
    ><title>${name}: ${number(value)}${note === undefined ? null : `, ${note}`}</title
    ><text class="bar-name" x="${NAME_WIDTH - 6}" y="${top + 12}" text-anchor="end">${shown}</text
    ><rect
      class="plot-bar"
      x="${place(start)}"
      y="${top}"
      width="${place(Math.max(0.5, end - start))}"
      height="16"
    />${whisker}<text x="${place(Math.max(at(value + spread), at(from)) + 5)}" y="${top + 12}"
      >${number(value)}</text
    ></g
  >`;
}

/** A range of one value is widened, so that there is something to draw on. */
function rangeOf(values: readonly number[]): [number, number] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most ? [least - 0.5, most + 0.5] : [least, most];
}
