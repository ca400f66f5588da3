// The normal distribution by rational functions, for integrals that need it a million times: some 50 ns where `distributions.ts` takes microseconds.
// Absolute error of the distribution function below 1e-15, relative error of the quantile below 1e-13 for p from 1e-300 on (tests).

// Taken out of the global once: in a sandbox, as tests run in, looking `Math` up takes longer than the exponential.
const { abs, exp, log, sqrt } = Math;
const ROOT_TWO_PI = sqrt(2 * Math.PI);

// Polynomials by Horner's rule, written out: a loop over coefficients takes three times as long.
const tailAbove = (x: number): number =>
  (((((3.52624965998911e-2 * x + 0.700383064443688) * x + 6.37396220353165) * x + 33.912866078383) * x +
    112.079291497871) *
    x +
    221.213596169931) *
    x +
  220.206867912376;
const tailBelow = (x: number): number =>
  ((((((8.83883476483184e-2 * x + 1.75566716318264) * x + 16.064177579207) * x + 86.7807322029461) * x +
    296.564248779674) *
    x +
    637.333633378831) *
    x +
    793.826512519948) *
    x +
  440.413735824752;
/** From here on the continued fraction of the tail is as exact. */
const FAR = 7.07106781186547;
/** Below this the density is not a double any more. */
const NOTHING = 38;

/** P(Z <= x): Hart and others (1968), algorithm 5666, as West (2005), "Better approximations to cumulative normal functions", has it. */
export function rapidNormalCdf(x: number): number {
  const size = abs(x);
  if (size > NOTHING) return x < 0 ? 0 : 1;
  const density = exp((-size * size) / 2);
  const tail =
    size < FAR
      ? (density * tailAbove(size)) / tailBelow(size)
      : density / (size + 1 / (size + 2 / (size + 3 / (size + 4 / (size + 0.65))))) / ROOT_TWO_PI;
  return x < 0 ? tail : 1 - tail;
}

const centreQuantileAbove = (x: number): number =>
  ((((((2509.0809287301226727 * x + 33430.575583588128105) * x + 67265.770927008700853) * x + 45921.953931549871457) *
    x +
    13731.693765509461125) *
    x +
    1971.5909503065514427) *
    x +
    133.14166789178437745) *
    x +
  3.387132872796366608;
const centreQuantileBelow = (x: number): number =>
  ((((((5226.495278852854561 * x + 28729.085735721942674) * x + 39307.89580009271061) * x + 21213.794301586595867) * x +
    5394.1960214247511077) *
    x +
    687.1870074920579083) *
    x +
    42.313330701600911252) *
    x +
  1;
const tailQuantileAbove = (x: number): number =>
  ((((((7.7454501427834140764e-4 * x + 0.0227238449892691845833) * x + 0.24178072517745061177) * x +
    1.27045825245236838258) *
    x +
    3.64784832476320460504) *
    x +
    5.7694972214606914055) *
    x +
    4.6303378461565452959) *
    x +
  1.42343711074968357734;
const tailQuantileBelow = (x: number): number =>
  ((((((1.05075007164441684324e-9 * x + 5.475938084995344946e-4) * x + 0.0151986665636164571966) * x +
    0.14810397642748007459) *
    x +
    0.68976733498510000455) *
    x +
    1.6763848301838038494) *
    x +
    2.05319162663775882187) *
    x +
  1;
const farQuantileAbove = (x: number): number =>
  ((((((2.01033439929228813265e-7 * x + 2.71155556874348757815e-5) * x + 0.0012426609473880784386) * x +
    0.026532189526576123093) *
    x +
    0.29656057182850489123) *
    x +
    1.7848265399172913358) *
    x +
    5.4637849111641143699) *
    x +
  6.6579046435011037772;
const farQuantileBelow = (x: number): number =>
  ((((((2.04426310338993978564e-15 * x + 1.4215117583164458887e-7) * x + 1.8463183175100546818e-5) * x +
    7.868691311456132591e-4) *
    x +
    0.0148753612908506148525) *
    x +
    0.13692988092273580531) *
    x +
    0.59983220655588793769) *
    x +
  1;

/** The x with P(Z <= x) = p, for p in [0, 1]: Wichura (1988), algorithm AS 241 (PPND16). NaN outside. */
export function rapidNormalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p === 0 || p === 1) return p === 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const q = p - 0.5;
  if (abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * centreQuantileAbove(r)) / centreQuantileBelow(r);
  }
  const r = sqrt(-log(q < 0 ? p : 1 - p));
  const value =
    r <= 5
      ? tailQuantileAbove(r - 1.6) / tailQuantileBelow(r - 1.6)
      : farQuantileAbove(r - 5) / farQuantileBelow(r - 5);
  return q < 0 ? -value : value;
}
