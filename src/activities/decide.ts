// The decision of a cycle: every candidate judged on the same rows as the champion, one record with all numbers and thresholds.
import { dayNumber } from '../domain/days';
import type { CandidateJudgement, Decision, DecisionSummary, Evaluation, PromotionKind } from '../domain/evaluation';
import { UnderstudyError } from '../domain/failures';
import {
  absoluteGates,
  choose,
  refreshGates,
  switchGates,
  unseenGate,
  type Comparison,
  type PairedDifference,
} from '../domain/gates';
import type { SnapshotRef } from '../domain/partitions';
import type { ModelPlan } from '../domain/plan';
import type { ModelVersion } from '../domain/registry';
import type { CycleContext, DataActivities } from '../ports/activities';
import { rowLogLoss } from '../statistics/metrics/binary/probabilities';
import { pairedClusterTest } from '../statistics/significance/cluster-t';
import { BINARY_METRICS } from '../statistics/metrics/binary/evaluate';
import { heartbeating } from './boundary';
import type { DataDependencies } from './dependencies';
import { digestOf } from './digest';
import { createEvaluator, finite, type Evaluator } from './evaluate';
import { planLoader } from './plans';

interface Judged {
  readonly version: ModelVersion;
  readonly evaluation: Evaluation;
}

export function createDecideActivities(
  dependencies: DataDependencies,
): Pick<DataActivities, 'decideCycle' | 'decideAgain'> {
  const { stores } = dependencies;
  const { registry } = stores;
  const loadPlan = planLoader(stores.definitions);
  const evaluator = createEvaluator(dependencies);

  async function judged(plan: ModelPlan, version: number, snapshot: SnapshotRef): Promise<Judged> {
    const loaded = await registry.load(plan.name, version);
    return { version: loaded, evaluation: await evaluator.evaluate(plan, loaded, snapshot) };
  }

  async function decide(
    plan: ModelPlan,
    context: CycleContext,
    snapshot: SnapshotRef,
    versions: readonly number[],
  ): Promise<Decision> {
    const pointer = await registry.champion(plan.name);
    const champion = pointer.version === null ? null : await judged(plan, pointer.version, snapshot);
    const candidates = await Promise.all(
      versions.filter((version) => version !== pointer.version).map((version) => judged(plan, version, snapshot)),
    );
    const judgements = champion
      ? await judgeAgainst(plan, snapshot, champion, candidates)
      : candidates.map((candidate) => withVerdict(candidate, 'first', absoluteGates(plan, candidate.evaluation)));
    const ranks = new Map(candidates.map(({ version, evaluation }) => [version.version, rankOf(plan, evaluation)]));
    const outcome = choose(judgements, (version) => ranks.get(version) ?? Infinity, champion !== null);
    const record = {
      model: plan.name,
      cycle: context.cycle,
      logicalTime: context.logicalTime,
      snapshot: snapshot.id,
      definitionDigest: context.definitionDigest,
      champion: champion && {
        version: champion.version.version,
        contender: champion.version.contender,
        epoch: pointer.epoch,
      },
      candidates: judgements,
      ...outcome,
    };
    return { digest: digestOf(record), ...record };
  }

  /** Refreshes first: a switch must also beat the refreshed champion, which would otherwise take over. */
  async function judgeAgainst(
    plan: ModelPlan,
    snapshot: SnapshotRef,
    champion: Judged,
    candidates: readonly Judged[],
  ): Promise<CandidateJudgement[]> {
    const unseen = unseenGate(
      await trainedTo(champion.version),
      dayNumber(snapshot.holdoutDays.from),
      snapshot.holdoutDays.count,
    );
    const judgements = new Map<number, CandidateJudgement>();
    let incumbent: Judged | null = null;
    for (const candidate of candidates.filter(({ version }) => version.contender === champion.version.contender)) {
      const difference = await compare(evaluator, snapshot, champion, candidate);
      const gates = [
        ...absoluteGates(plan, candidate.evaluation),
        unseen,
        ...refreshGates(plan.evaluation, difference),
      ];
      const judgement = withVerdict(candidate, 'refresh', gates);
      judgements.set(candidate.version.version, judgement);
      if (judgement.passed) incumbent = candidate;
    }
    for (const candidate of candidates.filter(({ version }) => version.contender !== champion.version.contender)) {
      const gates = [...absoluteGates(plan, candidate.evaluation), unseen];
      gates.push(
        ...switchGates(plan.evaluation, await compare(evaluator, snapshot, champion, candidate), 'the champion'),
      );
      if (incumbent)
        gates.push(
          ...switchGates(
            plan.evaluation,
            await compare(evaluator, snapshot, incumbent, candidate),
            'the refreshed champion',
          ),
        );
      judgements.set(candidate.version.version, withVerdict(candidate, 'switch', gates));
    }
    return candidates.map(({ version }) => judgements.get(version.version)!);
  }

  /** The last day that a version was trained on, as a day number. */
  async function trainedTo({ lineage, version }: ModelVersion): Promise<number> {
    const snapshot = await stores.features.loadSnapshot(lineage.snapshot);
    if (!snapshot)
      throw new UnderstudyError(
        'ARTIFACT_MISSING',
        `snapshot ${lineage.snapshot} of version ${version} is not recorded`,
      );
    return dayNumber(snapshot.trainDays.to);
  }

  async function record(plan: ModelPlan, context: CycleContext, decision: Decision): Promise<DecisionSummary> {
    await stores.ledger.once(`decision/${plan.name}/${decision.digest}`, decision.digest, async (tx) => {
      await registry.saveDecision(tx, decision, null);
      for (const { version, passed } of decision.candidates) {
        const { state } = await registry.load(plan.name, version);
        if (!passed && state === 'candidate') await registry.setState(tx, plan.name, version, 'rejected');
      }
      const { verdict, proposed, reasons } = decision;
      await stores.audit.add(tx, {
        model: plan.name,
        asOf: context.asOf,
        by: `policy of ${plan.name}`,
        action: `decision.${verdict}`,
        subject: decision.digest,
        details: { cycle: decision.cycle, proposed, reasons },
      });
      return {};
    });
    const { proposed } = decision;
    return {
      digest: decision.digest,
      verdict: decision.verdict,
      version: proposed?.version ?? null,
      contender: proposed?.contender ?? null,
      kind: proposed?.kind ?? null,
      needsApproval: proposed !== null && needsApproval(plan, proposed.kind),
      championEpoch: decision.champion?.epoch ?? (await registry.champion(plan.name)).epoch,
      reason: decision.reasons.join('; ').slice(0, 2000),
    };
  }

  return {
    decideCycle: (input) =>
      heartbeating(async () => {
        const { plan } = await loadPlan(input.definitionDigest);
        return record(plan, input, await decide(plan, input, input.snapshot, input.versions));
      }),

    decideAgain: (input) =>
      heartbeating(async () => {
        const { plan } = await loadPlan(input.definitionDigest);
        const earlier = (await registry.decisions(plan.name, 1000)).find(({ digest }) => digest === input.digest);
        const snapshot = earlier && (await stores.features.loadSnapshot(earlier.snapshot));
        if (!snapshot)
          throw new UnderstudyError('VERSION_NOT_FOUND', `decision ${input.digest} of ${plan.name} is not recorded`);
        const context = { ...input, logicalTime: earlier.logicalTime };
        const versions = earlier.candidates.map(({ version }) => version);
        return record(plan, context, await decide(plan, context, snapshot, versions));
      }),
  };
}

/** The primary metric on the holdout, turned so that less is better; unknown is the worst. */
function rankOf({ evaluation: { primary } }: ModelPlan, { holdout }: Evaluation): number {
  const { value } = holdout.metrics[primary];
  if (value === null) return Infinity;
  return BINARY_METRICS[primary].direction === 'lower' ? value : -value;
}

function needsApproval(plan: ModelPlan, kind: PromotionKind): boolean {
  return plan.approval.when === 'always' || (plan.approval.when === 'on-contender-change' && kind !== 'refresh');
}

function withVerdict({ version }: Judged, kind: PromotionKind, gates: CandidateJudgement['gates']): CandidateJudgement {
  return {
    contender: version.contender,
    version: version.version,
    kind,
    passed: gates.every(({ passed }) => passed),
    gates,
  };
}

/** Both on exactly the same rows of the same snapshot (invariant 5); a version is never compared with itself. */
export async function compare(
  evaluator: Evaluator,
  snapshot: SnapshotRef,
  base: Judged,
  candidate: Judged,
): Promise<Comparison> {
  if (base.version.version === candidate.version.version) {
    throw new UnderstudyError('VERSION_NOT_ALLOWED', `version ${base.version.version} would be compared with itself`);
  }
  const coding = await evaluator.matrices.signature(snapshot.signature);
  const on = async (set: 'holdout' | 'truth'): Promise<PairedDifference> => {
    const { labels, days } = await evaluator.matrices.read(snapshot[set], coding);
    const baseLoss = rowLogLoss(labels, await evaluator.predictions(base.evaluation.predictions[set]));
    const loss = rowLogLoss(labels, await evaluator.predictions(candidate.evaluation.predictions[set]));
    const test = pairedClusterTest(baseLoss, loss, days);
    return {
      value: finite(test.meanDifference),
      low: finite(test.low),
      high: finite(test.high),
      pOneSided: finite(test.pOneSided),
      n: test.n,
      days: test.clusters,
    };
  };
  return { holdout: await on('holdout'), truth: await on('truth') };
}
