// ADWIN: a window over a stream that is cut wherever its older and its newer part have different means. It is kept as a few buckets whose sizes
// double, so its memory grows with the logarithm of the window.

/** How the detector is set. */
export interface AdwinOptions {
  /** Chance of a false cut at one look, in (0, 1). Default 0.002. */
  readonly delta?: number;
  /** A look for a cut is made at every so many values. Default 32. */
  readonly clock?: number;
  /** Buckets of one size before two of them are joined. Default 5. */
  readonly mostBuckets?: number;
  /** Values that each part of a cut has to have. Default 5. */
  readonly leastPart?: number;
  /** No look while the window has not more values than this. Default 10. */
  readonly grace?: number;
  /**
   * What happens after a cut: `restart` drops the whole window at the next value (river), `keep-newer` goes on with the newer part (the paper).
   * Default `restart`.
   */
  readonly afterCut?: 'restart' | 'keep-newer';
}

/** Values of one bucket: their sum, and the sum of their squared differences from their mean. */
type Bucket = readonly [sum: number, squares: number];

/** Everything the detector knows, as plain JSON. */
export interface AdwinState {
  /** Values since the start or the last restart. */
  readonly ticks: number;
  /** Values in the window. */
  readonly width: number;
  readonly sum: number;
  /** Sum of squared differences from the window's mean. */
  readonly squares: number;
  /** Level i holds buckets of 2^i values, oldest first; the last level has the oldest. */
  readonly levels: readonly (readonly Bucket[])[];
  /** The last value was a detection. */
  readonly drift: boolean;
}

/** The state before the first value. */
export const ADWIN_START: AdwinState = { ticks: 0, width: 0, sum: 0, squares: 0, levels: [[]], drift: false };

/** Mean of the window; NaN before the first value. */
export function adwinMean({ sum, width }: AdwinState): number {
  return sum / width;
}

/**
 * The state after one more value (Bifet and Gavaldà 2007, "Learning from time-changing data with adaptive windowing", with the bound of its section
 * 4 that uses the window's variance; river 0.26 `ADWIN`, detection for detection). For values in [0, 1].
 * A value that is not finite changes nothing but `drift`, which becomes false.
 */
export function adwin(state: AdwinState, value: number, options: AdwinOptions = {}): AdwinState {
  const { delta = 0.002, clock = 32, mostBuckets = 5, leastPart = 5, grace = 10, afterCut = 'restart' } = options;
  const before = state.drift && afterCut === 'restart' ? ADWIN_START : state;
  if (!Number.isFinite(value)) return { ...before, drift: false };
  let window = inserted({ ...before, ticks: before.ticks + 1, drift: false }, value, mostBuckets);
  if (window.ticks % clock !== 0 || window.width <= grace) return window;
  let drift = false;
  while (hasCut(window, delta, leastPart)) {
    drift = true;
    window = withoutOldest(window);
  }
  return { ...window, drift };
}

function inserted(state: AdwinState, value: number, mostBuckets: number): AdwinState {
  const width = state.width + 1;
  const apart = state.width === 0 ? 0 : value - state.sum / state.width;
  const squares = state.squares + (state.width * apart * apart) / width;
  const levels = state.levels.slice();
  levels[0] = [...levels[0]!, [value, 0]];
  for (let level = 0; levels[level]!.length > mostBuckets; level += 1) {
    const size = 2 ** level;
    const [oldest, second, ...rest] = levels[level]!;
    const difference = oldest![0] / size - second![0] / size;
    const joined: Bucket = [
      oldest![0] + second![0],
      oldest![1] + second![1] + (size * size * difference * difference) / (size + size),
    ];
    levels[level] = rest;
    levels[level + 1] = [...(levels[level + 1] ?? []), joined];
  }
  return { ...state, width, sum: state.sum + value, squares, levels };
}

/** The window without its oldest bucket. */
function withoutOldest(state: AdwinState): AdwinState {
  const levels = state.levels.slice();
  const last = levels.length - 1;
  const size = 2 ** last;
  const [[sum, own] = [0, 0], ...rest] = levels[last]!;
  if (rest.length === 0 && last > 0) levels.pop();
  else levels[last] = rest;
  const width = state.width - size;
  const left = state.sum - sum;
  const apart = width === 0 ? 0 : sum / size - left / width;
  const squares = state.squares - (own + (size * width * apart * apart) / (size + width));
  return { ...state, width, sum: left, squares, levels };
}

/** Some border between two buckets, from the oldest on, parts the window in two with means too far apart. */
function hasCut(state: AdwinState, delta: number, leastPart: number): boolean {
  const { width, levels } = state;
  const spread = Math.log((2 * Math.log(width)) / delta);
  let older = 0;
  let sum = 0;
  for (let level = levels.length - 1; level >= 0; level -= 1) {
    for (const [bucketSum] of levels[level]!) {
      older += 2 ** level;
      sum += bucketSum;
      const newer = width - older;
      if (newer < leastPart || newer === 0) return false;
      if (older < leastPart) continue;
      const apart = Math.abs(sum / older - (state.sum - sum) / newer);
      const sizes = 1 / (older - leastPart + 1) + 1 / (newer - leastPart + 1);
      if (apart > Math.sqrt(2 * sizes * (state.squares / width) * spread) + (2 / 3) * spread * sizes) return true;
    }
  }
  return false;
}
