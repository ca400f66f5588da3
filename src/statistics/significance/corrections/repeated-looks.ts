// Looking again and again at growing evidence: how small p has to be at each look so that all looks together keep the level.
// Error spending of Lan and DeMets (1983), "Discrete sequential boundaries for clinical trials", with the recursion of Armitage, McPherson and Rowe
// (1969). Looks need not be planned: a boundary depends on the looks so far only, and on the information that the last one will have.
import { normalCdf, normalQuantile } from '../../distributions';

/**
 * How much of the level is spent by the share t of the information, one-sided. `pocock`: level x ln(1 + (e - 1) t), about the same demand at each
 * look; `obrien-fleming`: 2 - 2 x normal(z(level / 2) / sqrt(t)), almost nothing early, nearly the whole level at the end.
 */
export type Spending = 'pocock' | 'obrien-fleming';

/** What one look has to show. */
export interface LookBoundary {
  /** Share of the final information, in (0, 1]. */
  readonly fraction: number;
  /** Level spent by this look and all before it. */
  readonly spent: number;
  /** A z of at least this is a finding. */
  readonly z: number;
  /** The same as a one-sided p: for a test that is not normal (the t test by day) compare its p with this. */
  readonly level: number;
}

/** Level spent by a share of the information in (0, 1]. */
export function spentLevel(spending: Spending, level: number, fraction: number): number {
  if (spending === 'pocock') return level * Math.log(1 + (Math.E - 1) * fraction);
  return 2 * normalCdf(normalQuantile(level / 2) / Math.sqrt(fraction));
}

const STEPS = 400;
/** Nothing worth counting lies this many standard deviations below 0. */
const FAR = 8;
/** A boundary this high is never reached. */
const UNREACHABLE = 37;

/**
 * One-sided boundaries of all looks so that, without any difference, some look finds one with chance `level` at most. For two sides take half of
 * the level on each.
 * @param fractions information at each look over that of the last planned one (days over the most days), rising, in (0, 1].
 * Empty: no boundaries. Not rising, or outside: NaN from there on.
 * @param level one-sided, in (0, 1).
 */
export function spendingBoundaries(spending: Spending, level: number, fractions: readonly number[]): LookBoundary[] {
  const looks: LookBoundary[] = [];
  // The score z x sqrt(fraction) as a Brownian motion: its density where no boundary was crossed so far.
  let known: Grid = { points: Float64Array.of(0), masses: Float64Array.of(1) };
  let before = 0;
  let spentBefore = 0;
  for (const fraction of fractions) {
    if (!(fraction > before && fraction <= 1)) {
      looks.push({ fraction, spent: NaN, z: NaN, level: NaN });
      before = Number.NaN;
      continue;
    }
    const spent = spentLevel(spending, level, fraction);
    const deviation = Math.sqrt(fraction - before);
    const z = boundary(known, deviation, fraction, spent - spentBefore);
    looks.push({ fraction, spent, z, level: normalCdf(-z) });
    known = moved(known, deviation, fraction, z);
    before = fraction;
    spentBefore = spent;
  }
  return looks;
}

interface Grid {
  readonly points: Float64Array;
  /** Density times the weight of Simpson's rule. */
  readonly masses: Float64Array;
}

/** The z whose crossing has the chance `increment`, by bisection. */
function boundary({ points, masses }: Grid, deviation: number, fraction: number, increment: number): number {
  const crossing = (z: number): number => {
    let sum = 0;
    const at = z * Math.sqrt(fraction);
    for (let i = 0; i < points.length; i += 1) {
      const distance = (at - points[i]!) / deviation;
      // Beyond this the chance is below the smallest double.
      if (distance < UNREACHABLE) sum += masses[i]! * normalCdf(-distance);
    }
    return sum;
  };
  let low = -FAR;
  let high = UNREACHABLE;
  while (high - low > 1e-9) {
    const middle = (low + high) / 2;
    if (crossing(middle) > increment) low = middle;
    else high = middle;
  }
  return high;
}

/** The density after the next step, below the boundary. */
function moved({ points, masses }: Grid, deviation: number, fraction: number, z: number): Grid {
  const root = Math.sqrt(fraction);
  const [low, high] = [-FAR * root, Math.min(z, FAR) * root];
  const width = (high - low) / STEPS;
  const next = { points: new Float64Array(STEPS + 1), masses: new Float64Array(STEPS + 1) };
  for (let i = 0; i <= STEPS; i += 1) {
    const point = low + i * width;
    let density = 0;
    for (let j = 0; j < points.length; j += 1) {
      const distance = (point - points[j]!) / deviation;
      density += masses[j]! * Math.exp((-distance * distance) / 2);
    }
    const simpson = ((i === 0 || i === STEPS ? 1 : i % 2 === 1 ? 4 : 2) * width) / 3;
    next.points[i] = point;
    next.masses[i] = (simpson * density) / (deviation * Math.sqrt(2 * Math.PI));
  }
  return next;
}
