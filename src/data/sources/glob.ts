// Globs with one sign: `*` stands for any text within one part of a path or key. Pure.

/** Whether a path or key has a `*`. */
export function isGlob(pattern: string): boolean {
  return pattern.includes('*');
}

/** The text before the first `*`: what every match begins with. */
export function literalPrefix(pattern: string): string {
  return pattern.split('*', 1)[0]!;
}

/** A test for whole paths or keys; `*` never matches a `/`. */
export function globExpression(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]*')}$`, 's');
}
