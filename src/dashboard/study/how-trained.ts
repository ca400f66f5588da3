// What a card and a lineage say of how a version's parameters came about and when its training stopped, as plain JSON. Pure.
import type { Lineage, ModelVersion } from '../../domain/lifecycle/registry';
import type { ModelPlan } from '../../domain/plan/plan';
import type { StudyRecord, TrialRecord } from '../../domain/training/tuning';
import { counted } from '../page/numbers';
import { studyDocument, type StudyDocument } from './study-document';

/** A search with its trials; null: there was none, or it is not recorded any more. */
export type SearchFact = { readonly study: StudyRecord; readonly trials: readonly TrialRecord[] } | null;

/** Early stopping on the latest training days. */
export interface StoppingDocument {
  readonly days: number;
  readonly rounds: number;
  /** Rows of those days, and rows that the model was grown on; null: it is not recorded. */
  readonly rows: number | null;
  readonly grownOn: number | null;
}

/** How the parameters were found. */
export interface SearchDocument {
  readonly study: string;
  /** The trial whose parameters the version has; null: the search ended before any was complete. */
  readonly trial: number | null;
  /** null: it is not recorded any more. */
  readonly found: StudyDocument | null;
}

/** Parameters as the definition names them; without the plan's contender what was used has to do. */
export function declaredOf({ contender, lineage }: ModelVersion, { contenders }: ModelPlan): Lineage['params'] {
  return contenders[contender]?.params ?? lineage.params;
}

/** The parameters of the version that are from the space of its search; null: none was searched for, or no trial was complete. */
export function foundOf(
  { contender, lineage }: ModelVersion,
  { contenders }: ModelPlan,
  search: SearchFact,
): Lineage['params'] | null {
  if (!lineage.tuning || lineage.tuning.trial === null) return null;
  const space = search?.study.settings.space ?? contenders[contender]?.tuning?.space ?? {};
  return Object.fromEntries(Object.entries(lineage.params).filter(([name]) => Object.hasOwn(space, name)));
}

/** The search of a version; null: nothing was searched for. */
export function searchOf({ lineage: { tuning } }: ModelVersion, search: SearchFact): SearchDocument | null {
  return tuning ? { ...tuning, found: search && studyDocument(search.study, search.trials) } : null;
}

/** Early stopping of a version as its trainer was asked; null: there was none. `rows`: of the days kept aside, where that is recorded. */
export function stoppingOf(
  { lineage: { request }, training }: ModelVersion,
  rows: number | null,
): StoppingDocument | null {
  if (!request || request.earlyStoppingDays === 0) return null;
  const { earlyStoppingDays: days, earlyStoppingRounds: rounds } = request;
  return { days, rounds, rows, grownOn: rows === null ? null : training.rows - rows };
}

/** Early stopping in words: how long, after what, and on which rows the model was grown. */
export function stoppingText({ days, rounds, rows, grownOn }: StoppingDocument): string {
  const on = `on the last ${counted(days, 'day')}${rows === null ? '' : ` (${counted(rows, 'row')})`}`;
  const grown = grownOn === null ? '' : `; grown on the other ${counted(grownOn, 'row')}`;
  return `${on}, after ${counted(rounds, 'round')} without a better one${grown}`;
}
