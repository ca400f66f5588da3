// Checks of a plan across its fields: what zod cannot see, such as a view that reads a table that is not declared.
import type { ModelPlan } from '../../domain/plan/plan';
import { contenderProblems } from '../contenders/checks';
import { contractProblems, isTimeZone } from './contract-checks';
import { cronProblem } from '../cron';
import { evaluationProblems, featureKinds } from './evaluation-checks';
import { describeValue, list, type Problem } from './problems';
import { durationMs } from '../settings';
import { tableProblems } from './table-checks';
import { taskProblems } from './task-checks';
import { pushedProblems } from '../templates/sharing';
import { viewProblems } from './view-checks';

/** Everything that contradicts itself in a plan whose shape is right; empty: nothing. */
export function planProblems(plan: ModelPlan): Problem[] {
  return [
    ...timeProblems(plan),
    ...Object.entries(plan.tables).flatMap(([name, table]) => tableProblems(name, table)),
    ...contractProblems(plan),
    ...pushedProblems(plan),
    ...(plan.borrow?.model === plan.name
      ? [{ path: 'borrow.model', found: describeValue(plan.name), allowed: 'another model' }]
      : []),
    ...entityProblems(plan),
    ...taskProblems(plan),
    ...viewProblems(plan),
    ...contenderProblems(plan),
    ...snapshotProblems(plan),
    ...evaluationProblems(plan),
    ...approvalProblems(plan),
    ...monitoringProblems(plan),
  ];
}

function timeProblems(plan: ModelPlan): Problem[] {
  const zones: Problem[] = isTimeZone(plan.timeZone)
    ? []
    : [
        {
          path: 'timeZone',
          found: describeValue(plan.timeZone),
          allowed: 'a time zone of the IANA list, such as "America/New_York" or "UTC"',
        },
      ];
  const crons = Object.entries(plan.schedules).flatMap(([kind, cron]) => {
    const allowed = cronProblem(cron);
    return allowed ? [{ path: `schedules.${kind}`, found: describeValue(cron), allowed }] : [];
  });
  return [...zones, ...crons];
}

function entityProblems(plan: ModelPlan): Problem[] {
  const { entity, label, tables } = plan;
  const declared = `one of the declared tables: ${list(Object.keys(tables)) || 'none is declared'}`;
  const problems: Problem[] = [];
  const table = tables[entity.table];
  if (!table) {
    problems.push({ path: 'entity.table', found: describeValue(entity.table), allowed: declared });
  } else {
    problems.push(...columnProblem('entity.key', entity.key, table.columns, ['string'], entity.table));
    problems.push(...columnProblem('entity.eventTime', entity.eventTime, table.columns, ['timestamp'], entity.table));
  }
  const labels = tables[label.table];
  if (!labels) problems.push({ path: 'label.table', found: describeValue(label.table), allowed: declared });
  // A label belongs to its entity by the entity's key, so the label's table has to have that column.
  else if (table?.columns[entity.key])
    problems.push(...columnProblem('label.table', entity.key, labels.columns, ['string'], label.table));
  return problems;
}

function columnProblem(
  path: string,
  column: string,
  columns: ModelPlan['tables'][string]['columns'],
  types: readonly string[],
  table: string,
): Problem[] {
  const type = columns[column]?.type;
  if (type && types.includes(type)) return [];
  const found = type
    ? `column "${column}" of type ${type}`
    : `column "${column}", which table "${table}" does not have`;
  const fitting = Object.keys(columns).filter((name) => types.includes(columns[name]?.type ?? ''));
  return [{ path, found, allowed: `a ${types.join(' or ')} column of "${table}": ${list(fitting) || 'it has none'}` }];
}

function snapshotProblems(plan: ModelPlan): Problem[] {
  const { start, end, holdoutDays, window } = plan.snapshot;
  const problems: Problem[] = [];
  if (end && end < start)
    problems.push({
      path: 'snapshot.end',
      found: describeValue(end),
      allowed: `a day from snapshot.start (${start}) on`,
    });
  const days = window === 'expanding' ? Infinity : Number.parseInt(window, 10);
  if (days <= holdoutDays) {
    problems.push({
      path: 'snapshot.window',
      found: describeValue(window),
      allowed: `more than snapshot.holdoutDays (${holdoutDays} days)`,
    });
  }
  return problems;
}

function approvalProblems(plan: ModelPlan): Problem[] {
  const { when, approvers, quorum, expiresAfter, remindBefore } = plan.approval;
  const problems: Problem[] = [];
  if (durationMs(remindBefore) >= durationMs(expiresAfter)) {
    const allowed = `less than approval.expiresAfter (${describeValue(expiresAfter)})`;
    problems.push({ path: 'approval.remindBefore', found: describeValue(remindBefore), allowed });
  }
  const different = new Set(approvers).size;
  if (different < approvers.length)
    problems.push({ path: 'approval.approvers', found: 'a name twice', allowed: 'each approver once' });
  if (when !== 'never' && approvers.length === 0) {
    // Fail closed: with nobody named, anybody could approve or nobody could; an author has to say who.
    problems.push({
      path: 'approval.approvers',
      found: 'nobody',
      allowed: `at least ${quorum} name(s), because approval.when is "${when}"`,
    });
  } else if (when !== 'never' && quorum > different) {
    problems.push({
      path: 'approval.quorum',
      found: String(quorum),
      allowed: `at most the number of approvers (${different})`,
    });
  }
  return problems;
}

function monitoringProblems(plan: ModelPlan): Problem[] {
  const { drift, predictionDrift, performance, fallback } = plan.monitoring;
  const kinds = featureKinds(plan);
  const problems: Problem[] = drift.seasonal.flatMap((name, index) =>
    kinds[name]
      ? []
      : [
          {
            path: `monitoring.drift.seasonal[${index}]`,
            found: `"${name}"`,
            allowed: `a feature: ${list(Object.keys(kinds))}`,
          },
        ],
  );
  for (const [name, rule] of Object.entries({ predictionDrift, performance })) {
    if (rule.k > rule.n)
      problems.push({
        path: `monitoring.${name}.k`,
        found: String(rule.k),
        allowed: `at most n (${rule.n}): k bad days of n`,
      });
  }
  const margin = plan.evaluation.nonInferiority.truth;
  if (margin > fallback.truthMargin) {
    // A narrower fallback would put back what the gate has just let through.
    const allowed = `at least evaluation.nonInferiority.truth (${margin}), else a promotion that the gate allows would fall back at once`;
    problems.push({ path: 'monitoring.fallback.truthMargin', found: String(fallback.truthMargin), allowed });
  }
  return problems;
}
