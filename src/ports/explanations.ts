// What explaining versions needs of its surroundings: where explanations are kept, and what the command line may ask for.
import type { Contributions, Explanation, ImportanceDrift, StoredExplanation } from '../domain/evaluation/explanation';

export interface ExplanationStore {
  /** Once per version: a second one changes nothing. */
  save(model: string, explanation: StoredExplanation): Promise<void>;
  /** Null: the version has not been explained. */
  find(model: string, version: number): Promise<StoredExplanation | null>;
}

/** Reports on single versions that read artifacts and run models, for the command line; nothing is stored. */
export interface ModelReports {
  /** The stored explanation; without one it is made now. Fails as the reads of artifacts do, such as with ARTIFACT_MISSING for swept rows. */
  explanation(model: string, version: number): Promise<Explanation>;
  /** How the importance of features moved from one explained version to another; null: one of them has no stored explanation. */
  importanceDrift(model: string, from: number, to: number): Promise<ImportanceDrift | null>;
  /** Training rows that were kept aside to stop early, as the training report says; null: it does not say, or is not stored any more. */
  stoppingRows(model: string, version: number): Promise<number | null>;
  /**
   * How the prediction for one entity comes about, with its features of now (online), else with those of the version's own holdout or truth rows.
   * Fails with VERSION_NOT_FOUND, ENTITY_UNKNOWN, CONTRIBUTIONS_UNAVAILABLE, SIGNATURE_MISMATCH.
   */
  contributions(model: string, version: number, key: string): Promise<Contributions>;
}
