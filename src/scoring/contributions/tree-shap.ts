// Exact Shapley values of sums of decision trees in polynomial time, with the rows of the training as the background (path-dependent).
// Invariant: base value and contributions of a row add up to the row's sum of leaves.

/** One tree: splits are numbered from 0; a child below 0 is the leaf `~child`. A tree of one leaf has no split. */
export interface ShapTree {
  readonly feature: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  /** How much training weight reached each split and each leaf: rows, or their second derivatives. */
  readonly splitCover: readonly number[];
  readonly leafCover: readonly number[];
  readonly leafValue: readonly number[];
  /** Whether a value of the split's feature (NaN: missing) goes left. */
  goesLeft(split: number, value: number): boolean;
}

/** The mean of a tree's leaves over the training rows. */
export function expectedValue({ leafCover, leafValue }: ShapTree): number {
  if (leafValue.length === 1) return leafValue[0]!;
  let [sum, weight] = [0, 0];
  leafValue.forEach((value, leaf) => {
    sum += value * leafCover[leaf]!;
    weight += leafCover[leaf]!;
  });
  return sum / weight;
}

/** The features on the way from the root, each once: which share of the paths goes on when it is unknown, and when it is known. */
interface Path {
  readonly feature: Int32Array;
  readonly zero: Float64Array;
  readonly one: Float64Array;
  readonly weight: Float64Array;
}

/**
 * The contributions of each feature to the sum of the trees for a row: algorithm 2 of Lundberg, Erion and Lee (2018), "Consistent
 * individualized feature attribution for tree ensembles"; the same as LightGBM's `pred_contrib` and XGBoost's `pred_contribs`.
 * @param row - the values by feature, NaN for missing.
 */
export function treeContributions(trees: readonly ShapTree[], row: ArrayLike<number>): Float64Array {
  const contributions = new Float64Array(row.length);
  // One path for each level, used again by all nodes of that level.
  const paths: Path[] = [];
  for (const tree of trees) if (tree.feature.length > 0) add(tree, row, contributions, paths);
  return contributions;
}

function add(tree: ShapTree, row: ArrayLike<number>, contributions: Float64Array, paths: Path[]): void {
  const walk = (node: number, level: number, known: number, zero: number, one: number, feature: number): void => {
    const path = (paths[level] ??= emptyPath(level + 1));
    if (level > 0) copy(paths[level - 1]!, path, known);
    let depth = known;
    extend(path, depth, zero, one, feature);
    if (node < 0) {
      for (let i = 1; i <= depth; i++) {
        const share = unwoundSum(path, depth, i) * (path.one[i]! - path.zero[i]!);
        contributions[path.feature[i]!]! += share * tree.leafValue[~node]!;
      }
      return;
    }
    const split = tree.feature[node]!;
    const isLeft = tree.goesLeft(node, row[split] ?? Number.NaN);
    const hot = (isLeft ? tree.left : tree.right)[node]!;
    const cold = (isLeft ? tree.right : tree.left)[node]!;
    // A feature that is on the way already: its part is taken back, and goes into this one.
    let [zeroBefore, oneBefore] = [1, 1];
    let at = 0;
    while (at <= depth && path.feature[at] !== split) at++;
    if (at <= depth) {
      [zeroBefore, oneBefore] = [path.zero[at]!, path.one[at]!];
      unwind(path, depth, at);
      depth -= 1;
    }
    const whole = tree.splitCover[node]!;
    walk(hot, level + 1, depth + 1, (zeroBefore * coverOf(tree, hot)) / whole, oneBefore, split);
    walk(cold, level + 1, depth + 1, (zeroBefore * coverOf(tree, cold)) / whole, 0, split);
  };
  walk(0, 0, 0, 1, 1, -1);
}

function coverOf({ splitCover, leafCover }: ShapTree, node: number): number {
  return node < 0 ? leafCover[~node]! : splitCover[node]!;
}

function emptyPath(length: number): Path {
  const zeros = (): Float64Array => new Float64Array(length);
  return { feature: new Int32Array(length).fill(-1), zero: zeros(), one: zeros(), weight: zeros() };
}

/** The first `length` entries. */
function copy(from: Path, to: Path, length: number): void {
  for (let i = 0; i < length; i++) {
    to.feature[i] = from.feature[i]!;
    to.zero[i] = from.zero[i]!;
    to.one[i] = from.one[i]!;
    to.weight[i] = from.weight[i]!;
  }
}

function extend({ feature, zero, one, weight }: Path, depth: number, zeroShare: number, oneShare: number, of: number) {
  feature[depth] = of;
  zero[depth] = zeroShare;
  one[depth] = oneShare;
  weight[depth] = depth === 0 ? 1 : 0;
  for (let i = depth - 1; i >= 0; i--) {
    weight[i + 1]! += (oneShare * weight[i]! * (i + 1)) / (depth + 1);
    weight[i] = (zeroShare * weight[i]! * (depth - i)) / (depth + 1);
  }
}

function unwind({ feature, zero, one, weight }: Path, depth: number, at: number): void {
  const [oneShare, zeroShare] = [one[at]!, zero[at]!];
  let next = weight[depth]!;
  for (let i = depth - 1; i >= 0; i--) {
    if (oneShare !== 0) {
      const kept = weight[i]!;
      weight[i] = (next * (depth + 1)) / ((i + 1) * oneShare);
      next = kept - (weight[i]! * zeroShare * (depth - i)) / (depth + 1);
    } else {
      weight[i] = (weight[i]! * (depth + 1)) / (zeroShare * (depth - i));
    }
  }
  for (let i = at; i < depth; i++) {
    feature[i] = feature[i + 1]!;
    zero[i] = zero[i + 1]!;
    one[i] = one[i + 1]!;
  }
}

/** The sum of the weights as they would be after {@link unwind}. */
function unwoundSum({ zero, one, weight }: Path, depth: number, at: number): number {
  const [oneShare, zeroShare] = [one[at]!, zero[at]!];
  let next = weight[depth]!;
  let total = 0;
  for (let i = depth - 1; i >= 0; i--) {
    if (oneShare !== 0) {
      const unwound = (next * (depth + 1)) / ((i + 1) * oneShare);
      total += unwound;
      next = weight[i]! - unwound * zeroShare * ((depth - i) / (depth + 1));
    } else if (zeroShare !== 0) {
      total += weight[i]! / zeroShare / ((depth - i) / (depth + 1));
    }
  }
  return total;
}
