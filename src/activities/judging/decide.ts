// The decision of a cycle: every candidate judged on the same rows as the champion, one record with all numbers and thresholds.
import type { Decision, DecisionSummary, PromotionKind } from '../../domain/evaluation/evaluation';
import { UnderstudyError } from '../../domain/failures';
import type { SnapshotRef } from '../../domain/data/partitions';
import type { ModelPlan } from '../../domain/plan/plan';
import type { CycleContext, DataActivities } from '../../ports/activities';
import { heartbeating } from '../boundary';
import type { DataDependencies } from '../dependencies';
import { createEvaluator } from '../evaluation/evaluate';
import { openCase } from './cases';
import { decide as decideCase } from './judge';
import { planLoader } from '../plans';

export function createDecideActivities(
  dependencies: DataDependencies,
): Pick<DataActivities, 'decideCycle' | 'decideAgain'> {
  const { stores } = dependencies;
  const { registry } = stores;
  const loadPlan = planLoader(stores.definitions);
  const evaluator = createEvaluator(dependencies);

  async function decide(
    plan: ModelPlan,
    context: CycleContext,
    snapshot: SnapshotRef,
    versions: readonly number[],
  ): Promise<Decision> {
    const { version, epoch } = await registry.champion(plan.name);
    const opened = await openCase(stores, evaluator, {
      plan,
      snapshot,
      cycle: context.cycle,
      champion: version === null ? null : { version, epoch },
      versions,
      measure: (judged, loaded, on) => evaluator.judged(judged, loaded, on),
    });
    const { cycle, logicalTime, definitionDigest } = context;
    return decideCase(opened, { model: plan.name, cycle, logicalTime, snapshot: snapshot.id, definitionDigest });
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

function needsApproval(plan: ModelPlan, kind: PromotionKind): boolean {
  return plan.approval.when === 'always' || (plan.approval.when === 'on-contender-change' && kind !== 'refresh');
}
