// What one check found, as it is stored (an outcome) and as it is told (a sentence).
import type { CheckOutcome } from '../../domain/data/partitions';

/** `what`: the start of the sentence that tells it when it is not `passed`; `hint`: more, at the end of what is allowed. */
export interface Finding extends CheckOutcome {
  readonly what: string;
  readonly hint?: string;
}

export function outcomeOf({ check, kind, verdict, found, allowed, rows }: Finding): CheckOutcome {
  return { check, kind, verdict, found, allowed, ...(rows === undefined ? {} : { rows }) };
}

export function sentenceOf({ what, found, allowed, hint }: Finding): string {
  return `${what} (found: ${found}; allowed: ${allowed}${hint === undefined ? '' : `; ${hint}`})`;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** With four digits. */
export function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
