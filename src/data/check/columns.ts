// Says which columns a delivered file lacks, and which of its columns is the likely new name of a missing one.
import { messageOf } from '../engine';

/** The column that DuckDB could not find, when that is what an error says. */
export function missingColumnIn(error: unknown): string | null {
  return /Referenced column "([^"]+)" not found/.exec(messageOf(error))?.[1] ?? null;
}

/**
 * One sentence on missing columns, each with the most similar column of the file that nobody else claims.
 * @param claimed columns of the file that the contract already uses under their own names.
 */
export function missingColumnMessage(
  fileName: string,
  missing: readonly string[],
  found: readonly string[],
  claimed: readonly string[],
): string {
  const free = found.filter((name) => !claimed.includes(name));
  const parts = missing.map((name) => {
    const renamed = likelyRename(name, free);
    return `column "${name}" is missing${renamed ? ` (renamed to "${renamed}"?)` : ''}`;
  });
  return `${fileName} line 1: ${parts.join(', ')} (found: ${found.join(', ')}; allowed: every column of the contract)`;
}

/** The most similar of the candidates, when at most half of the letters differ or one name contains the other. */
function likelyRename(name: string, candidates: readonly string[]): string | null {
  const wanted = letters(name);
  const scored = candidates
    .map((candidate) => {
      const text = letters(candidate);
      const contains = text.length > 2 && wanted.length > 2 && (text.includes(wanted) || wanted.includes(text));
      return { candidate, distance: contains ? 0.5 : editDistance(wanted, text) };
    })
    .filter(({ candidate, distance }) => distance <= Math.max(name.length, candidate.length) / 2)
    .sort((a, b) => a.distance - b.distance);
  return scored[0]?.candidate ?? null;
}

function letters(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
