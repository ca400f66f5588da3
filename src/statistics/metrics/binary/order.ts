// Rows in falling order of their scores, fast enough for a million rows: a radix sort on the high halves of the doubles.
// Invariant: equal scores are neighbours and keep their row order; no score is NaN (the callers have looked).

/** Below this many rows a comparison sort is at least as fast. */
const RADIX_FROM_ROWS = 2048;
const DIGIT_BITS = 11;
const DIGITS_PER_WORD = 3;
/** Place of the high half of a double among its two 32-bit words: 1 on little-endian machines. */
const HIGH_WORD = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;

/** Row numbers by falling score. Rows that already are in that order cost one pass. */
export function descendingOrder(scores: ArrayLike<number>): Uint32Array {
  const order = new Uint32Array(scores.length);
  let sorted = true;
  for (let i = 0; i < scores.length; i += 1) {
    order[i] = i;
    if (i > 0 && scores[i]! > scores[i - 1]!) sorted = false;
  }
  if (sorted) return order;
  return scores.length < RADIX_FROM_ROWS ? sortByScore(order, scores) : radixSort(order, scores);
}

function sortByScore(order: Uint32Array, scores: ArrayLike<number>): Uint32Array {
  // Two equal infinities differ by NaN, which must count as a tie.
  return order.sort((a, b) => scores[b]! - scores[a]! || 0);
}

/** Words whose unsigned order is the falling order of the scores, as far as the high halves tell (-0 counts as 0). */
function fallingKeys(scores: ArrayLike<number>): Uint32Array {
  const doubles = new Float64Array(scores.length);
  for (let i = 0; i < scores.length; i += 1) doubles[i] = scores[i]! + 0;
  const words = new Uint32Array(doubles.buffer);
  // Negative doubles fall as their bits rise; positive ones must come first, and be turned round.
  return new Uint32Array(scores.length).map((_, i) => {
    const high = words[2 * i + HIGH_WORD]!;
    return high >>> 31 === 0 ? ~high ^ 0x80000000 : high;
  });
}

/** Least digit first, so each pass keeps what the passes before it ordered; then runs that only the low halves tell apart. */
function radixSort(rows: Uint32Array, scores: ArrayLike<number>): Uint32Array {
  const keys = fallingKeys(scores);
  let from = rows;
  let to: Uint32Array = new Uint32Array(rows.length);
  for (let digit = 0; digit < DIGITS_PER_WORD; digit += 1) {
    const shift = digit * DIGIT_BITS;
    const starts = digitStarts(keys, shift);
    for (let i = 0; i < from.length; i += 1) {
      const row = from[i]!;
      to[starts[(keys[row]! >>> shift) & (2 ** DIGIT_BITS - 1)]!++] = row;
    }
    [from, to] = [to, from];
  }
  let start = 0;
  let isRunSorted = true;
  for (let i = 1; i <= from.length; i += 1) {
    if (i < from.length && keys[from[i]!] === keys[from[i - 1]!]) {
      isRunSorted &&= scores[from[i]!]! <= scores[from[i - 1]!]!;
      continue;
    }
    if (!isRunSorted) sortByScore(from.subarray(start, i), scores);
    start = i;
    isRunSorted = true;
  }
  return from;
}

function digitStarts(keys: Uint32Array, shift: number): Uint32Array {
  const starts = new Uint32Array(2 ** DIGIT_BITS);
  for (let i = 0; i < keys.length; i += 1) starts[(keys[i]! >>> shift) & (2 ** DIGIT_BITS - 1)]! += 1;
  let before = 0;
  for (let digit = 0; digit < starts.length; digit += 1) {
    const count = starts[digit]!;
    starts[digit] = before;
    before += count;
  }
  return starts;
}
