// What a model card is made of: one version, and everything that was recorded about how it came to be and how it was judged.
import type { IsoTimestamp } from '../../domain/days';
import type { Evaluation } from '../../domain/evaluation/evaluation';
import type { Explanation, ImportanceDrift } from '../../domain/evaluation/explanation';
import type { ComparisonReport } from '../../ports/decision-reports';
import type { SearchFact } from '../study/how-trained';
import type { MonitorReport } from '../../domain/monitoring/monitoring';
import type { SnapshotRef } from '../../domain/data/partitions';
import type { ModelPlan } from '../../domain/plan/plan';
import type { ModelVersion } from '../../domain/lifecycle/registry';
import type { ModelRegistry } from '../../ports/stores';

/** A decision with what people said to it. */
export type DecisionFact = Awaited<ReturnType<ModelRegistry['decisions']>>[number];
/** A move of the champion pointer. */
export type MoveFact = Awaited<ReturnType<ModelRegistry['moves']>>[number];

/** Where a borrowed version is from. */
export interface LoanFact {
  /** `model@version`: what was borrowed; where that was borrowed too, whose it was before. At least one. */
  readonly chain: readonly string[];
  /** The version that was trained, the last of the chain; null: it is not recorded any more. */
  readonly lender: ModelVersion | null;
  /** Of the lender, on the snapshot that it was trained for. */
  readonly evaluation: Evaluation | null;
  /** The borrower's definition in force. */
  readonly plan: ModelPlan | null;
}

/** Everything that the card shows; null: it is not recorded. */
export interface CardFacts {
  readonly version: ModelVersion;
  /** The definition that the version was trained by. */
  readonly plan: ModelPlan;
  readonly madeAt: IsoTimestamp;
  readonly snapshot: SnapshotRef | null;
  /** On the snapshot that it was trained for; of a borrowed version on the rows of the newest decision of its model that measured it as the champion. */
  readonly evaluation: Evaluation | null;
  /** Of a borrowed version the lender's. */
  readonly explanation: Explanation | null;
  /** Why there is no explanation; empty when there is one. */
  readonly explanationProblem: string;
  /** How importances moved since the champion of the time of its training. */
  readonly importanceDrift: (ImportanceDrift & { readonly since: number }) | null;
  /** Of a borrowed version; null: it is the model's own. */
  readonly loan: LoanFact | null;
  /** The newest decision that judged the version. */
  readonly decision: DecisionFact | null;
  /** The champion of that decision, on the same rows. */
  readonly championEvaluation: Evaluation | null;
  /** The paired differences from that champion; null: there is none to compare with, or the rows are gone. */
  readonly differences: ComparisonReport['differences'][number] | null;
  /** The search that its parameters are from; null: there was none, or it is not recorded any more. */
  readonly search: SearchFact;
  /** Training rows that were kept aside to stop early; null: it is not recorded. */
  readonly stoppingRows: number | null;
  /** Moves that made it the champion, the oldest first. */
  readonly moves: readonly MoveFact[];
  /** The newest monitoring report of the time before its training that judged features. */
  readonly monitoring: MonitorReport | null;
}
