// Numbers as people read them: whole ones as they are, the rest with five decimals or five significant digits. Records and --json stay exact.

/** `12768`, `0.54260`, `48.020`, `0.000123`, `1.2e-9`, `123457`. */
export function shownNumber(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) || !Number.isFinite(value)) return String(value);
  if (size >= 100_000) return value.toFixed(0);
  if (size >= 1) return value.toPrecision(5);
  if (size >= 0.001) return value.toFixed(5);
  return size >= 1e-6 ? value.toPrecision(3) : value.toExponential(1);
}
