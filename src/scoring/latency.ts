// Measures how long a model takes to score, through the same session that serves: one row at a time, and a batch at once.
import type { Latency } from '../domain/evaluation/evaluation';
import type { OpenModel } from './session';

/** Enough that the p99 is not the worst one. */
const ONE_ROW_RUNS = 500;
const BATCH_RUNS = 100;
const BATCH_ROWS = 256;
/** Not counted: the first runs allocate. */
const WARM_UP_RUNS = 20;

/**
 * Latencies in ms on this machine, in this process, as busy as it is now: an upper estimate where other work runs beside it.
 * @param features rows of the model's columns; different rows are scored in turn.
 * @returns null without a row.
 */
export async function measureLatency(
  model: OpenModel,
  features: Float32Array,
  rows: number,
): Promise<{ readonly oneRow: Latency; readonly batch: Latency } | null> {
  if (rows === 0) return null;
  const columns = features.length / rows;
  const timed = async (size: number, runs: number): Promise<Latency> => {
    const places = Math.floor(rows / size);
    const times: number[] = [];
    for (let run = 0; run < runs + WARM_UP_RUNS; run++) {
      const first = (run % places) * size;
      const part = features.subarray(first * columns, (first + size) * columns);
      const start = performance.now();
      await model.score(part, size);
      if (run >= WARM_UP_RUNS) times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    return { rows: size, runs, p50Ms: nearestRank(times, 0.5), p99Ms: nearestRank(times, 0.99) };
  };
  return {
    oneRow: await timed(1, ONE_ROW_RUNS),
    batch: await timed(Math.min(BATCH_ROWS, rows), BATCH_RUNS),
  };
}

/** In ms, rounded to whole nanoseconds so that records stay short. */
function nearestRank(sorted: readonly number[], share: number): number {
  return Math.round(sorted[Math.ceil(share * sorted.length) - 1]! * 1e6) / 1e6;
}
