// Numbers, shares and instants as the page writes them.
import type { DayRange } from '../document/coverage';

/** A count with separators, such as `336,776`. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** A count with its noun, such as `1 day` or `365 days`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** A number with at most four significant digits, small and large ones with an exponent; null: `–`. */
export function number(value: number | undefined | null): string {
  if (value === undefined || value === null || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return value.toExponential(2);
  return Number.isInteger(value) ? count(value) : String(Number(value.toPrecision(size >= 1000 ? 6 : 4)));
}

/** Both ends of an interval; null at both: `–`. */
export function interval({ low, high }: { readonly low: number | null; readonly high: number | null }): string {
  return low === null && high === null ? '–' : `${number(low)} to ${number(high)}`;
}

/** A share as a percentage with up to two decimals; a share above 0 is never shown as 0. */
export function share(value: number): string {
  if (value > 0 && value < 0.0001) return '< 0.01 %';
  return `${Number((100 * value).toFixed(2))} %`;
}

/** An instant to the minute, UTC. */
export function instant(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

/** Ranges of days in words; the first `most` of them. */
export function ranges(all: readonly DayRange[], most = 6): string {
  const shown = all.slice(0, most).map(({ from, to }) => (from === to ? from : `${from} to ${to}`));
  return all.length > most ? `${shown.join(', ')} and ${all.length - most} more stretches` : shown.join(', ');
}
