// The Page-Hinkley test on a stream: a cumulative sum of what each value is above or below the mean so far.

/** How the detector is set. The defaults suit errors in [0, 1] only. */
export interface PageHinkleyOptions {
  /** Values before anything is found. Default 30. */
  readonly leastValues?: number;
  /** What a value may be away from the mean without counting, in the unit of the values. Default 0.005. */
  readonly delta?: number;
  /** How far the sum has to be from its extreme. Default 50. */
  readonly threshold?: number;
  /** What is kept of the sums at each value, in (0, 1]. Default 0.9999. */
  readonly alpha?: number;
  /** Which change of the mean counts. Default `both`. */
  readonly direction?: 'up' | 'down' | 'both';
}

/** Everything the detector knows, as plain JSON. */
export interface PageHinkleyState {
  readonly count: number;
  readonly mean: number;
  readonly up: number;
  readonly down: number;
  /** Least of `up` so far; null before the first value. */
  readonly leastUp: number | null;
  readonly mostDown: number;
  /** The last value was a detection: the next one starts anew. */
  readonly drift: boolean;
}

/** The state before the first value. */
export const PAGE_HINKLEY_START: PageHinkleyState = {
  count: 0,
  mean: 0,
  up: 0,
  down: 0,
  leastUp: null,
  mostDown: -1,
  drift: false,
};

/**
 * The state after one more value (Page 1954, with fading sums; river 0.26 `PageHinkley`, detection for detection). `drift` tells whether this value
 * is a detection; the next one then starts anew.
 * A value that is not finite changes nothing but `drift`, which becomes false.
 */
export function pageHinkley(
  state: PageHinkleyState,
  value: number,
  options: PageHinkleyOptions = {},
): PageHinkleyState {
  const { leastValues = 30, delta = 0.005, threshold = 50, alpha = 0.9999, direction = 'both' } = options;
  const before = state.drift ? PAGE_HINKLEY_START : state;
  if (!Number.isFinite(value)) return { ...before, drift: false };
  const count = before.count + 1;
  const mean = before.mean + (value - before.mean) / count;
  const up = alpha * before.up + (value - mean) - delta;
  const down = alpha * before.down + (value - mean) + delta;
  const leastUp = before.leastUp === null ? up : Math.min(before.leastUp, up);
  const mostDown = Math.max(before.mostDown, down);
  const found =
    (direction !== 'down' && up - leastUp > threshold) || (direction !== 'up' && mostDown - down > threshold);
  return { count, mean, up, down, leastUp, mostDown, drift: count >= leastValues && found };
}
