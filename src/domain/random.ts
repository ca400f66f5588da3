// Random numbers from a seed, so that a resampled interval is the same on every machine and in every recomputation.

/**
 * A stream of numbers from 0 (included) to 1 (excluded), by mulberry32 (Tommy Ettinger 2017): 32 bits of state, so it repeats after
 * about 4 thousand million numbers; for resampling, never for secrets.
 * @param seed a whole number; its low 32 bits count.
 */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
