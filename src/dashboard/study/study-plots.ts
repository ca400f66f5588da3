// Plots of a search for parameters, as SVG: score by trial with the best so far, and for each parameter its values against the score.
import { standingOf, type Params, type TrialRecord, type TuningSettings } from '../../domain/training/tuning';
import { isLowerBetter } from '../../domain/plan/tuning-plan';
import { figure } from '../page/figure';
import { html, type Html } from '../page/html';
import { number as shown } from '../page/numbers';
import { scaleOf, textScale, type Scale } from './scales';

const WIDTH = 360;
const HEIGHT = 150;
const LEFT = 58;
const RIGHT = 10;
const TOP = 10;
const BOTTOM = 24;
/** A few very bad trials would press all others together: the axis of scores ends here, and they are drawn on its end. */
const SHOWN_SHARE = 0.9;

/** What is drawn: the settings of a study and its trials, in any order. */
export interface DrawnStudy {
  readonly settings: Pick<TuningSettings, 'space' | 'metric'>;
  readonly trials: readonly Pick<TrialRecord, 'number' | 'state' | 'params' | 'value' | 'message'>[];
}

interface Dot {
  readonly trial: number;
  readonly params: Params;
  readonly value: number;
  readonly isComplete: boolean;
}

/** All plots of a study; nothing while no trial has a score. `id`: unique in the page. */
export function studyPlots(id: string, study: DrawnStudy): Html {
  const dots = dotsOf(study.trials);
  if (dots.length === 0) return html``;
  const names = Object.keys(study.settings.space);
  return html`${historyPlot(id, study)}${names.map((_, index) => parameterPlot(`${id}-${index}`, study, names[index]!))}`;
}

/** Score by trial: complete ones, those that were given up early (faint), and the best so far as a line. */
export function historyPlot(id: string, { settings, trials }: DrawnStudy): Html {
  const dots = dotsOf(trials);
  const lower = isLowerBetter(settings.metric);
  const { best, complete, pruned } = standingOf(trials, lower);
  if (dots.length === 0) return html``;
  const y = scoreScale(dots, lower);
  const last = dots.at(-1)!.trial;
  const x = scaleOf(0, Math.max(1, last), LEFT, WIDTH - RIGHT);
  const words = best
    ? `best ${shown(best.value)} in trial ${best.trial}; ${complete} complete, ${pruned} given up early`
    : `none complete, ${pruned} given up early`;
  const body = html`${dots.map((each) => circle(x.at(each.trial), y.at(each.value), each, best?.trial))}
    <path class="plot-line" fill="none" d="${bestSoFar(dots, lower, x, y)}" />`;
  return framed({ id, title: `${settings.metric} by trial`, words, y, left: '0', right: String(last), body });
}

/** One parameter's values against the score; a range that was tried on a logarithmic scale is drawn on one. */
export function parameterPlot(id: string, { settings, trials }: DrawnStudy, name: string): Html {
  const dimension = settings.space[name];
  const dots = dotsOf(trials).filter(({ params }) => params[name] !== undefined);
  if (dimension === undefined || dots.length === 0) return html``;
  const lower = isLowerBetter(settings.metric);
  const best = standingOf(trials, lower).best;
  const y = scoreScale(dots, lower);
  const { low, high, log, choices } = dimension;
  const x = choices
    ? textScale(choices.map(String), LEFT, WIDTH - RIGHT)
    : scaleOf(low ?? 0, high ?? 1, LEFT, WIDTH - RIGHT, log);
  const words = best ? `best with ${inWords(best.params[name])}` : 'none complete';
  const body = dots.map((each) => circle(x.at(each.params[name]!), y.at(each.value), each, best?.trial));
  const ends = choices ? [String(choices[0]), String(choices.at(-1))] : [shown(low), shown(high)];
  const scale = choices ? ` (${choices.join(', ')})` : log ? ' (logarithmic)' : '';
  const title = `${settings.metric} by ${name}${scale}`;
  return framed({ id, title, words, y, left: ends[0]!, right: ends[1]!, body });
}

function inWords(value: Params[string] | undefined): string {
  return typeof value === 'number' ? shown(value) : String(value);
}

function dotsOf(trials: DrawnStudy['trials']): Dot[] {
  return trials
    .flatMap(({ number: trial, state, params, value }) =>
      params === null || value === null ? [] : [{ trial, params, value, isComplete: state === 'complete' }],
    )
    .sort((a, b) => a.trial - b.trial);
}

/** Better is always up. */
function scoreScale(dots: readonly Dot[], lower: boolean): Scale {
  const sorted = dots.map(({ value }) => value).sort((a, b) => (lower ? a - b : b - a));
  const [best, worst] = [sorted[0]!, sorted[Math.ceil(SHOWN_SHARE * (sorted.length - 1))]!];
  return scaleOf(worst, best, HEIGHT - BOTTOM, TOP);
}

function bestSoFar(dots: readonly Dot[], lower: boolean, x: Scale, y: Scale): string {
  let path = '';
  let best: number | null = null;
  for (const { trial, value, isComplete } of dots) {
    if (isComplete && (best === null || (lower ? value < best : value > best))) {
      path += path === '' ? `M${x.at(trial)} ${y.at(value)}` : `H${x.at(trial)}V${y.at(value)}`;
      best = value;
    }
  }
  return path === '' ? '' : `${path}H${x.at(dots.at(-1)!.trial)}`;
}

function circle(x: number, y: number, { trial, value, isComplete }: Dot, best: number | undefined): Html {
  const [radius, opacity] = trial === best ? [4, 1] : [2, isComplete ? 0.8 : 0.3];
  return html`<circle class="plot-dot" cx="${x}" cy="${y}" r="${radius}" opacity="${opacity}">
    <title>trial ${trial}: ${shown(value)}${isComplete ? '' : ', given up early'}</title>
  </circle>`;
}

/** The figure with its two axes. */
function framed(plot: {
  readonly id: string;
  readonly title: string;
  readonly words: string;
  readonly y: Scale;
  readonly left: string;
  readonly right: string;
  readonly body: Html | readonly Html[];
}): Html {
  const { id, title, words, y, left, right, body } = plot;
  const bottom = HEIGHT - BOTTOM;
  return figure({
    ...{ id, title, words },
    ...{ width: WIDTH, height: HEIGHT },
    body: html`<path class="plot-axis" d="M${LEFT} ${TOP}V${bottom}H${WIDTH - RIGHT}" />
      <text x="${LEFT - 5}" y="${TOP + 4}" text-anchor="end">${shown(y.to)}</text>
      <text x="${LEFT - 5}" y="${bottom + 3}" text-anchor="end">${shown(y.from)}</text>
      <text x="${LEFT}" y="${HEIGHT - 8}" text-anchor="start">${left}</text>
      <text x="${WIDTH - RIGHT}" y="${HEIGHT - 8}" text-anchor="end">${right}</text>
      ${body}`,
  });
}
