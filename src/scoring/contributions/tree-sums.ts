// Trees that add up to one value of a prediction: contributions to it, with everything that is the same for all rows computed once.
import type { Parts } from './parts';
import { expectedValue, treeContributions, type ShapTree } from './tree-shap';

/** One value of a prediction, before sigmoid or softmax: start + factor × sum of the trees' leaves. */
export interface TreeSum {
  readonly trees: readonly ShapTree[];
  readonly start: number;
  readonly factor: number;
}

/** Gives the parts of a row's value. The row is NaN where missing. */
export function treeParts({ trees, start, factor }: TreeSum): (row: ArrayLike<number>) => Parts {
  const base = start + factor * trees.reduce((sum, tree) => sum + expectedValue(tree), 0);
  return (row) => ({ base, contributions: treeContributions(trees, row).map((part) => factor * part) });
}

/** Trees by the value that they add to. */
export function byValue<T>(trees: readonly T[], values: number, valueOf: (tree: number) => number): T[][] {
  const found = Array.from({ length: values }, (): T[] => []);
  trees.forEach((tree, at) => found[valueOf(at)]?.push(tree));
  return found;
}
