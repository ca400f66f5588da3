// The decision over judged versions: every gate of every candidate, on the same rows, with all numbers. It reads and writes nothing.
// Invariant: what is put in decides everything that comes out, so that a decision can be made again later, to the same digest.
import type {
  CandidateJudgement,
  Decision,
  GateResult,
  LookRecord,
  PromotionKind,
} from '../../domain/evaluation/evaluation';
import { dayOfNumber } from '../../domain/days';
import { absoluteGates, unseenGate, type GroupGap } from '../../domain/gates/absolute';
import { refreshGates, switchGates, type Evidence } from '../../domain/gates/against';
import { businessAgainst, businessGates } from '../../domain/gates/business';
import { choose } from '../../domain/gates/choose';
import { parseMetric, rankOfValue } from '../../domain/evaluation/metrics';
import type { ModelPlan } from '../../domain/plan/plan';
import { daysToShow, judgeChallengers, type JudgedChallenger } from '../../statistics/significance/challengers';
import { spending } from '../../statistics/significance/corrections/look-levels';
import { digestOf } from '../digest';
import { businessDifference } from '../evaluation/business-measures';
import { compare, type Judged, type PairedRows } from './compare';
import { estimate, finite } from '../evaluation/estimates';
import { gapsOf } from '../evaluation/measure';
import { lookDaysOf, type LookOfReign, type OwnChallenger } from './looks';
import { productionGates, productionReport, type ProductionRows } from './production';
import type { JudgedRows, JudgedSet } from '../evaluation/rows';

/** What a decision rests on. */
export interface Case {
  readonly plan: ModelPlan;
  readonly rows: Readonly<Record<JudgedSet, JudgedRows>>;
  /** Days since 1970-01-01. */
  readonly holdoutFrom: number;
  readonly holdoutDays: number;
  readonly champion: (Judged & { readonly epoch: number; readonly trainedTo: number }) | null;
  readonly candidates: readonly Judged[];
  /** What the champion has served; absent where the plan does not ask for it. */
  readonly production?: ProductionRows | null;
  readonly look: LookOfReign;
}

/** The decision of a case. */
export function decide(
  input: Case,
  about: Pick<Decision, 'model' | 'cycle' | 'logicalTime' | 'snapshot' | 'definitionDigest'>,
): Decision {
  const { plan, champion, candidates } = input;
  const judgements = judgeAll(input);
  const ranks = new Map(candidates.map((candidate) => [candidate.version.version, rankOf(plan, candidate)]));
  const { primary } = plan.evaluation;
  const outcome = choose(judgements, (version) => ranks.get(version) ?? Infinity, champion !== null, {
    metric: primary,
    of: (asked) =>
      candidates.find(({ version }) => version.version === asked)?.measures.holdout.metrics[primary]?.value ?? null,
  });
  const production = productionReport(plan, input.production, candidates);
  const record = {
    ...about,
    champion: champion && {
      version: champion.version.version,
      contender: champion.version.contender,
      epoch: champion.epoch,
    },
    candidates: judgements,
    ...(production && { production }),
    ...outcome,
  };
  return { digest: digestOf(record), ...record };
}

/** Every candidate's gates, in the order of the candidates. */
export function judgeAll(input: Case): CandidateJudgement[] {
  const { plan, rows, champion, candidates } = input;
  const alone = new Map(
    candidates.map((candidate) => {
      const gaps = gapsOf(plan.evaluation.fairness, rows.holdout, candidate.predictions.holdout);
      return [candidate, { gates: gatesAlone(plan, candidate, gaps), notJudged: gaps.flatMap(tooSmall) }];
    }),
  );
  if (!champion) return candidates.map((candidate) => withVerdict(candidate, 'first', alone.get(candidate)!));
  const unseen = unseenGate('champion-unseen', champion.trainedTo, input.holdoutFrom, input.holdoutDays);
  const judge = (candidate: Judged, kind: PromotionKind, gates: GateResult[], paired: PairedRows) => {
    const own = alone.get(candidate)!;
    const business = businessAgainst(plan.evaluation, paired.comparison.against, (on) =>
      businessDifference(champion.measures.business, candidate.measures.business, on),
    );
    const served = productionGates(plan, input.production, champion.version, candidate);
    const notJudged = [...own.notJudged, ...paired.comparison.notJudged];
    return withVerdict(candidate, kind, { gates: [...own.gates, unseen, ...gates, ...business, ...served], notJudged });
  };
  const judgements = new Map<Judged, CandidateJudgement>();
  let incumbent: Judged | null = null;
  for (const candidate of candidates.filter(({ version }) => version.contender === champion.version.contender)) {
    const paired = compare(plan.evaluation, rows, champion, candidate, 'the champion');
    const judgement = judge(candidate, 'refresh', refreshGates(plan.evaluation, paired.comparison), paired);
    judgements.set(candidate, judgement);
    if (judgement.passed) incumbent = candidate;
  }
  // Refreshes first: a switch must also beat the refreshed champion, which would otherwise take over.
  const challengers = candidates.filter(({ version }) => version.contender !== champion.version.contender);
  const against = evidence(input, champion, challengers, 'the champion');
  const alsoAgainst = incumbent && evidence(input, incumbent, challengers, 'the refreshed champion');
  challengers.forEach((candidate, i) => {
    const gates = [against[i]!, ...(alsoAgainst ? [alsoAgainst[i]!] : [])].flatMap(({ paired, found }) =>
      switchGates(plan.evaluation, paired.comparison, found),
    );
    judgements.set(candidate, judge(candidate, 'switch', gates, against[i]!.paired));
  });
  return candidates.map((candidate) => judgements.get(candidate)!);
}

/** The gates that a candidate passes or fails by itself. */
export function gatesAlone(plan: ModelPlan, { measures }: Judged, gaps: readonly GroupGap[]): GateResult[] {
  return [...absoluteGates(plan, measures, gaps), ...businessGates(plan.evaluation.businessMetric, measures)];
}

/** All challengers against one base, corrected for being several and for looking again. */
function evidence(
  { plan: { evaluation }, rows, look, champion }: Case,
  base: Judged,
  challengers: readonly Judged[],
  name: string,
): { readonly paired: PairedRows; readonly found: Evidence }[] {
  const pairs = challengers.map((challenger) => compare(evaluation, rows, base, challenger, name));
  const { level, minDays, minRows } = evaluation.superiority;
  const days = [...new Set(rows.holdout.days)].map(dayOfNumber);
  const own = pairs.map(({ holdoutDays, comparison }, i): OwnChallenger => ({
    contender: challengers[i]!.version.contender,
    days: Object.fromEntries(holdoutDays.map(({ difference }, day) => [days[day]!, difference])),
    isTested: comparison.holdout.pOneSided !== null,
  }));
  const joint = look.earlier && lookDaysOf(look.earlier, own);
  const judged = judgeChallengers(
    pairs.map(({ holdoutDays }) => holdoutDays),
    { level, leastDays: minDays, leastRows: minRows, look, ...(joint && { lookDays: joint.lookDays }) },
  );
  const isChampion = base.version.version === champion?.version.version;
  return pairs.map((paired, i) => {
    const { spentBefore, spentAfter } = spending(level, look);
    const record = joint && {
      ...{ spentBefore, spends: spentAfter - spentBefore, jointly: judged[i]!.jointly, leftOut: joint.leftOut },
      ...(isChampion && { differences: recordable(own[i]!) }),
    };
    return { paired, found: evidenceOf(judged[i]!, { number: look.number, of: look.of, ...record }) };
  });
}

/** JSON has no NaN, and a look with one is no test. */
function recordable({ days, isTested }: OwnChallenger): OwnChallenger['days'] {
  return isTested ? days : {};
}

function evidenceOf(judged: JudgedChallenger, look: LookRecord): Evidence {
  const { meanDifference: value, low, high } = judged.test;
  return {
    p: finite(judged.p),
    pAdjusted: finite(judged.pAdjusted),
    tests: judged.tests,
    difference: estimate({ value, low, high }),
    look,
    daysNeeded: judged.verdict === 'better' ? null : daysToShow(judged),
    level: judged.lookLevel,
  };
}

function withVerdict(
  { version }: Judged,
  kind: PromotionKind,
  { gates, notJudged }: Pick<CandidateJudgement, 'gates' | 'notJudged'>,
): CandidateJudgement {
  return {
    contender: version.contender,
    version: version.version,
    kind,
    passed: gates.every(({ passed }) => passed),
    gates,
    notJudged,
  };
}

function tooSmall({ plan, tooSmall: groups }: GroupGap): string[] {
  return groups.map(
    ({ group, n }) => `${plan.column} = ${group} in ${plan.metric}: ${n} rows, needed are ${plan.minRows}`,
  );
}

/** The primary metric on the holdout, turned so that less is better; unknown is the worst. */
function rankOf({ task, evaluation: { primary } }: ModelPlan, { measures: { holdout } }: Judged): number {
  const parsed = parseMetric(task, primary);
  return parsed.ok ? rankOfValue(parsed.facts, holdout.metrics[primary]?.value ?? null) : Infinity;
}
