// The sections of a card about what counts in the model: importance, Shapley values, partial dependence, drift of importance.
import type { Dependence, Explanation, ImportanceDrift, ShapReport } from '../../domain/evaluation/explanation';
import type { Task } from '../../domain/evaluation/metrics';
import { html, table, type Html, type Part } from '../page/html';
import { count, counted, number } from '../page/numbers';
import type { CardDocument } from './document';
import { ofLender } from './loan';
import { barPlot, curvePlot, type Bar } from './plots';

const MOST_BARS = 15;
const MOST_CLASSES = 8;

/** Importance and dependence; a sentence where there is no explanation. */
export function explanationSections(document: CardDocument): Html {
  const { explanation, importanceDrift, purpose } = document;
  if (!explanation) {
    return html`<section aria-labelledby="importance">
      <h2 id="importance">What counts</h2>
      <p class="none">This version has no explanation; the limits say why.</p>
    </section>`;
  }
  return html`<section aria-labelledby="importance">
      <h2 id="importance">What counts</h2>
      ${ofLender(document)}
      <p>
        How much worse ${explanation.importance.metric} becomes when a feature's values are dealt to other rows.
        Features that say the same hide each other: the views show what they count together.
      </p>
      <div class="figures">${importancePlots(explanation, purpose.task)}</div>
      ${explanation.shap && shapByClass(explanation.shap)} ${importanceDrift && driftOf(importanceDrift)}
    </section>
    <section aria-labelledby="dependence">
      <h2 id="dependence">How the prediction depends on it</h2>
      <p>
        The mean prediction over ${counted(explanation.dependence.rows, 'holdout row')} when one feature has the same
        value in all of them. It says what the model does, not what would happen.
      </p>
      <div class="figures">${dependencePlots(byClass(explanation.dependence.features, purpose.label.classes))}</div>
    </section>`;
}

const SHAP_UNIT: Readonly<Record<Task, string>> = {
  binary: ' (log-odds)',
  multiclass: ' (scores, mean over the classes)',
  regression: " (in the label's unit)",
};

function importancePlots({ importance, shap }: Explanation, task: Task): Html[] {
  const { metric, rows, repeats, features, views } = importance;
  const how = `${counted(rows, 'row')}, ${counted(repeats, 'repeat')}; the line is one standard deviation over repeats.`;
  const plot = (id: string, title: string, found: Explanation['importance']['features']): Html => {
    const bars = found.flatMap(({ name, mean, deviation }): Bar[] =>
      mean === null ? [] : [{ name, value: mean, spread: deviation ?? 0 }],
    );
    return barPlot({ id, title, bars: bars.slice(0, MOST_BARS), words: `${shownOf(bars.length)} ${how}` });
  };
  return [
    plot('features', `Permutation importance of features: how much worse ${metric} becomes`, features),
    plot('views', `Permutation importance of views: how much worse ${metric} becomes`, views),
    shap
      ? barPlot({
          id: 'shap',
          title: `Mean absolute Shapley value${SHAP_UNIT[task]}`,
          bars: mostFirst(shap.meanAbs).slice(0, MOST_BARS),
          words: `${shownOf(Object.keys(shap.meanAbs).length)} From the trainer (${shap.method}), on ${counted(shap.rows, 'training row')}.`,
        })
      : html`<p class="none">The trainer gives no Shapley values.</p>`,
  ];
}

/** A column for each class; of more than can be read the JSON document has all. */
function shapByClass({ meanAbs, classes = [] }: ShapReport): Html {
  if (classes.length === 0) return html``;
  const shown = classes.slice(0, MOST_CLASSES);
  const rows = mostFirst(meanAbs)
    .slice(0, MOST_BARS)
    .map(({ name }): Part[] => [name, ...shown.map((each) => number(each.meanAbs[name]))]);
  const rest = shown.length < classes.length ? ` (the first ${MOST_CLASSES} of ${classes.length} classes)` : '';
  return table(
    `Mean absolute Shapley value by class${rest}`,
    ['feature', ...shown.map(({ name }) => `#${name}`)],
    rows,
  );
}

function mostFirst(values: Readonly<Record<string, number>>): Bar[] {
  return Object.entries(values)
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => b.value - a.value);
}

function shownOf(all: number): string {
  return all > MOST_BARS ? `The first ${MOST_BARS} of ${count(all)}.` : '';
}

/** A dependence with a title of its own; default: the feature. */
interface Plotted extends Dependence {
  readonly title?: string;
}

/** Of several classes one plot for each, of the first ones: of the features that count most. */
const CLASS_FEATURES = 3;
const CLASS_PLOTS = 5;

function byClass(found: readonly Dependence[], classes: readonly string[] | undefined): readonly Plotted[] {
  if (classes === undefined) return found;
  return found.slice(0, CLASS_FEATURES).flatMap(({ feature, kind, points }) =>
    classes.slice(0, CLASS_PLOTS).map((name, at) => ({
      ...{ feature, title: `${feature}: probability of ${name}`, kind },
      points: points.map(({ value, mean, means, rows }) => ({ value, mean: means?.[at] ?? mean, rows })),
    })),
  );
}

/** All numbers on one scale: a feature that moves the prediction little has a flat curve. */
function dependencePlots(found: readonly Plotted[]): Html[] {
  const means = found.flatMap(({ points }) => points.map(({ mean }) => mean));
  const [least, most] = [Math.min(...means), Math.max(...means)];
  const yRange = most > least ? ([least, most] as const) : ([least - 0.5, least + 0.5] as const);
  return found.flatMap((each, index) => (each.points.length > 0 ? [dependencePlot(each, index, yRange)] : []));
}

function dependencePlot(
  { feature, title = feature, kind, points }: Plotted,
  index: number,
  yRange: readonly [number, number],
): Html {
  const id = `dependence-${index}`;
  const missing = points.find(({ value }) => value === null);
  const known = points.filter((point) => point.value !== null);
  const least = points.reduce((a, b) => (b.mean < a.mean ? b : a), points[0]!);
  const most = points.reduce((a, b) => (b.mean > a.mean ? b : a), points[0]!);
  const nameOf = (value: number | string | null): string =>
    value === null ? 'missing' : typeof value === 'number' ? number(value) : value;
  const words = `From ${number(least.mean)} (${nameOf(least.value)}) to ${number(most.mean)} (${nameOf(most.value)})${
    missing ? `; missing: ${number(missing.mean)}` : ''
  }.`;
  if (kind === 'category') {
    const bars = points.map(({ value, mean, rows }) => ({
      name: nameOf(value),
      value: mean,
      note: counted(rows, 'row'),
    }));
    return barPlot({ id, title, bars, words: `Categories by their number of rows. ${words}` });
  }
  const line = known.map(({ value, mean }) => [value as number, mean] as const);
  return curvePlot({
    id,
    title,
    x: feature,
    y: 'mean prediction',
    yRange,
    lines: [{ points: line, dots: true }],
    words,
  });
}

function driftOf({
  since,
  rankCorrelation,
  common,
  movers,
  added,
  removed,
}: ImportanceDrift & { readonly since: number }): Html {
  const rows = movers.map(({ name, before, after, rankBefore, rankAfter }): Part[] => [
    ...[name, number(before), number(after), number(rankBefore), number(rankAfter)],
  ]);
  const correlation = rankCorrelation === null ? 'cannot be computed' : `is ${number(rankCorrelation)}`;
  return html`<h3>Since version ${since}, the champion at the time</h3>
    <p>
      The rank correlation of the importance of ${counted(common, 'common feature')} ${correlation} (1: the same order).
      ${added.length > 0 && `New: ${added.join(', ')}. `}${removed.length > 0 && `Gone: ${removed.join(', ')}.`}
    </p>
    ${table(
      'Features whose rank moved most',
      ['feature', '#importance before', '#now', '#rank before', '#now'],
      rows,
      'No feature changed its rank.',
    )}`;
}
