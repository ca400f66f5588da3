// A decision in words: what was compared on which rows, each gate with its number, why it ended so, and what would have to change.
import type { CandidateJudgement, Decision, GateResult } from '../domain/evaluation/evaluation';
import type { SnapshotRef } from '../domain/data/partitions';
import { lossName } from '../domain/evaluation/row-loss';
import { shownNumber } from '../domain/evaluation/shown-numbers';
import { isDayGate, shownOfGate } from '../domain/gates/shortfall';
import { facts, table } from './output';

/** A recorded decision with what people said to it. */
export type Recorded = Decision & {
  readonly approval: { readonly verdict: string; readonly by: string; readonly comment: string } | null;
  readonly at: string;
};

const VERDICTS = { promote: 'promote', keep: 'keep the champion', reject: 'reject all, there is no champion' } as const;
const KINDS = {
  first: 'first champion: judged by itself',
  refresh: "refresh, the champion's own contender on newer data: must not be worse beyond the margins",
  switch: 'switch to another contender: must be better with evidence',
} as const;

/** The whole decision. `snapshot`: null when it is not recorded any more. `all`: also the numbers of the gates that passed. */
export function decisionText(decision: Recorded, snapshot: SnapshotRef | null, all = false): string {
  const { champion, proposed, approval } = decision;
  const head = facts([
    ['decision', decision.digest],
    ['of', `${decision.model}, logical time ${decision.logicalTime}, ${decision.cycle}`],
    [
      'verdict',
      `${VERDICTS[decision.verdict]}${proposed ? ` version ${proposed.version} (${proposed.contender})` : ''}`,
    ],
    [
      'champion',
      champion ? `version ${champion.version} (${champion.contender}), epoch ${champion.epoch}` : 'none yet',
    ],
    ['definition', decision.definitionDigest],
    ['snapshot', decision.snapshot],
    ...rowFacts(snapshot),
    ['approval', approval && `${approval.verdict} by ${approval.by}${approval.comment ? `: ${approval.comment}` : ''}`],
  ]);
  const why = ['Why', ...decision.reasons.map((reason) => `- ${reason}`)].join('\n');
  const served = decision.production ? [productionText(decision.production)] : [];
  return [head, ...decision.candidates.map((candidate) => candidateText(candidate, all)), ...served, why].join('\n\n');
}

/** Metrics on what the champion has served, its own as they were served. */
function productionText({ n, days, champion, candidates }: NonNullable<Decision['production']>): string {
  const metrics = Object.keys(champion.metrics);
  const rows = metrics.map((metric) => [
    metric,
    shown(champion.metrics[metric]?.value ?? null),
    ...candidates.map((each) => shown(each.metrics.metrics[metric]?.value ?? null)),
  ]);
  const head = ['metric', 'as served', ...candidates.map(({ version }) => `version ${version}`)];
  return `Production: ${n} labelled rows of ${days} days, served by the champion since its promotion\n${table(head, rows)}`;
}

function rowFacts(snapshot: SnapshotRef | null): (readonly [string, string])[] {
  if (!snapshot) return [['rows', 'the snapshot is not recorded any more']];
  const { holdout, holdoutDays, truth, truthDays, trainDays } = snapshot;
  return [
    ['trained on', `${trainDays.from} to ${trainDays.to} (${trainDays.count} days)`],
    [
      'compared on',
      `all on the same rows: holdout ${holdoutDays.from} to ${holdoutDays.to} (${holdoutDays.count} days, ` +
        `${holdout.rows ?? '?'} rows), truth set (${truthDays.count} days, ${truth.rows ?? '?'} rows)`,
    ],
  ];
}

function candidateText(candidate: CandidateJudgement, all: boolean): string {
  const { contender, version, kind, passed, gates } = candidate;
  const failed = gates.filter((gate) => !gate.passed);
  const parts = [
    `Version ${version} (${contender}), ${KINDS[kind]}: ${passed ? 'every gate passed' : `${failed.length} of ${gates.length} gates failed`}`,
    gateTable(gates, all),
    ...lookLines(gates),
  ];
  const notJudged: readonly string[] = candidate.notJudged ?? [];
  if (notJudged.length > 0) parts.push(['Too small to be judged', ...notJudged.map((each) => `- ${each}`)].join('\n'));
  if (failed.length > 0)
    parts.push(['What would have to change', ...failed.map((gate) => `- ${change(gate)}`)].join('\n'));
  return parts.join('\n');
}

/** What the critical p of a switch was solved from; nothing for a decision of before exact boundaries. */
export function lookLines(gates: readonly GateResult[]): string[] {
  return gates.flatMap(({ gate, against, threshold, test }) => {
    const look = test?.look;
    if (gate !== 'superiority' || look?.spentBefore === undefined || look.spends === undefined) return [];
    const joint = (look.jointly ?? []).map(
      ({ number, sharedDays, correlation }) =>
        `look ${number} (${sharedDays} shared days, correlation ${correlation.toFixed(2)})`,
    );
    return [
      `Look ${look.number} of ${look.of} against version ${against ?? '?'}: ${shown(look.spentBefore)} of the level spent before, ` +
        `${shown(look.spends)} for this one; critical p ${shown(threshold)}` +
        (joint.length > 0 ? `, jointly with ${joint.join(', ')}` : '') +
        (look.leftOut ? `; left out: ${look.leftOut}` : ''),
    ];
  });
}

/** Gates with number, interval, threshold, rows, days, adjusted p: those that failed, and how many passed; with `all` each of them, failed ones first. */
export function gateTable(gates: readonly GateResult[], all = false): string {
  const failed = gates.filter(({ passed }) => !passed);
  const passed = gates.filter((gate) => gate.passed);
  const listed = all ? [...failed, ...passed] : failed;
  const names = [...new Set(passed.map(({ gate }) => gate))].join(', ');
  const parts = listed.length === 0 ? [] : [gateRows(listed)];
  if (!all && passed.length > 0)
    parts.push(`${passed.length} gate${passed.length === 1 ? '' : 's'} passed: ${names} (numbers: --all)`);
  return parts.join('\n') || '(none)';
}

function gateRows(gates: readonly GateResult[]): string {
  return table(
    ['gate', 'on', 'against', 'number', '95 % interval', 'threshold', 'n', 'days', 'p (adjusted)', ''],
    gates.map((gate) => [
      gate.gate,
      gate.of ? `${gate.on}, ${gate.of}` : gate.on,
      gate.against ?? null,
      gateNumber(gate),
      intervalText(gate),
      `${gate.comparison} ${shownOfGate(gate, gate.threshold)}`,
      gate.n,
      gate.days ?? null,
      gate.test ? `${shown(gate.test.p)} (${shown(gate.test.pAdjusted)})` : null,
      gate.passed ? 'passed' : 'FAILED',
    ]),
  );
}

/** What the gate judges; a p value says that it is one. */
export function gateNumber(gate: GateResult): string | null {
  const number = shownOfGate(gate, gate.value);
  return number !== null && gate.test ? `p ${number}` : number;
}

/** The gate's interval; of a test the difference that was tested, with its own. */
export function intervalText({ low, high, test }: GateResult): string | null {
  const found = test ? test.difference : { value: null, low, high };
  const difference = found.value === null ? '' : `difference ${shown(found.value)}`;
  if (found.low === null || found.high === null) return difference || null;
  const interval = `${shown(found.low)} to ${shown(found.high)}`;
  return difference ? `${difference} [${interval}]` : interval;
}

/** What a failed gate asks for. */
export function change({ gate, on, of, value, threshold, comparison, test, explanation }: GateResult): string {
  const where = of ? `${on}, ${of}` : on;
  if (isDayGate({ gate }))
    return `${gate}: trained up to ${shownOfGate({ gate }, value)}, the holdout begins on ${shownOfGate({ gate }, threshold)}: days that the version was not trained on; wait until the holdout lies after its training`;
  if (value === null) return `${gate} on ${where}: there is no number yet, and without one no gate passes`;
  if (test && gate === 'superiority') {
    const days = test.daysNeeded;
    return (
      `superiority on ${where}: the adjusted p has to fall from ${shown(value)} below ${shown(threshold)}` +
      (days
        ? `; a difference like this one would be shown with chance 0.8 on ${days} holdout days`
        : '; so far there is no improvement that more days would show')
    );
  }
  if (test)
    return `${gate} on ${where}: ${isScaled(explanation) ? 'the scaled squared error' : 'log loss'} has to be lower there; it is ${shown(test.difference.value)} above the champion's`;
  const by = shown(Math.abs(threshold - value));
  const direction = comparison === '<' || comparison === '<=' ? 'fall' : 'rise';
  return `${gate} on ${where}: ${shown(value)} has to ${direction} by ${Number(by) === 0 ? 'a little' : by}, to ${comparison} ${shown(threshold)}`;
}

/** A decision does not say its task; the sentence of the gate names its loss. */
function isScaled(explanation: string): boolean {
  return explanation.includes(lossName('regression'));
}

/** What is said of numbers for which rows do not count the same. */
export const WEIGHTED = 'rows count by label.weight';

/** As {@link shownNumber}; null stays null. */
export function shown(value: number | null): string | null {
  return value === null ? null : shownNumber(value);
}
