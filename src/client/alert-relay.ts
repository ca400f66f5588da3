// Brings alerts from the outbox to people: one structured log line each, then the web hook until it has taken them.
// Invariant: an alert is in the log before its web hook is tried, once per process; the outbox marks it delivered when both are done.
import type { Alert } from '../domain/lifecycle/registry';
import type { Outbox } from '../ports/stores';
import { startPolling, type Polling } from './polling';
import type { WebHook } from './web-hook';

/** One alert as it stands in the log. */
export interface AlertLine extends Alert {
  readonly id: number;
}

/** What the relay needs. */
export interface AlertRelayDeps {
  readonly outbox: Pick<Outbox, 'deliverDue'>;
  readonly deliver: {
    /** Writes one line; must not throw. */
    readonly log: (line: AlertLine) => void;
    /** Absent: the log is all. */
    readonly webHook?: WebHook;
  };
  /** How often the outbox is looked at when nothing is due, in milliseconds. Default 1,000. */
  readonly pollMs?: number;
  /** Is told when a delivery or the outbox itself fails; it is tried again in any case. Default: nobody. */
  readonly onProblem?: (problem: { readonly id?: number; readonly message: string }) => void;
}

/** Alerts whose web hook still fails are remembered as logged; more than so many at once are an outage, and a double line in the log is no harm. */
const REMEMBERED = 10_000;

/** Starts delivering. Any number of relays may run on one outbox; each alert is taken by one at a time. */
export function startAlertRelay(deps: AlertRelayDeps): Polling {
  const { outbox, deliver, pollMs = 1_000, onProblem = () => undefined } = deps;
  const logged = new Set<number>();

  async function deliverOne(alert: Alert, id: number): Promise<void> {
    if (!logged.has(id)) {
      deliver.log({ id, ...alert });
      if (logged.size >= REMEMBERED) logged.clear();
      logged.add(id);
    }
    try {
      await deliver.webHook?.(alert, id);
    } catch (error) {
      onProblem({ id, message: (error as Error).message });
      throw error;
    }
    logged.delete(id);
  }

  /** One at a time, so that `stop` waits for one delivery at most. A failed one is not due again at once, so this ends. */
  async function deliverAllDue(stopped: () => boolean): Promise<void> {
    for (let taken = 1; taken > 0 && !stopped();) {
      taken = 0;
      await outbox.deliverDue(1, (alert, id) => {
        taken++;
        return deliverOne(alert, id);
      });
    }
  }

  return startPolling({
    pollMs,
    round: deliverAllDue,
    onFailure: (error) => onProblem({ message: (error as Error).message }),
  });
}
