// An experiment: a contender with other settings, trained and evaluated on a snapshot beside the cycles, for a person to look at.
// Invariant: its version never serves, is nobody's parent, and enters no decision.

/** What tells an experiment's version from a candidate, kept in its lineage. */
export interface ExperimentMark {
  /** Of model, contender with all its settings, and snapshot: the same digest is the same experiment. */
  readonly digest: string;
  /** What differs from the definition, each as `path=value`; empty: the contender as it is. */
  readonly settings: readonly string[];
  readonly by: string;
}

/** How an experiment ended. */
export interface ExperimentResult {
  readonly version: number;
}

/** What the workflow of an experiment is doing, for whoever waits for it. */
export interface ExperimentStanding {
  readonly state: 'running' | 'ended';
  /** Such as `training: iteration 40 of 200`. */
  readonly doing: string;
}

/** The queries of `experiment` and of `reproduceVersion`. */
export const DOING_QUERY_NAMES = ['progress'] as const;
