// Places on an axis. Invariant: every place lies on the axis; what is beyond its ends is drawn on the end.
import { place } from '../page/figure';

/** From a value to a place, in units of the drawing, rounded to a tenth. */
export interface Scale {
  /** The values at the two ends. */
  readonly from: number;
  readonly to: number;
  at(value: number | string | boolean): number;
}

/** Numbers from `from` (at `begin`) to `to` (at `end`); logarithmic where asked for and both are above 0. Equal ends give the middle. */
export function scaleOf(from: number, to: number, begin: number, end: number, log = false): Scale {
  const inLog = log && from > 0 && to > 0;
  const measure = (value: number): number => (inLog ? Math.log(Math.max(value, Number.MIN_VALUE)) : value);
  const span = measure(to) - measure(from);
  return {
    from,
    to,
    at(value) {
      const share = span === 0 ? 0.5 : (measure(Number(value)) - measure(from)) / span;
      return place(begin + Math.min(1, Math.max(0, share)) * (end - begin));
    },
  };
}

/** Names side by side, in their order; an unknown one is at the begin. */
export function textScale(names: readonly string[], begin: number, end: number): Scale {
  const last = Math.max(1, names.length - 1);
  return {
    from: 0,
    to: last,
    at: (value) => place(begin + (Math.max(0, names.indexOf(String(value))) / last) * (end - begin)),
  };
}
