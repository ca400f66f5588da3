// Does something again and again until it is told to stop: the loop of every relay.
/** Work that goes on until it is stopped. */
export interface Polling {
  /** Lets the round under way end and starts no other. */
  stop(): Promise<void>;
}

/** What is done, and how often. */
export interface PollingOptions {
  /** From the end of a round to the start of the next, in milliseconds. */
  readonly pollMs: number;
  /** One round. `stopped` tells it to end early. */
  readonly round: (stopped: () => boolean) => Promise<void>;
  /** Is told when a round fails; the next one comes in any case. */
  readonly onFailure: (error: unknown) => void;
}

/** Starts the first round at once. */
export function startPolling({ pollMs, round, onFailure }: PollingOptions): Polling {
  let stopped = false;
  let wake: (() => void) | undefined;

  async function run(): Promise<void> {
    while (!stopped) {
      await round(() => stopped).catch(onFailure);
      if (stopped) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pollMs);
        wake = () => (clearTimeout(timer), resolve());
      });
    }
  }

  const running = run();
  return {
    stop() {
      stopped = true;
      wake?.();
      return running;
    },
  };
}
