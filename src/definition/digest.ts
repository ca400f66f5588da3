// The digest of a plan: the same for the same plan, whatever the order in which an author wrote its fields.
import { createHash } from 'node:crypto';
import type { ModelPlan } from '../domain/plan/plan';

/** JSON with the fields of every object in alphabetical order and without `undefined`: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).filter(([, inner]) => inner !== undefined);
    fields.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${fields.map(([name, inner]) => `${JSON.stringify(name)}:${canonicalJson(inner)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

/**
 * SHA-256 (64 hexadecimal digits) of the plan's canonical JSON. The order of the features counts, because it is the order of a model's
 * columns; the order of all other fields does not.
 */
export function planDigest(plan: ModelPlan): string {
  const ordered = {
    ...plan,
    features: plan.features.map((view) => ({ ...view, features: Object.entries(view.features) })),
  };
  return createHash('sha256').update(canonicalJson(ordered)).digest('hex');
}
