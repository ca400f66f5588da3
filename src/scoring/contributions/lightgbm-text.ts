// Reads the trees of LightGBM's own model text, with the number of training rows in each node, which an ONNX graph does not keep.
import { UnderstudyError } from '../../domain/failures';
import { widthOf, type Target, type Task } from '../../domain/evaluation/task';
import type { ShapTree } from './tree-shap';
import { byValue, type TreeSum } from './tree-sums';

/** Flags of `decision_type`. */
const CATEGORICAL = 1;
const DEFAULT_LEFT = 2;
const MISSING_MASK = 12;
const MISSING_ZERO = 4;
const MISSING_NAN = 8;
/** LightGBM takes values no farther from 0 than this as 0 (its kZeroThreshold). */
const ZERO_BAND = 1e-35;
const WORD_BITS = 32;

/** The objective's line of a task; of `binary` with the factor of its sigmoid: log-odds = factor × sum of leaves. */
const OBJECTIVES: Readonly<Record<Task, RegExp>> = {
  binary: /^objective=binary sigmoid:(\S+)/m,
  multiclass: /^objective=multiclass num_class:(\d+)$/m,
  regression: /^objective=regression$/m,
};

/**
 * Reads a model text of the target's objective: a sum of trees for each value of a prediction. Trees of several classes are in turn.
 * @throws UnderstudyError `CONTRIBUTIONS_UNAVAILABLE` for other texts.
 */
export function readLightgbmText(text: string, target: Target = { task: 'binary' }): TreeSum[] {
  const { task } = target;
  const objective = OBJECTIVES[task].exec(text);
  const end = text.indexOf('\nend of trees');
  const values = widthOf(target);
  if (!objective || end < 0 || (task === 'multiclass' && Number(objective[1]) !== values)) {
    throw new UnderstudyError(
      'CONTRIBUTIONS_UNAVAILABLE',
      `The stored model is no text of LightGBM's ${task} objective; contributions cannot be read from it.`,
    );
  }
  const blocks = text
    .slice(0, end)
    .split(/^(?=Tree=)/m)
    .slice(1);
  const factor = task === 'binary' ? Number(objective[1]) : 1;
  return byValue(blocks.map(treeOf), values, (tree) => tree % values).map((trees) => ({ trees, start: 0, factor }));
}

function treeOf(block: string): ShapTree {
  const fields = new Map(
    block.split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
    }),
  );
  const numbers = (name: string): number[] => (fields.get(name) ?? '').split(' ').filter(Boolean).map(Number);
  const [threshold, decision] = [numbers('threshold'), numbers('decision_type')];
  const [boundaries, words] = [numbers('cat_boundaries'), numbers('cat_threshold')];

  function isInSet(split: number, code: number): boolean {
    const [first, after] = [boundaries[threshold[split]!]!, boundaries[threshold[split]! + 1]!];
    const word = first + Math.floor(code / WORD_BITS);
    return word < after && ((words[word]! >>> (code % WORD_BITS)) & 1) === 1;
  }

  return {
    feature: numbers('split_feature'),
    left: numbers('left_child'),
    right: numbers('right_child'),
    splitCover: numbers('internal_count'),
    leafCover: numbers('leaf_count'),
    leafValue: numbers('leaf_value'),
    goesLeft(split, value) {
      const flags = decision[split]!;
      if ((flags & CATEGORICAL) !== 0) {
        const code = Math.trunc(value);
        return code >= 0 && isInSet(split, code);
      }
      const missing = flags & MISSING_MASK;
      const number = Number.isNaN(value) && missing !== MISSING_NAN ? 0 : value;
      const isMissing =
        (missing === MISSING_NAN && Number.isNaN(number)) ||
        (missing === MISSING_ZERO && Math.abs(number) <= ZERO_BAND);
      return isMissing ? (flags & DEFAULT_LEFT) !== 0 : number <= threshold[split]!;
    },
  };
}
