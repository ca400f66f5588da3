// The distribution of the one-sample Kolmogorov-Smirnov distance for a finite number of rows; the limit is in distributions.ts.
import { kolmogorovSurvival } from './distributions';
import { logGamma } from './special-functions';

/** From this n d² on both tails hardly overlap, and twice the one-sided tail is right to 3e-7 of p (Simard and L'Ecuyer 2011, section 3). */
const TAILS_APART_FROM = 2.2;
/** Below this many rows the expansion in powers of 1 / sqrt(n) is left for the exact lattice of Durbin's matrix. */
const EXACT_UP_TO = 140;

/**
 * P(D_n >= d) of the distance between the empirical and the true distribution function of n rows. In the far tail twice the one-sided sum of
 * Birnbaum and Tingey (1951); else by Pelz and Good (1976) for n > 140 (within 1e-9 of scipy `kstwo` there), and exactly by Durbin's matrix
 * (Marsaglia, Tsang and Wang 2003) for fewer rows. NaN for a NaN distance or n < 1.
 */
export function kolmogorovOneSampleSurvival(d: number, n: number): number {
  if (Number.isNaN(d) || !(n >= 1)) return Number.NaN;
  if (d <= 0) return 1;
  if (d >= 1) return 0;
  const square = n * d * d;
  if (n <= EXACT_UP_TO) return square > 4 || d >= 0.5 ? Math.min(1, 2 * oneSided(n, d)) : clip(1 - durbin(n, d));
  if (square >= 370) return 0;
  if (square >= TAILS_APART_FROM) return Math.min(1, 2 * oneSided(n, d));
  if (n * d ** 1.5 <= 1.4 && n <= 20_000) return clip(1 - durbin(n, d));
  return clip(1 - pelzGood(n, d));
}

function clip(p: number): number {
  return Math.min(1, Math.max(0, p));
}

/** P(D_n+ >= d) = d x sum over j <= n (1 - d) of C(n, j) (d + j/n)^(j - 1) (1 - d - j/n)^(n - j) (Birnbaum and Tingey 1951). */
function oneSided(n: number, d: number): number {
  let sum = 0;
  const last = Math.floor(n * (1 - d));
  for (let j = 0; j <= last; j += 1) {
    const rest = 1 - d - j / n;
    if (rest <= 0) {
      // The last term of all: 0 to a power above 0 is 0, and 0^0 is 1.
      if (j === n) sum += (d + 1) ** (n - 1);
      continue;
    }
    const logChoose = logGamma(n + 1) - logGamma(j + 1) - logGamma(n - j + 1);
    sum += Math.exp(logChoose + (j - 1) * Math.log(d + j / n) + (n - j) * Math.log1p(-d - j / n));
  }
  return clip(d * sum);
}

/** P(D_n <= d) as K0 + K1 / sqrt(n) + K2 / n + K3 / n^1.5, each K a theta series in z = d sqrt(n) (Pelz and Good 1976, formulas of Simard and L'Ecuyer). */
function pelzGood(n: number, d: number): number {
  const z = d * Math.sqrt(n);
  const z2 = z * z;
  const z4 = z2 * z2;
  const z6 = z4 * z2;
  const pi2 = Math.PI ** 2;
  const root = Math.sqrt(2 * Math.PI);
  let [s1, s2, s3] = [0, 0, 0];
  const most = Math.ceil((16 * z) / Math.PI) + 2;
  for (let k = most; k >= 1; k -= 1) {
    const m2 = (2 * k - 1) ** 2;
    const weight = Math.exp((-m2 * pi2) / (8 * z2));
    const [p2, p4, p6] = [(pi2 * m2) / 4, (pi2 * m2) ** 2 / 16, (pi2 * m2) ** 3 / 64];
    s1 += weight * (p2 - z2);
    s2 += weight * (6 * z6 + 2 * z4 + (2 * z4 - 5 * z2) * p2 + (1 - 2 * z2) * p4);
    s3 +=
      weight * (-30 * z6 - 90 * z4 * z4 + (135 * z4 - 96 * z6) * p2 + (212 * z4 - 60 * z2) * p4 + (5 - 30 * z2) * p6);
  }
  let [extra2, extra3] = [0, 0];
  for (let k = most; k >= 1; k -= 1) {
    const weight = k * k * Math.exp((-pi2 * k * k) / (2 * z2));
    extra2 += weight;
    extra3 += weight * (3 * z2 - pi2 * k * k);
  }
  const k1 = (root * s1) / (6 * z4);
  const k2 = (root * s2) / (72 * z6 * z) - (pi2 * root * extra2) / (36 * z2 * z);
  const k3 = (root * s3) / (6480 * z6 * z4) + (pi2 * root * extra3) / (216 * z6);
  return 1 - kolmogorovSurvival(z) + k1 / Math.sqrt(n) + k2 / n + k3 / n ** 1.5;
}

/** P(D_n < d) exactly: n! / n^n times the middle of the n-th power of a matrix of width 2k - 1, k = ceil(n d) (Durbin 1973). */
function durbin(n: number, d: number): number {
  const k = Math.floor(n * d) + 1;
  const h = k - n * d;
  const width = 2 * k - 1;
  const matrix = new Float64Array(width * width);
  for (let i = 0; i < width; i += 1) for (let j = 0; j < width; j += 1) matrix[i * width + j] = i - j + 1 < 0 ? 0 : 1;
  for (let i = 0; i < width; i += 1) {
    matrix[i * width]! -= h ** (i + 1);
    matrix[(width - 1) * width + i]! -= h ** (width - i);
  }
  matrix[(width - 1) * width]! += 2 * h - 1 > 0 ? (2 * h - 1) ** width : 0;
  for (let i = 0; i < width; i += 1) {
    for (let j = 0; j <= i; j += 1) for (let g = 2; g <= i - j + 1; g += 1) matrix[i * width + j]! /= g;
  }
  // One row of the power is enough: it is multiplied n times, and n! / n^n goes in factor by factor, so that nothing overflows.
  let row = new Float64Array(width);
  row[k - 1] = 1;
  for (let step = 1; step <= n; step += 1) {
    const next = new Float64Array(width);
    for (let i = 0; i < width; i += 1) {
      const factor = (row[i]! * step) / n;
      if (factor === 0) continue;
      for (let j = 0; j < Math.min(width, i + 2); j += 1) next[j]! += factor * matrix[i * width + j]!;
    }
    row = next;
  }
  return row[k - 1]!;
}
