// `evaluate`: one version on one snapshot, judged by gates, for a CI pipeline. It touches no champion and records no decision.
import type { EvaluationPlan } from '../../domain/plan/evaluation-plan';
import { parseMetric, type Task } from '../../domain/evaluation/metrics';
import type { Estimate, Measures, MetricSet } from '../../domain/evaluation/evaluation';
import type { VersionReport } from '../../ports/decision-reports';
import { required, text, usage } from '../arguments';
import type { Command } from '../command';
import { gateTable, shown, WEIGHTED } from '../decision-text';
import { namedSnapshot, namedVersion, taskOf } from '../named-versions';
import { table } from '../output';

export const evaluate: Command = {
  name: 'evaluate',
  summary: 'Evaluate a version on a snapshot, and judge it by gates: exit code 1 when one fails.',
  arguments: ['model@version'],
  options: {
    snapshot: { type: 'string', value: 'ID', help: 'the start of its id (default: the newest)' },
    gate: {
      type: 'string',
      value: '[truth.]METRIC=BOUND',
      help: 'a bound on the holdout, or the truth set, of any metric of the task: the least AUC or accuracy, the greatest loss; may be given several times',
      multiple: true,
    },
    all: { type: 'boolean', help: 'also the numbers of the gates that passed' },
    fresh: { type: 'boolean', help: 'score again what was scored before, and say where it differs' },
    gates: { type: 'boolean', help: "the definition's gates, also those against the champion" },
  },
  examples: [
    'evaluate flight-delay@7 --gates',
    'evaluate flight-delay@7 --gate roc_auc=0.65 --gate truth.log_loss=0.5',
    'evaluate flight-delay@champion --snapshot 4fa1c09b --json',
  ],
  async run(context, input) {
    const stores = await context.stores();
    const { model, version } = await namedVersion(stores, 'evaluate', required(input, 'model@version'));
    const bounds = boundsOf(text(input, 'gate'), await taskOf(stores, model));
    const snapshot = await namedSnapshot(stores, model, text(input, 'snapshot'));
    const byDefinition = input.options['gates'] === true;
    const reports = await context.decisionReports();
    const fresh = input.options['fresh'] === true;
    const report = await reports.evaluate({ model, version, snapshot, bounds, byDefinition, fresh });
    const isJudged = byDefinition || bounds.length > 0;
    // Also without any gate asked for: that the version was not trained on these days is always judged.
    if (!report.passed) context.setExitCode(1);
    context.output.result({ model, ...report }, () =>
      reportText(model, report, isJudged, input.options['all'] === true),
    );
  },
};

/** Reads `roc_auc=0.65,truth.log_loss=0.5,precision@0.3=0.5`. A bound on what is best near 0 holds on both sides. Fails with USAGE. */
function boundsOf(given: string | undefined, task: Task): EvaluationPlan['gates'] {
  return (given?.split(',') ?? []).map((each) => {
    const [, set, metric, bound] = /^(truth\.|holdout\.)?([^=]+)=(-?\d+(?:\.\d+)?(?:e-?\d+)?)$/.exec(each) ?? [];
    if (metric === undefined || bound === undefined)
      throw usage(`--gate: found "${each}", allowed is METRIC=BOUND or truth.METRIC=BOUND`);
    const parsed = parseMetric(task, metric);
    if (!parsed.ok) throw usage(`--gate: found "${each}": ${parsed.problem}`);
    const { direction } = parsed.facts;
    const [least, greatest] = parsed.facts.range;
    if ((least !== null && Number(bound) < least) || (greatest !== null && Number(bound) > greatest))
      throw usage(
        `--gate: found "${each}", allowed for ${metric} is a bound ${greatest === null ? `from ${least}` : `from ${least ?? 'any number'} to ${greatest}`}`,
      );
    const [on, limit] = [set === 'truth.' ? 'truth' : 'holdout', Number(bound)] as const;
    if (direction === 'zero') return { metric, on, min: -Math.abs(limit), max: Math.abs(limit) };
    return { metric, on, [direction === 'lower' ? 'max' : 'min']: limit };
  });
}

function reportText(model: string, report: VersionReport, isJudged: boolean, all: boolean): string {
  const { measures, champion, gates, notJudged, passed } = report;
  const parts = [
    `${model}@${measures.version} (${measures.contender}) on snapshot ${measures.snapshot}${champion === null ? '' : `, beside the champion ${model}@${champion}`}${measures.weighted ? `; ${WEIGHTED}` : ''}`,
    scoredText(report.scored),
    measuresTable(measures),
    gateTable(gates, all),
  ];
  if (notJudged.length > 0) parts.push(['Too small to be judged', ...notJudged.map((each) => `- ${each}`)].join('\n'));
  const failed = gates.filter((gate) => !gate.passed);
  if (isJudged || !passed) {
    parts.push(
      passed
        ? 'Every gate passed.'
        : [
            `${failed.length} of ${gates.length} gates failed`,
            ...failed.map(({ explanation }) => `- ${explanation}`),
          ].join('\n'),
    );
  }
  return parts.join('\n');
}

/** Where the predictions are from, and what scoring them again has shown. */
function scoredText({ predictions, recordedAt, onnx, differences }: VersionReport['scored']): string {
  const model = `model ${onnx.slice(0, 12)} opened, its digest is right; latency measured now`;
  if (predictions === 'recorded') return `Predictions recorded on ${recordedAt}; ${model}`;
  if (!differences) return `Predictions scored now; ${model}`;
  const sets = Object.entries(differences).flatMap(([set, { numbers, different, largest }]) =>
    different === 0 ? [] : [`${set}: ${different} of ${numbers} differ, by at most ${largest.toPrecision(3)}`],
  );
  const beside = `those recorded on ${recordedAt}`;
  return `Predictions scored now; ${sets.length === 0 ? `${beside} are the same` : `THEY DIFFER from ${beside}: ${sets.join('; ')}`}; ${model}`;
}

/** Metrics of both sets with their intervals, and what serving takes. */
function measuresTable({ holdout, truth, footprint, business }: Measures): string {
  const interval = ({ value, low, high }: Estimate): string | null =>
    low === null || high === null ? shown(value) : `${shown(value)} [${shown(low)}, ${shown(high)}]`;
  const cell = (set: MetricSet, metric: string): string | null =>
    interval(set.metrics[metric] ?? { value: null, low: null, high: null });
  const rows = Object.keys(holdout.metrics).map((metric) => [metric, cell(holdout, metric), cell(truth, metric)]);
  if (business) rows.push([`${business.name}, ${business.unit}`, interval(business.holdout), interval(business.truth)]);
  const sizes = (set: MetricSet): string => `${set.n} rows of ${set.days} days`;
  const metrics = table(['metric', `holdout, ${sizes(holdout)}`, `truth set, ${sizes(truth)}`], rows);
  if (!footprint) return metrics;
  const { bytes, oneRow, batch } = footprint;
  return (
    `${metrics}\nONNX graph ${bytes} bytes; p99 of one row ${oneRow.p99Ms.toFixed(3)} ms (${oneRow.runs} runs), ` +
    `of ${batch.rows} rows ${batch.p99Ms.toFixed(3)} ms (${batch.runs} runs)`
  );
}
