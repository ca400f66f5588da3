// Compares feature values of two ways of computing them. Numbers are compared as the model sees them: rounded to float32.
import type { SkewReport } from '../domain/monitoring/monitoring';

/** One feature of one entity, from both sides; null is missing. */
export interface FeaturePair {
  readonly key: string;
  readonly feature: string;
  readonly online: number | string | null;
  readonly offline: number | string | null;
}

/** Counts the pairs that differ, and names the worst: a difference of kind (missing, text) before any of numbers, then the largest relative one. */
export function compareFeatures(pairs: readonly FeaturePair[]): SkewReport {
  let differing = 0;
  let worst: SkewReport['worst'] = null;
  let largest = 0;
  for (const { key, feature, online, offline } of pairs) {
    const size = difference(online, offline);
    if (size === 0) continue;
    differing++;
    if (size <= largest) continue;
    largest = size;
    worst = { feature, key, online, offline };
  }
  return { compared: pairs.length, differing, worst };
}

/** 0: equal. Of numbers |a - b| / max(|a|, |b|), at most 2; infinite for what has no distance. */
function difference(a: number | string | null, b: number | string | null): number {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b ? 0 : Infinity;
  const [x, y] = [Math.fround(a), Math.fround(b)];
  if (x === y) return 0;
  const relative = Math.abs(x - y) / Math.max(Math.abs(x), Math.abs(y));
  return Number.isFinite(relative) ? relative : Infinity;
}
