// Samples that make-expected.py makes by the same formula.

/** The fractional parts of multiples of the golden ratio, cubed, stretched, moved, and rounded to 3 digits. */
export function wave(count: number, shift: number, scale: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    const part = ((i + 1) * 0.6180339887498949) % 1;
    return Math.floor((shift + scale * part ** 3) * 1000 + 0.5) / 1000;
  });
}
