// Makes one gate's result out of a number and its threshold. Invariant: no number is no evidence, so a gate without one fails.
import type { GateResult, GateTest } from '../evaluation/evaluation';

/** The number that a gate looks at, with what it rests on. */
export interface Found {
  readonly value: number | null;
  readonly low?: number | null;
  readonly high?: number | null;
  readonly n: number;
  readonly days?: number | null;
}

/** What else a gate says of itself. */
export interface GateNotes {
  readonly of?: string;
  readonly against?: number;
  readonly test?: GateTest;
  /** What `n` counts. Default `rows`. */
  readonly unit?: 'rows' | 'runs' | 'days' | 'files';
  /** How the sentence says number and threshold. Default: counts as they are, everything else with five decimals. */
  readonly say?: (value: number) => string;
}

/** Judges a number by its threshold; the same numbers give the same result on any machine. */
export function gate(
  name: string,
  on: GateResult['on'],
  comparison: GateResult['comparison'],
  threshold: number,
  found: Found,
  explain: string,
  notes: GateNotes = {},
): GateResult {
  const { value, low = null, high = null, n, days = null } = found;
  const passed = value !== null && compare(value, comparison, threshold);
  const say = (each: number | null): string => (each !== null && notes.say ? notes.say(each) : shown(each));
  const outcome = passed ? 'holds' : 'does not hold';
  return {
    gate: name,
    on,
    of: notes.of ?? null,
    against: notes.against ?? null,
    value,
    low,
    high,
    threshold,
    comparison,
    n,
    days,
    test: notes.test ?? null,
    passed,
    explanation: `${explain}: ${say(value)} ${comparison} ${say(threshold)} on ${n} ${notes.unit ?? 'rows'} ${outcome}`,
  };
}

function compare(value: number, comparison: GateResult['comparison'], threshold: number): boolean {
  switch (comparison) {
    case '<=':
      return value <= threshold;
    case '>=':
      return value >= threshold;
    case '<':
      return value < threshold;
    case '>':
      return value > threshold;
  }
}

/** Counts as they are, everything else with five decimals. */
function shown(value: number | null): string {
  if (value === null) return 'unknown';
  return Number.isInteger(value) && Math.abs(value) > 1 ? String(value) : value.toFixed(5);
}
