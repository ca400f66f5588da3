// The drift detection method on a stream of right (0) and wrong (1) answers: the error rate against the best that it has been.

/** How the detector is set. */
export interface DdmOptions {
  /** More answers than this have to be seen before anything is found. Default 30. */
  readonly warmUp?: number;
  /** Standard deviations above the best rate for a warning. Default 2. */
  readonly warningAt?: number;
  /** Standard deviations above the best rate for a drift. Default 3. */
  readonly driftAt?: number;
}

/** Everything the detector knows, as plain JSON. */
export interface DdmState {
  readonly count: number;
  /** Error rate since the start or the last drift. */
  readonly rate: number;
  /** Rate and its standard deviation where their sum was least; null during the warm-up. */
  readonly best: { readonly rate: number; readonly deviation: number } | null;
  readonly warning: boolean;
  /** The last answer was a detection: the next one starts anew. */
  readonly drift: boolean;
}

/** The state before the first answer. */
export const DDM_START: DdmState = { count: 0, rate: 0, best: null, warning: false, drift: false };

/**
 * The state after one more answer (Gama, Medas, Castillo and Rodrigues 2004; river 0.26 `DDM`, detection for detection). A drift is not a warning
 * as well. While no error was ever made the best is 0 with deviation 0, so the first error after the warm-up is a drift.
 * @param error 1 (or true) for a wrong answer, else 0. A NaN changes nothing but the two flags, which become false.
 */
export function ddm(state: DdmState, error: number | boolean, options: DdmOptions = {}): DdmState {
  const { warmUp = 30, warningAt = 2, driftAt = 3 } = options;
  const before = state.drift ? DDM_START : state;
  const value = Number(error);
  if (Number.isNaN(value)) return { ...before, warning: false, drift: false };
  const count = before.count + 1;
  const rate = before.rate + (value - before.rate) / count;
  const deviation = Math.sqrt((rate * (1 - rate)) / count);
  if (count <= warmUp) return { count, rate, best: before.best, warning: false, drift: false };
  const isBest = before.best === null || rate + deviation <= before.best.rate + before.best.deviation;
  const best = isBest ? { rate, deviation } : before.best;
  const drift = rate + deviation > best.rate + driftAt * best.deviation;
  const warning = !drift && rate + deviation > best.rate + warningAt * best.deviation;
  return { count, rate, best, warning, drift };
}
