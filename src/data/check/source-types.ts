// Whether a raw column's type became wider (every value that it could hold it still can) or narrower than it was.

const INTEGERS: Readonly<Record<string, { readonly bits: number; readonly signed: boolean }>> = {
  TINYINT: { bits: 8, signed: true },
  SMALLINT: { bits: 16, signed: true },
  INTEGER: { bits: 32, signed: true },
  BIGINT: { bits: 64, signed: true },
  HUGEINT: { bits: 128, signed: true },
  UTINYINT: { bits: 8, signed: false },
  USMALLINT: { bits: 16, signed: false },
  UINTEGER: { bits: 32, signed: false },
  UBIGINT: { bits: 64, signed: false },
  UHUGEINT: { bits: 128, signed: false },
};
/** Bits of whole numbers that a floating-point type holds exactly. */
const EXACT_BITS: Readonly<Record<string, number>> = { FLOAT: 24, DOUBLE: 53 };
/** From the coarsest to the finest, each holding the instants of those before it. */
const INSTANTS = ['DATE', 'TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP', 'TIMESTAMP_NS'];

/**
 * Compares two DuckDB type names. Any type became wider when it is text now; a date when it is a timestamp; an integer when it is a
 * floating-point number that holds all of its values exactly. Everything else that is not the same is narrower.
 */
export function typeChange(before: string, now: string): 'same' | 'widened' | 'narrowed' {
  if (before === now) return 'same';
  return now === 'VARCHAR' || widensNumber(before, now) || widensInstant(before, now) ? 'widened' : 'narrowed';
}

function widensNumber(before: string, now: string): boolean {
  const was = INTEGERS[before];
  const is = INTEGERS[now];
  if (was && is) return was.signed === is.signed ? is.bits > was.bits : is.signed && is.bits > was.bits;
  const exact = EXACT_BITS[now];
  if (was && exact !== undefined) return exact >= was.bits - (was.signed ? 1 : 0);
  if (before === 'FLOAT' && now === 'DOUBLE') return true;
  const [decimalWas, decimalIs] = [decimal(before), decimal(now)];
  if (!decimalIs) return false;
  if (was) return decimalIs.whole >= Math.ceil(was.bits * Math.log10(2));
  return decimalWas !== null && decimalIs.whole >= decimalWas.whole && decimalIs.scale >= decimalWas.scale;
}

function widensInstant(before: string, now: string): boolean {
  const was = INSTANTS.indexOf(before);
  return was >= 0 && INSTANTS.indexOf(now) > was;
}

function decimal(type: string): { readonly whole: number; readonly scale: number } | null {
  const match = /^DECIMAL\((\d+),(\d+)\)$/.exec(type);
  return match ? { whole: Number(match[1]) - Number(match[2]), scale: Number(match[2]) } : null;
}
