// HyperLogLog: how many different values there are, from 1,024 small registers that can be merged.
// Flajolet, Fusy, Gandouet and Meunier (2007), "HyperLogLog: the analysis of a near-optimal cardinality estimation algorithm"; the estimator is
// that of Ertl (2017), "New cardinality estimation algorithms for HyperLogLog sketches" (algorithm 6), which needs no switching of formulas.

/** Number of registers; a power of two. The standard error of an estimate is 1.04 / sqrt(1024) = 3.25 %. */
export const REGISTERS = 1024;
/** Bits of the hash that a register's rank is counted in: ranks are 1 to 33. */
export const RANK_BITS = 32;

/** The rank of a hash's lower part: the place of its first 1 bit out of {@link RANK_BITS}, from 1; without any: 33. */
export function rankOf(bits: number): number {
  return Math.clz32(bits) + 1;
}

/** Registers as base64; an empty array stands for registers that are all 0. */
export function writeRegisters(registers: Uint8Array): string {
  return Buffer.from(registers).toString('base64');
}

/** Registers out of base64. */
export function readRegisters(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}

/** The registers of all values together: the largest rank of each. */
export function mergeRegisters(parts: readonly Uint8Array[]): Uint8Array {
  const present = parts.filter((part) => part.length > 0);
  const merged = new Uint8Array(present.length === 0 ? 0 : REGISTERS);
  for (const part of present) {
    for (let i = 0; i < REGISTERS; i += 1) if (part[i]! > merged[i]!) merged[i] = part[i]!;
  }
  return merged;
}

/** Estimated number of different values; 0 when no register is set. */
export function estimateDistinct(registers: Uint8Array): number {
  const most = RANK_BITS + 1;
  const counts = new Array<number>(most + 1).fill(0);
  counts[0] = REGISTERS - registers.length;
  for (const rank of registers) counts[Math.min(rank, most)]! += 1;
  if (counts[0] === REGISTERS) return 0;
  let sum = REGISTERS * tau(1 - counts[most]! / REGISTERS);
  for (let rank = most - 1; rank >= 1; rank -= 1) sum = 0.5 * (sum + counts[rank]!);
  sum += REGISTERS * sigma(counts[0] / REGISTERS);
  return REGISTERS ** 2 / (2 * Math.LN2) / sum;
}

/** Ertl's σ: the correction for registers that no value has set. */
function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY;
  let x = share;
  let y = 1;
  let z = x;
  for (let before = Number.NaN; z !== before;) {
    before = z;
    x *= x;
    z += x * y;
    y += y;
  }
  return z;
}

/** Ertl's τ: the correction for registers whose rank is at its limit. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let x = share;
  let y = 1;
  let z = 1 - x;
  for (let before = Number.NaN; z !== before;) {
    before = z;
    x = Math.sqrt(x);
    y *= 0.5;
    z -= (1 - x) ** 2 * y;
  }
  return z / 3;
}
