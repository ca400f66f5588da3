// Reads the trees of XGBoost's own JSON, with the sum of second derivatives in each node, which an ONNX graph does not keep.
// Invariant: for every float32 row, missing and unseen values included, a tree takes the branches that XGBoost takes.
import { UnderstudyError } from '../../domain/failures';
import { widthOf, type Target, type Task } from '../../domain/evaluation/task';
import type { ShapTree } from './tree-shap';
import { byValue, type TreeSum } from './tree-sums';

/** The arrays of one tree in XGBoost's JSON, by node; a node without children is a leaf. */
interface TreeArrays {
  readonly left_children: readonly number[];
  readonly right_children: readonly number[];
  readonly split_indices: readonly number[];
  readonly split_conditions: readonly number[];
  readonly split_type: readonly number[];
  readonly default_left: readonly number[];
  readonly sum_hessian: readonly number[];
  readonly categories: readonly number[];
  readonly categories_nodes: readonly number[];
  readonly categories_segments: readonly number[];
  readonly categories_sizes: readonly number[];
}
interface Learner {
  readonly learner: {
    readonly objective: { readonly name: string };
    readonly learner_model_param: { readonly base_score: string };
    readonly gradient_booster: {
      readonly model: { readonly trees: readonly TreeArrays[]; readonly tree_info: readonly number[] };
    };
  };
}

const OBJECTIVES: Readonly<Record<Task, string>> = {
  binary: 'binary:logistic',
  multiclass: 'multi:softprob',
  regression: 'reg:squarederror',
};

/**
 * Reads a model of the target's objective: a sum of trees for each value of a prediction, and what it starts with.
 * @throws UnderstudyError `CONTRIBUTIONS_UNAVAILABLE` for other texts.
 */
export function readXgboostJson(text: string, target: Target = { task: 'binary' }): TreeSum[] {
  const { task } = target;
  try {
    const { learner } = JSON.parse(text) as Learner;
    if (learner.objective.name !== OBJECTIVES[task]) throw new Error(`the objective is ${learner.objective.name}`);
    const { trees, tree_info: values } = learner.gradient_booster.model;
    const starts = startsOf(learner.learner_model_param.base_score, task);
    const sums = byValue(trees.map(treeOf), widthOf(target), (tree) => values[tree]!);
    if (sums.reduce((sum, { length }) => sum + length, 0) !== trees.length) throw new Error('there are other classes');
    return sums.map((found, at) => ({ trees: found, start: starts[at] ?? starts[0]!, factor: 1 }));
  } catch (cause) {
    throw new UnderstudyError(
      'CONTRIBUTIONS_UNAVAILABLE',
      `The stored model is no JSON of XGBoost's ${task} objective; contributions cannot be read from it.`,
      {},
      { cause },
    );
  }
}

/** In brackets since XGBoost 3, one for each class since 3.1; that of two classes is kept as a probability. */
function startsOf(score: string, task: Task): number[] {
  const found = score
    .replaceAll(/[[\]]/g, '')
    .split(',')
    .map((part) => Math.fround(Number(part)));
  const starts = task === 'binary' ? found.map((share) => Math.log(share / (1 - share))) : found;
  if (starts.every(Number.isFinite)) return starts;
  throw new Error(`base_score is ${score}`);
}

function treeOf(found: TreeArrays): ShapTree {
  const numbers = new Map<number, number>();
  const splits: number[] = [];
  const leaves: number[] = [];
  for (const node of reachable(found)) {
    const isLeaf = found.left_children[node]! < 0;
    numbers.set(node, isLeaf ? ~leaves.length : splits.length);
    (isLeaf ? leaves : splits).push(node);
  }
  const sets = new Map(
    found.categories_nodes.map((node, i) => {
      const begin = found.categories_segments[i]!;
      return [node, new Set(found.categories.slice(begin, begin + found.categories_sizes[i]!))];
    }),
  );
  const conditions = splits.map((node) => Math.fround(found.split_conditions[node]!));
  return {
    feature: splits.map((node) => found.split_indices[node]!),
    left: splits.map((node) => numbers.get(found.left_children[node]!)!),
    right: splits.map((node) => numbers.get(found.right_children[node]!)!),
    splitCover: splits.map((node) => found.sum_hessian[node]!),
    leafCover: leaves.map((node) => found.sum_hessian[node]!),
    leafValue: leaves.map((node) => Math.fround(found.split_conditions[node]!)),
    goesLeft(split, value) {
      const node = splits[split]!;
      if (Number.isNaN(value)) return Boolean(found.default_left[node]);
      // The set of a categorical split goes right.
      if (found.split_type[node] === 1) return !sets.get(node)!.has(Math.trunc(value));
      return value < conditions[split]!;
    },
  };
}

/** The nodes under the root, parents first: pruned ones stay in the arrays. */
function reachable({ left_children: left, right_children: right }: TreeArrays): number[] {
  const found: number[] = [];
  const open = [0];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    found.push(node);
    if (left[node]! >= 0) open.push(right[node]!, left[node]!);
  }
  return found;
}
