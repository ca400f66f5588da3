// The reports on decisions and versions for the command line: no worker is needed, no champion is touched, no decision is recorded.
import { dayNumber } from '../../domain/days';
import type { Decision } from '../../domain/evaluation/evaluation';
import { UnderstudyError } from '../../domain/failures';
import { boundGates, unseenGate } from '../../domain/gates/absolute';
import type { ModelPlan } from '../../domain/plan/plan';
import type { DecisionReports, ScoredBy, VersionDifference } from '../../ports/decision-reports';
import { createEvaluator, type Evaluator } from '../evaluation/evaluate';
import type { FeatureDependencies } from '../features/featurize';
import { planLoader } from '../plans';
import { goneRows } from '../snapshots/swept-snapshots';
import { businessDifference } from '../evaluation/business-measures';
import { isOfBefore } from './looks';
import { openCase, trainedTo, type CaseRequest } from './cases';
import { pairedDifference, type Judged } from './compare';
import { scoredBy } from './scored-by';
import { decisionDifferences } from './differences';
import { decide, gatesAlone, judgeAll, type Case } from './judge';
import { gapsOf, metricsOfPlan } from '../evaluation/measure';
import { pairedMetrics } from '../evaluation/paired-metrics';
import type { JudgedSet } from '../evaluation/rows';

/** The reports on these stores, with an engine of the caller's. */
export function createDecisionReports(dependencies: FeatureDependencies): DecisionReports {
  const { stores } = dependencies;
  const { registry, definitions, features } = stores;
  const evaluator = createEvaluator(dependencies);
  const loadPlan = planLoader(definitions);
  const inspected: CaseRequest['measure'] = async (plan, version, snapshot) =>
    evaluator.inspected(plan, version, snapshot, await registry.evaluation(plan.name, version.version, snapshot.id));

  async function currentPlan(model: string): Promise<ModelPlan> {
    const current = await definitions.current(model);
    if (!current) throw new UnderstudyError('MODEL_NOT_DEPLOYED', `"${model}" is not deployed.`, { model });
    return (await loadPlan(current.digest)).plan;
  }

  return {
    async recompute(model, recorded) {
      const snapshot = await features.loadSnapshot(recorded.snapshot);
      if (!snapshot)
        throw new UnderstudyError('ARTIFACT_MISSING', `snapshot ${recorded.snapshot} is not recorded any more`);
      const gone = await goneRows(dependencies, model, snapshot);
      if (gone) return { recorded: bare(recorded), gone };
      const { plan } = await loadPlan(recorded.definitionDigest);
      const { cycle, logicalTime, definitionDigest, champion, candidates } = recorded;
      const opened = await openCase(stores, evaluator, {
        plan,
        snapshot,
        cycle,
        champion,
        versions: candidates.map(({ version }) => version),
        measure: inspected,
      });
      const { number, of } = opened.look;
      const isEarlier = candidates.some(({ gates }) => gates.some(({ test }) => isOfBefore(test?.look)));
      const asRecorded = isEarlier ? { ...opened, look: { number, of } } : opened;
      const found = decide(asRecorded, { model, cycle, logicalTime, snapshot: snapshot.id, definitionDigest });
      const stored = bare(recorded);
      const differences = decisionDifferences(stored, found);
      return { recorded: stored, found, identical: differences.length === 0, differences };
    },

    async evaluate({ model, version, snapshot, bounds, byDefinition, fresh = false }) {
      const plan = await currentPlan(model);
      const pointer = await registry.champion(model);
      const named = bounds.map(({ metric }) => metric);
      let scored: ScoredBy | null = null;
      const isCompared = byDefinition && pointer.version !== null && pointer.version !== version;
      const opened = await openCase(stores, evaluator, {
        plan,
        snapshot,
        cycle: '',
        champion: isCompared ? { version: pointer.version, epoch: pointer.epoch } : null,
        versions: [version],
        measure: async (judgedBy, loaded, on) => {
          if (loaded.version !== version) return inspected(judgedBy, loaded, on);
          const stored = await registry.evaluation(model, version, on.id);
          const found = await evaluator.opened(judgedBy, loaded, on, stored, { named, fresh });
          const recordedAt = stored && (await registry.evaluatedAt(model, version, on.id));
          scored = scoredBy(found, recordedAt, fresh);
          return found;
        },
      });
      const [candidate] = opened.candidates as [Judged];
      const unseen = unseenGate(
        'unseen',
        await trainedTo(features, candidate.version),
        opened.holdoutFrom,
        opened.holdoutDays,
      );
      const { gates, notJudged } = byDefinition ? byTheDefinition(opened, isCompared) : { gates: [], notJudged: [] };
      const all = [unseen, ...gates, ...boundGates(bounds, candidate.measures)];
      return {
        measures: candidate.measures,
        scored: scored!,
        champion: opened.champion?.version.version ?? null,
        gates: all,
        notJudged,
        passed: all.every((gate) => gate.passed),
      };
    },

    async compare(model, versions, snapshot) {
      const plan = await currentPlan(model);
      const judged: Judged[] = [];
      for (const version of versions) judged.push(await inspected(plan, await registry.load(model, version), snapshot));
      const rows = await evaluator.rows(plan, snapshot);
      const [first, ...others] = judged as [Judged, ...Judged[]];
      const trainedOnHoldout = [];
      for (const { version } of judged) {
        if ((await trainedTo(features, version)) >= dayNumber(snapshot.holdoutDays.from))
          trainedOnHoldout.push(version.version);
      }
      return {
        snapshot: snapshot.id,
        versions: judged.map(({ measures }) => measures),
        differences: others.map((other) => differenceOf(rows, metricsOfPlan(plan), first, other)),
        trainedOnHoldout,
      };
    },
  };
}

/** As a decision would judge it, without its choice. */
function byTheDefinition(opened: Case, isCompared: boolean): ReturnType<typeof judgedAlone> {
  if (!isCompared) return judgedAlone(opened);
  const [judgement] = judgeAll(opened);
  return { gates: [...judgement!.gates], notJudged: [...judgement!.notJudged] };
}

function judgedAlone({ plan, rows, candidates }: Case) {
  const [candidate] = candidates as [Judged];
  const gaps = gapsOf(plan.evaluation.fairness, rows.holdout, candidate.predictions.holdout);
  return { gates: gatesAlone(plan, candidate, gaps), notJudged: [] as string[] };
}

function differenceOf(
  rows: Awaited<ReturnType<Evaluator['rows']>>,
  named: readonly string[],
  first: Judged,
  other: Judged,
): VersionDifference {
  const of = (set: JudgedSet): VersionDifference['metrics'][JudgedSet] =>
    pairedMetrics(rows[set], { a: first.predictions[set], b: other.predictions[set] }, named);
  const business = (set: JudgedSet) => businessDifference(first.measures.business, other.measures.business, set);
  const p = (set: JudgedSet): number | null => pairedDifference(rows[set], set, first, other).pOneSided;
  return {
    version: other.version.version,
    minus: first.version.version,
    metrics: { holdout: of('holdout'), truth: of('truth') },
    pSmallerLoss: { holdout: p('holdout'), truth: p('truth') },
    ...(other.measures.business && { business: { holdout: business('holdout'), truth: business('truth') } }),
  };
}

/** Without what the store adds to it, such as the approval. */
function bare(recorded: Decision): Decision {
  const { digest, model, cycle, logicalTime, snapshot, definitionDigest, champion, verdict, proposed } = recorded;
  const { candidates, production, reasons } = recorded;
  return {
    digest,
    model,
    cycle,
    logicalTime,
    snapshot,
    definitionDigest,
    champion,
    verdict,
    proposed,
    candidates,
    ...(production && { production }),
    reasons,
  };
}
