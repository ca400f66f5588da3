// The sections of a card about how the version was judged: metrics with intervals, curves, slices, champion, decision with its gates.
import type { Task } from '../../domain/evaluation/metrics';
import { lossName } from '../../domain/evaluation/row-loss';
import { isDayGate, shownOfGate } from '../../domain/gates/shortfall';
import { html, facts, table, type Html, type Part } from '../page/html';
import { count, counted, instant, interval, number, share } from '../page/numbers';
import type { CardDocument, ComparisonDocument, DecisionDocument } from './document';
import { curvePlot } from './plots';
import { ofLender } from './loan';
import { constantSentence, metricCells, taskPlots } from './task-judged';

/** Metrics on holdout and truth set. */
export function metricsSection(document: CardDocument): Html {
  const { metrics, slices, intervalLevel, purpose } = document;
  const loss = lossName(purpose.task);
  return html`<section aria-labelledby="metrics">
    <h2 id="metrics">Metrics</h2>
    <p>
      On rows that it was not trained on, through the session that serves. Intervals hold the true value in
      ${share(intervalLevel)} of cases; rows of a day hang together, so they are counted by day.
      ${document.weighted ? 'Rows count by the weight of their label.' : null}
    </p>
    ${table(
      'Metrics with intervals',
      ['metric', 'better', '#holdout', '#interval', '#truth set', '#interval'],
      metrics.map(metricCells),
      'It has not been evaluated.',
    )}
    ${constantSentence(document)}
    <h3>Slices</h3>
    ${table(
      `${loss === 'log loss' ? 'Log loss' : 'Scaled squared error'} on parts of the holdout`,
      ['part', '#rows', `#${loss}`, '#interval'],
      slices.map(({ column, value, n, logLoss }): Part[] => [
        ...[`${column} = ${value}`, count(n), number(logLoss.value), interval(logLoss)],
      ]),
      'No slice was asked for, or none has enough rows.',
    )}
  </section>`;
}

/** ROC, precision and recall, calibration (or what another task has instead), and the training's own curve. */
export function curvesSection(document: CardDocument): Html {
  const { explanation, metrics, purpose } = document;
  if (!explanation) return html``;
  if (purpose.task !== 'binary') {
    return html`<section aria-labelledby="curves">
      <h2 id="curves">Curves</h2>
      ${ofLender(document)} ${taskPlots(explanation.curves, trainingPlot(explanation.curves.training, purpose.task))}
    </section>`;
  }
  const { roc, precisionRecall, calibration, training } = explanation.curves;
  // The curves of a borrowed version are the lender's, and so are the numbers beside them.
  const beside = document.loan?.metrics ?? metrics;
  const valueOf = (name: string): string => number(beside.find(({ metric }) => metric === name)?.holdout.value);
  const unit = { xRange: [0, 1], yRange: [0, 1] } as const;
  const even = { points: [[0, 0] as const, [1, 1] as const], look: 'second' } as const;
  const plots = [
    curvePlot({
      ...{ id: 'roc', title: 'ROC curve of the holdout', x: 'false positive rate', y: 'true positive rate', ...unit },
      lines: roc ? [{ points: roc }, even] : [],
      words: `Area ${valueOf('roc_auc')}; dashed: chance.`,
    }),
    curvePlot({
      ...{ id: 'pr', title: 'Precision and recall on the holdout', x: 'recall', y: 'precision', ...unit },
      lines: precisionRecall ? [{ points: precisionRecall }] : [],
      words: `Average precision ${valueOf('pr_auc')}.`,
    }),
    curvePlot({
      ...{
        id: 'calibration',
        title: 'Calibration on the holdout',
        x: 'mean prediction',
        y: 'share of positives',
        ...unit,
      },
      lines: calibration
        ? [{ points: calibration.map((bin) => [bin.meanProbability, bin.positiveShare] as const), dots: true }, even]
        : [],
      words: `Ten equal bins; dashed: predictions that can be taken at their word. Expected calibration error ${valueOf('ece')}.`,
    }),
    trainingPlot(training, 'binary'),
  ];
  return html`<section aria-labelledby="curves">
    <h2 id="curves">Curves</h2>
    ${ofLender(document)}
    ${
      roc === null || precisionRecall === null
        ? html`<p class="none">The holdout has one class only: there are no curves of it.</p>`
        : null
    }
    <div class="figures">${plots}</div>
  </section>`;
}

type TrainingPoints = NonNullable<CardDocument['explanation']>['curves']['training'];

function trainingPlot(points: TrainingPoints, task: Task): Html {
  const of = (name: 'train' | 'valid') =>
    points.flatMap((point) => (point[name] === undefined ? [] : [[point.iteration, point[name]] as const]));
  const [train, valid] = [of('train'), of('valid')];
  const best = valid.reduce<readonly [number, number] | null>((a, b) => (a === null || b[1] < a[1] ? b : a), null);
  return curvePlot({
    ...{ id: 'training', title: 'Training', x: 'iteration', y: task === 'regression' ? 'loss' : 'log loss' },
    lines: [
      ...(valid.length > 0 ? [{ points: valid }] : []),
      ...(train.length > 0 ? [{ points: train, ...(valid.length > 0 ? { look: 'second' as const } : {}) }] : []),
    ],
    words: best
      ? `On the early-stopping days, least at iteration ${best[0]} (${number(best[1])}); dashed: on the training rows.`
      : 'On the training rows.',
  });
}

/** The champion on the same rows; a sentence where there was none. */
export function comparisonSection({ comparison }: CardDocument): Html {
  return html`<section aria-labelledby="comparison">
    <h2 id="comparison">Beside the champion</h2>
    ${comparison ? compared(comparison) : html`<p class="none">No champion was judged on the same rows.</p>`}
  </section>`;
}

function compared({ champion, contender, metrics }: ComparisonDocument): Html {
  return html`<p>Version ${champion} (${contender}), the champion at the time, on exactly the same rows.</p>
    ${
      metrics.some(({ difference }) => difference.low !== null)
        ? html`<p>
            The interval of a difference is of the same rows in pairs, by day: where it holds 0, chance can have made
            the difference.
          </p>`
        : html`<p class="none">The rows or the models are gone: the differences have no intervals.</p>`
    }
    ${table(
      'This version and the champion',
      ['metric', 'on', '#this version', '#champion', '#difference', '#interval', 'better is'],
      metrics.map(({ metric, on, version, champion: theirs, difference, better }): Part[] => [
        ...[metric, on === 'truth' ? 'truth set' : on, number(version), number(theirs)],
        ...[number(difference.value), interval(difference), better === 'zero' ? 'near 0' : better],
      ]),
    )}`;
}

/** The decision with every gate, and what became of the version. */
export function decisionSection({ decision, moves, state }: CardDocument): Html {
  return html`<section aria-labelledby="decision">
    <h2 id="decision">Decision</h2>
    ${decision ? decided(decision) : html`<p class="none">${state === 'experiment' ? 'It is an experiment: no decision judges it, and it cannot be promoted.' : 'No decision has judged this version.'}</p>`}
    <h3>In service</h3>
    ${table(
      'When it became the champion',
      ['as of', 'why', 'by', 'reason', '#epoch'],
      moves.map(({ asOf, why, by, reason, epoch }): Part[] => [instant(asOf), why, by, reason, count(epoch)]),
      'It has never been the champion.',
    )}
  </section>`;
}

function decided({
  digest,
  cycle,
  verdict,
  proposed,
  outcome,
  kind,
  gates,
  reasons,
  approval,
  at,
}: DecisionDocument): Html {
  return html`${facts([
    ['verdict of the cycle', verdict],
    ['this version', outcome],
    ['judged as', kind],
    [
      proposed ? 'approval' : 'approval of the proposed version',
      approval && `${approval.verdict} by ${approval.by}${approval.comment === '' ? '' : `: ${approval.comment}`}`,
    ],
    ['cycle', cycle],
    ['at', instant(at)],
    ['digest', html`<code>${digest.slice(0, 16)}</code>`],
  ])}
  ${reasons.map((reason) => html`<p>${reason}</p>`)}
  ${table(
    `The ${counted(gates.length, 'gate')} of this version`,
    ['gate', 'on', '#value', '#interval', '#threshold', '#rows', '', 'in words'],
    gates.map((gate): Part[] => [
      ...[gate.gate, gate.of ? `${gate.on}, ${gate.of}` : gate.on],
      ...(isDayGate(gate)
        ? [shownOfGate(gate, gate.value) ?? '–', '–', `${gate.comparison} ${shownOfGate(gate, gate.threshold)}`]
        : [number(gate.value), interval(gate), `${gate.comparison} ${number(gate.threshold)}`]),
      ...[
        count(gate.n),
        html`<span class="${gate.passed ? 'passed' : 'failed'}">${gate.passed ? '✓ passed' : '✗ failed'}</span>`,
      ],
      gate.explanation,
    ]),
  )}`;
}
