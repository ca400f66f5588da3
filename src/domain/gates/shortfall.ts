// What a failed gate lacks, in a clause with its numbers: why a version was not chosen.
import { dayOfNumber } from '../days';
import type { GateResult } from '../evaluation/evaluation';
import { shownNumber } from '../evaluation/shown-numbers';

const DAY_GATES: ReadonlySet<string> = new Set(['champion-unseen', 'unseen']);

/** Whether the gate's number and threshold are days (since 1970-01-01), which people read as dates. */
export function isDayGate({ gate }: Pick<GateResult, 'gate'>): boolean {
  return DAY_GATES.has(gate);
}

/** A gate's number or threshold as people read it; null: there is none. */
export function shownOfGate(gate: Pick<GateResult, 'gate'>, value: number | null): string | null {
  if (value === null) return null;
  return isDayGate(gate) && Number.isInteger(value) ? dayOfNumber(value) : shownNumber(value);
}

/** Such as `superiority on holdout: not better with evidence: p 0.08120, needed < 0.05000`. */
export function shortfall(result: GateResult): string {
  const { gate, on, of, value, threshold, comparison, test } = result;
  const where = `${gate} on ${on === 'truth' ? 'truth set' : on}${of ? `, ${of}` : ''}`;
  const found = shownOfGate(result, value);
  if (found === null) return `${where}: there is no number`;
  const limit = shownOfGate(result, threshold)!;
  if (isDayGate(result)) return `${where}: trained up to ${found}, the holdout begins on ${limit}`;
  const needed = `needed ${comparison} ${limit}`;
  const difference = test?.difference.value ?? null;
  const by = difference === null ? '' : ` (difference ${shownNumber(difference)})`;
  if (gate === 'superiority') return `${where}: not better with evidence: p ${found}, ${needed}${by}`;
  if (gate === 'slice') return `${where}: worse with evidence: p ${found}, ${needed}${by}`;
  return `${where}: ${found}, ${needed}`;
}
