// Writes predictions to the log off the response path: a bounded queue in memory, batches, retries while PostgreSQL is away.
// Invariant: an answer never waits for the log. A full queue refuses new rows (counted, told in the log and in the answer as
// `logged: false`) and drops none that it took; rows in the queue are lost only when the process is killed.
import { failureCodeOf } from '../domain/failures';
import type { LoggedPrediction, PredictionLog } from '../ports/stores';
import { messageOf, type Log } from './log';

/** Settings of the writer; all have defaults. */
export interface PredictionWriterOptions {
  /** Rows in memory at most. Default 200,000 (about 40 MB). */
  readonly capacityRows?: number;
  /** Rows of one transaction at most. Default 5,000. */
  readonly batchRows?: number;
  /** How long a first row waits for company, in milliseconds. Default 20. */
  readonly lingerMs?: number;
  /** The first wait after a failed write, doubled each time, in milliseconds. Default 200. */
  readonly firstRetryMs?: number;
  /** The longest wait, in milliseconds. Default 5,000. */
  readonly longestRetryMs?: number;
  /** How often the same trouble is told again, in milliseconds. Default 10,000. */
  readonly repeatMs?: number;
}

/** Counters since the start of the process. */
interface PredictionWriterState {
  readonly queued: number;
  /** Rows that the log has; repeated ones count too. */
  readonly written: number;
  /** Rows that were not taken, because the queue was full. */
  readonly refused: number;
  /** Rows that the database refuses whatever is done. */
  readonly rejected: number;
}

/** See {@link createPredictionWriter}. */
export interface PredictionWriter {
  /** Takes all of these rows, or none: false when the queue has no room for them. */
  take(rows: readonly LoggedPrediction[]): boolean;
  state(): PredictionWriterState;
  /** Writes what is queued, for so long at most; returns the number of rows that were given up. */
  flush(withinMs: number): Promise<number>;
}

/** The writer on a prediction log. */
export function createPredictionWriter(
  predictions: Pick<PredictionLog, 'append'>,
  log: Log,
  options: PredictionWriterOptions = {},
): PredictionWriter {
  const { capacityRows = 200_000, batchRows = 5_000, lingerMs = 20, repeatMs = 10_000 } = options;
  const { firstRetryMs = 200, longestRetryMs = 5_000 } = options;
  let queue: LoggedPrediction[] = [];
  let [written, refused, rejected] = [0, 0, 0];
  let [size, failures] = [batchRows, 0];
  let running: Promise<void> | undefined;
  let wake: (() => void) | undefined;
  let [hurried, givenUp] = [false, false];
  const toldAt = new Map<string, number>();

  /** Tells a trouble at once and then now and then, so that a long outage does not fill the disk. */
  function tell(message: string, facts: Readonly<Record<string, unknown>>): void {
    const last = toldAt.get(message);
    if (last !== undefined && performance.now() - last < repeatMs) return;
    toldAt.set(message, performance.now());
    log('error', message, facts);
  }

  function pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      wake = () => (clearTimeout(timer), resolve());
    });
  }

  /** Finds out what a failed write means: look for the bad row in ever smaller batches, give it up, or wait for the database. */
  async function afterFailure(error: unknown, rows: number): Promise<void> {
    const facts = { code: failureCodeOf(error), error: messageOf(error), queued: queue.length };
    if (!isFaultOfARow(error)) {
      tell('predictions cannot be written; trying again', facts);
      await pause(Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(failures++, 20)));
    } else if (rows > 1) {
      size = Math.ceil(rows / 2);
    } else {
      const row = queue.shift();
      rejected++;
      tell('a prediction cannot be logged and is given up', { ...facts, row });
    }
  }

  async function drain(): Promise<void> {
    if (!hurried) await pause(lingerMs);
    while (queue.length > 0 && !givenUp) {
      const batch = queue.slice(0, size);
      try {
        await predictions.append(batch);
      } catch (error) {
        await afterFailure(error, batch.length);
        continue;
      }
      queue = queue.slice(batch.length);
      written += batch.length;
      if (failures > 0) log('info', 'predictions are written again', { queued: queue.length });
      failures = 0;
      size = Math.min(batchRows, size * 2);
    }
  }

  function start(): Promise<void> {
    return (running ??= drain().finally(() => {
      running = undefined;
      // Rows that came between the last look at the queue and the end.
      if (queue.length > 0 && !givenUp) void start();
    }));
  }

  return {
    take(rows) {
      if (queue.length + rows.length > capacityRows) {
        refused += rows.length;
        tell('the queue of predictions is full; predictions are answered but not logged', {
          refused,
          queued: queue.length,
        });
        return false;
      }
      for (const row of rows) queue.push(row);
      if (queue.length > 0) void start();
      return true;
    },
    state: () => ({ queued: queue.length, written, refused, rejected }),
    async flush(withinMs) {
      hurried = true;
      wake?.();
      const done = async () => {
        while (queue.length > 0 && !givenUp) await start();
      };
      // A statement that hangs is not waited for either.
      let timer: NodeJS.Timeout | undefined;
      const deadline = new Promise<void>((resolve) => (timer = setTimeout(resolve, withinMs)));
      await Promise.race([done(), deadline]);
      clearTimeout(timer);
      givenUp = true;
      wake?.();
      if (queue.length > 0) log('error', 'predictions were not written before the end', { rows: queue.length });
      return queue.length;
    },
  };
}

/** PostgreSQL's error classes 22 (data) and 23 (constraints) say that it read the rows and refuses them; all others may pass. */
function isFaultOfARow(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && /^2[23]/.test(String(error.code));
}
