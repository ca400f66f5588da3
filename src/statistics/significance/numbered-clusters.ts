// The clusters of rows (such as their days) as small numbers.

/** Names of clusters to 0, 1, 2 ... by first appearance. */
export function numberClusters(names: ArrayLike<number | string>): {
  readonly ofRow: Uint32Array;
  readonly count: number;
} {
  const numbers = new Map<number | string, number>();
  const ofRow = new Uint32Array(names.length);
  for (let i = 0; i < names.length; i += 1) {
    const name = names[i]!;
    let number = numbers.get(name);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(name, number);
    }
    ofRow[i] = number;
  }
  return { ofRow, count: numbers.size };
}
