// The parts of a card that depend on the task: labels by use, what a constant would lose, curves of classes and of predicted values.
import type { Explanation, Reliability } from '../../domain/evaluation/explanation';
import { lossName } from '../../domain/evaluation/row-loss';
import { html, table, type Html, type Part } from '../page/html';
import { count, interval, number, share } from '../page/numbers';
import type { CardDocument, MetricDocument } from './document';
import type { RowsDocument } from './rows';
import { curvePlot } from './plots';

/** More classes than this make no table that could be read: their rows are in the JSON document. */
const MOST_COLUMNS = 8;
const MOST_CURVES = 12;

/** Columns of the table of rows that say what the labels are. */
export function labelColumns({ purpose }: CardDocument): {
  readonly names: readonly string[];
  of(rows: Pick<RowsDocument, 'positives' | 'classRows' | 'labels'>): Part[];
} {
  const { task, label } = purpose;
  switch (task) {
    case 'binary':
      return { names: ['#positive'], of: ({ positives }) => [positives === null ? null : count(positives)] };
    case 'multiclass': {
      const shown = (label.classes ?? []).slice(0, MOST_COLUMNS);
      return {
        names: shown.map((name) => `#${name}`),
        of: ({ classRows }) => shown.map((_, at) => (classRows ? count(classRows[at] ?? 0) : null)),
      };
    }
    case 'regression':
      return {
        names: ['#mean label', '#standard deviation'],
        of: ({ labels }) => [number(labels?.mean), number(labels && Math.sqrt(labels.variance))],
      };
  }
}

/** A row of a table of metrics: name, better, and value with interval on holdout and truth set. */
export function metricCells({ metric, better, holdout, truth }: MetricDocument): Part[] {
  return [
    ...[metric, better === 'zero' ? 'near 0' : better],
    ...[number(holdout.value), interval(holdout), number(truth.value), interval(truth)],
  ];
}

/** What always predicting the same would lose; nothing where the version was not evaluated. */
export function constantSentence({ baseRate, purpose }: CardDocument): Html | null {
  if (!baseRate) return null;
  const { rate, labels, holdoutLogLoss, truthLogLoss } = baseRate;
  const constant =
    rate !== undefined
      ? `share of positives (${share(rate)})`
      : labels && 'mean' in labels
        ? `mean (${number(labels.mean)})`
        : 'shares of the classes';
  return html`<p>
    Always saying the training rows' ${constant} has a ${lossName(purpose.task)} of ${number(holdoutLogLoss)} on the
    holdout and ${number(truthLogLoss)} on the truth set.
  </p>`;
}

/** Curves and tables of a task that is not `binary`. */
export function taskPlots({ classes, values }: Explanation['curves'], training: Html): Html {
  const plots = [...(classes ? classPlots(classes) : []), ...(values ? valuePlots(values) : []), training];
  return html`<div class="figures">${plots}</div>
    ${classes ? confusionTable(classes) : null}${values ? partsTable(values) : null}`;
}

type Classes = NonNullable<Explanation['curves']['classes']>;
type Values = NonNullable<Explanation['curves']['values']>;

const UNIT = { xRange: [0, 1], yRange: [0, 1] } as const;
const EVEN = { points: [[0, 0] as const, [1, 1] as const], look: 'second' } as const;

function classPlots(classes: Classes): Html[] {
  return [...rocPlots(classes), ...calibrationPlots(classes)];
}

function rocPlots({ against }: Classes): Html[] {
  return against.slice(0, MOST_CURVES).map(({ name, roc, rocAuc }, at) =>
    roc === null
      ? html`<p class="none">The holdout has no row of ${name}, or no other one: there is no curve of it.</p>`
      : curvePlot({
          ...{ id: `roc-${at}`, title: `ROC curve: ${name} against the rest`, ...UNIT },
          ...{ x: 'false positive rate', y: 'true positive rate', lines: [{ points: roc }, EVEN] },
          words: `Area ${number(rocAuc)}; dashed: chance.`,
        }),
  );
}

/** Of the most probable class, and of each class's probability; explanations of earlier releases have none. */
function calibrationPlots({ against, topLabel }: Classes): Html[] {
  const top =
    topLabel &&
    calibrationPlot(
      ...([
        'top-label',
        'Calibration of the most probable class',
        'its mean probability',
        'share of true ones',
      ] as const),
      topLabel,
    );
  const each = against.slice(0, MOST_CURVES).flatMap(({ name, calibration }, at) => {
    const title = `Calibration: ${name} against the rest`;
    return calibration
      ? [calibrationPlot(`calibration-${at}`, title, 'mean prediction', `share of rows of it`, calibration)]
      : [];
  });
  return top ? [top, ...each] : each;
}

function calibrationPlot(id: string, title: string, x: string, y: string, { bins, ece }: Reliability): Html {
  const points = bins.map(({ meanProbability, positiveShare }) => [meanProbability, positiveShare] as const);
  return curvePlot({
    ...{ id, title, x, y, ...UNIT },
    lines: bins.length > 0 ? [{ points, dots: true }, EVEN] : [],
    words: `Ten equal bins; dashed: predictions that can be taken at their word. Expected calibration error ${number(ece)}.`,
  });
}

function confusionTable({ against, confusion }: Classes): Html {
  const names = against.map(({ name }) => name);
  if (names.length > MOST_COLUMNS) return html`<p>The confusion matrix is in the JSON document.</p>`;
  const rows = confusion.map((row, at): Part[] => {
    const all = row.reduce((sum, each) => sum + each, 0);
    return [names[at] ?? '', ...row.map((each) => count(each)), all === 0 ? null : share((row[at] ?? 0) / all)];
  });
  return html`<h3>Which class is taken for which</h3>
    ${table('Rows of the holdout by true and most probable class', ['true class', ...names.map((name) => `#as ${name}`), '#found'], rows)}`;
}

function valuePlots({ pairs, parts }: Values): Html[] {
  const all = pairs.flat();
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const range = most > least ? ([least, most] as const) : ([least - 0.5, least + 0.5] as const);
  const same = { points: range.map((end) => [end, end] as const), look: 'second' } as const;
  const at = (of: 'mean' | 'low' | 'high') =>
    parts.map(({ meanPrediction, residual }) => [meanPrediction, residual[of]] as const);
  return [
    curvePlot({
      ...{ id: 'pairs', title: 'Predicted and true values of the holdout', x: 'true value', y: 'predicted value' },
      ...{ xRange: range, yRange: range, lines: [{ points: pairs, look: 'points' as const }, same] },
      words: `A sample of ${count(pairs.length)} rows; dashed: where both are the same.`,
    }),
    curvePlot({
      ...{ id: 'residuals', title: 'Residuals by predicted value', x: 'predicted value', y: 'predicted - true' },
      lines: [
        { points: at('mean'), dots: true },
        { points: at('low'), look: 'second' },
        { points: at('high'), look: 'second' },
      ],
      words: `Mean residual of ${count(parts.length)} parts of the rows by rising prediction; dashed: the quantiles 0.1 and 0.9.`,
    }),
  ];
}

function partsTable({ parts }: Values): Html {
  const rows = parts.map(({ n, meanPrediction, meanLabel, residual }, at): Part[] => [
    ...[String(at + 1), count(n), number(meanPrediction), number(meanLabel)],
    ...[number(residual.mean), `${number(residual.low)} to ${number(residual.high)}`],
  ]);
  return html`<h3>Residuals by predicted value</h3>
    ${table(
      'Parts of the holdout by rising prediction',
      ['part', '#rows', '#mean prediction', '#mean label', '#mean residual', '#quantiles 0.1 to 0.9'],
      rows,
    )}`;
}
