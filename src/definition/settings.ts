// The settings of a plan that the lifecycle workflow itself needs, with every duration read once.
import ms from 'ms';
import { checkSteps } from '../domain/data/contracts';
import { UnderstudyError } from '../domain/failures';
import type { LifecycleSettings } from '../domain/lifecycle/lifecycle-state';
import type { ModelPlan } from '../domain/plan/plan';

/** Reads a duration of a plan, such as `3 days` or `90 s`, in milliseconds. Fails with DEFINITION_INVALID when it is none. */
export function durationMs(text: string): number {
  const value = ms(text as ms.StringValue) as number | undefined;
  if (value === undefined || !Number.isFinite(value)) {
    throw new UnderstudyError(
      'DEFINITION_INVALID',
      `"${text}" is no duration; allowed is a text such as "3 days" or "90 s".`,
    );
  }
  return value;
}

/** What `configure` records in the lifecycle; durations in milliseconds. */
export function lifecycleSettings(plan: ModelPlan): LifecycleSettings {
  return {
    approvers: plan.approval.approvers,
    quorum: plan.approval.quorum,
    approvalExpiresMs: durationMs(plan.approval.expiresAfter),
    remindBeforeMs: durationMs(plan.approval.remindBefore),
    retrainCooldownMs: durationMs(plan.monitoring.retrainCooldown),
    tables: Object.keys(plan.tables),
    ingestSteps: checkSteps(plan),
    arrival: Object.fromEntries(
      Object.entries(plan.tables).map(([name, { arrival }]) => [
        name,
        { deadlineMs: durationMs(arrival.deadline), pollMs: durationMs(arrival.poll) },
      ]),
    ),
    pushTables: Object.keys(plan.tables).filter((name) => plan.tables[name]!.source.format === 'push'),
    dataEndDay: plan.snapshot.end ?? null,
  };
}
