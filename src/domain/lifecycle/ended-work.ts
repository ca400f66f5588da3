// How work of a lifecycle ended, and why its health is not good: what `status` tells people.
import type { Day, IsoTimestamp } from '../days';
import type { ChildKind, ChildOutcome, LifecycleHealth } from './lifecycle';

/** How one piece of work ended. */
export interface EndedWork {
  readonly kind: ChildKind;
  /** Workflow id; of a request that merged with work that runs, that work's. */
  readonly id: string;
  readonly logicalTime: Day | null;
  readonly end: ChildOutcome['type'];
  /** Of the table of failures; null: no failure. */
  readonly code: string | null;
  readonly sentence: string;
  readonly at: IsoTimestamp;
  /** The id with which the request was accepted; absent: nobody asked for it by name. */
  readonly request?: string;
  /** The work that this one merged with. */
  readonly into?: string;
}

/** Why a lifecycle's health is not good. */
export interface HealthReason {
  readonly health: Exclude<LifecycleHealth, 'good'>;
  readonly since: IsoTimestamp;
  readonly why: string;
}

/** What makes a health good again, for a person. */
export const GOOD_AGAIN: Readonly<Record<HealthReason['health'], string>> = {
  degraded: 'the next cycle that ends with a decision, whatever it decides',
  'needs-human': 'the next move of the champion: promote or roll back to a version that may serve',
};
