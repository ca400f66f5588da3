// The limits of a version in sentences: few rows, missing classes, unknown intervals, drift at the time, what has become of it since.
import type { Estimate } from '../../domain/evaluation/evaluation';
import type { CardFacts } from './facts';

const DAYS_OF_A_YEAR = 365;
/** With fewer days an interval by days is a rough one. */
const FEW_DAYS = 14;

/** What a reader has to know before relying on the numbers. */
export function limitsOf(facts: CardFacts): string[] {
  return [...ofState(facts), ...ofData(facts), ...ofEvaluation(facts), ...ofExplanation(facts), ...ofDrift(facts)];
}

function ofState({ version, decision, loan }: CardFacts): string[] {
  const limits = [];
  if (version.state === 'quarantined') limits.push('It was taken out of service and is quarantined.');
  if (version.state === 'rejected') limits.push('A decision rejected it.');
  if (version.state === 'deleted') limits.push('Retention has deleted it: its numbers stay, its files are gone.');
  if (version.state === 'experiment') {
    const settings = version.lineage.experiment?.settings.join(', ') || 'as defined';
    limits.push(`It was made by an experiment (${settings}): it cannot be promoted, and no decision judges it.`);
  } else if (loan) {
    const [from] = loan.chain;
    limits.push(
      `It is borrowed: ${from} serves as ${version.model}, and no gate of ${version.model} has let it through.`,
    );
  } else if (!decision) limits.push('No decision has judged it yet.');
  else if (!decision.champion) limits.push('There was no champion to compare it with when it was judged.');
  return limits;
}

function ofData({ snapshot, plan: trainedBy, loan }: CardFacts): string[] {
  const plan = loan?.plan ?? trainedBy;
  if (!snapshot) return ['Its snapshot is not recorded any more: what it was trained on cannot be said.'];
  const { from, to, count } = snapshot.trainDays;
  const limits = [];
  if (count < DAYS_OF_A_YEAR)
    limits.push(`It was trained on ${count} days, ${from} to ${to}: it has not seen every season of a year.`);
  if (plan.owner === '') limits.push('The definition names nobody who answers for the model.');
  if (plan.description === '') limits.push('The definition does not say what the model is for.');
  return limits;
}

function ofEvaluation({ evaluation, plan: trainedBy, loan }: CardFacts): string[] {
  const plan = loan?.plan ?? trainedBy;
  if (!evaluation && loan) return ['It has not been evaluated on rows of its own model: the metrics are the lender’s.'];
  if (!evaluation) return ['It has not been evaluated on the snapshot that it was trained for.'];
  const limits: string[] = [];
  if (loan)
    limits.push(`Its own metrics are those of a decision of its model, on the snapshot ${evaluation.snapshot}.`);
  for (const [name, set] of [
    ['holdout', evaluation.holdout],
    ['truth set', evaluation.truth],
  ] as const) {
    const { n, days, positives, classRows } = set;
    const ofThem = positives === undefined ? '' : `, ${positives} of them positive`;
    limits.push(`The ${name} has ${n} rows of ${days} days${ofThem}.`);
    if (positives === 0 || positives === n) {
      const missing = positives === 0 ? 'positive' : 'negative';
      limits.push(`The ${name} has no ${missing} row: metrics that need both classes are unknown.`);
    }
    const absent = evaluation.classes?.filter((_, at) => classRows?.[at] === 0) ?? [];
    if (absent.length > 0)
      limits.push(`The ${name} has no row of ${absent.join(', ')}: how they are predicted is unknown.`);
    if (days < FEW_DAYS) limits.push(`Intervals on the ${name} rest on ${days} days only, and are rough.`);
    const metrics: [string, Estimate][] = Object.entries(set.metrics);
    const open = metrics.filter(([, { value, low }]) => value !== null && low === null).map(([metric]) => metric);
    if (open.length > 0) limits.push(`On the ${name} there is no interval for ${open.join(', ')}.`);
  }
  const { slices, sliceMinRows } = plan.evaluation;
  if (slices.length > 0)
    limits.push(`Slices of ${slices.join(', ')} with fewer than ${sliceMinRows} holdout rows are not shown.`);
  return limits;
}

function ofExplanation({ explanation, explanationProblem }: CardFacts): string[] {
  if (!explanation) return [`It could not be explained: ${explanationProblem}`];
  const { rows, of } = explanation.importance;
  const sample = rows < of ? [`Importance was measured on ${rows} of the ${of} holdout rows.`] : [];
  return [...sample, ...explanation.notes];
}

function ofDrift({ monitoring }: CardFacts): string[] {
  if (!monitoring)
    return ['No monitoring report of the 30 days before its training says whether the data had drifted.'];
  const drifted = monitoring.drift.filter((each) => each.drifted).map(({ feature }) => feature);
  if (drifted.length === 0)
    return [`On ${monitoring.day}, the last report before its training, no judged feature had drifted.`];
  return [
    `On ${monitoring.day}, the last report before its training, these features had drifted: ${drifted.join(', ')}.`,
  ];
}
