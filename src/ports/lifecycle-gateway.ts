// The port through which activities reach workflows: ticks go to their lifecycle, and children that cannot report are asked how they ended.
import type { Accepted, ChildOutcome, Clock, TickMessage } from '../domain/lifecycle/lifecycle';

export interface LifecycleGateway {
  /**
   * Hands a tick to `lifecycle/<model>`, and starts that entity when there is none. Repeating a tick is safe: the entity knows what it has been
   * given, and then answers `duplicate: true`. Fails with TEMPORAL_UNAVAILABLE (retryable) or with the code of the entity's refusal.
   */
  tick(model: string, clock: Clock, message: TickMessage): Promise<Accepted>;

  /** Of these workflow ids, those that have ended: with their result, or with how they ended. An id that is not known counts as failed. */
  ended(ids: readonly string[]): Promise<{ id: string; outcome: ChildOutcome }[]>;
}
