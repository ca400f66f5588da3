// Warm starts: which version a training continues, what of it is recorded, and how the columns of the two fit together.
// Invariant: the categories of a continued model begin with those of its parent, in the parent's order, so that a code means the same in both.
import { z } from 'zod';
import { ArtifactRef } from '../data/artifacts';
import { Name } from './plan-words';

/** Trainers that can go on from another version, and how: by further trees, from its weights, or as an own function likes. */
export const STARTING_TRAINERS = ['lightgbm', 'xgboost', 'logistic', 'function'] as const;

/** What a contender's plan says of its start. */
export const StartPlan = z
  .object({
    /** Another model whose version it is. Default: the contender's own model. */
    model: Name.optional(),
    /** A version's number; `champion` or `previous` of the model; `parent`: the same contender's newest version. */
    version: z.union([z.number().int().positive(), z.enum(['champion', 'previous', 'parent'])]),
  })
  .readonly();
export type StartPlan = z.infer<typeof StartPlan>;

/** The version that a training starts from, as it was found when the training was prepared: a part of the request and of the lineage. */
export const StartedFrom = z
  .object({
    model: z.string(),
    version: z.number().int(),
    contender: z.string(),
    /** The version's native model. */
    native: ArtifactRef,
    /** The last day that it, or a version that it was started from, was trained on. */
    seenTo: z.string(),
    /** The rules of the truth days that its line kept out of training: every so many days. */
    truthEveryNthDays: z.array(z.number().int()),
  })
  .readonly();
export type StartedFrom = z.infer<typeof StartedFrom>;

/** A column as {@link ModelColumn} has it; what else a signature says is compared as a whole. */
interface Column {
  readonly kind: string;
  readonly name: string;
  readonly categories?: readonly string[];
}

/** Why the columns of a snapshot cannot go on from those of a version, as a clause; null: they can. */
export function columnsDiffer(parent: readonly Column[], now: readonly Column[]): string | null {
  const told = (columns: readonly Column[]): string => columns.map(({ kind, name }) => `${name} (${kind})`).join(', ');
  if (told(parent) === told(now)) return null;
  const at = now.findIndex(({ kind, name }, index) => kind !== parent[index]?.kind || name !== parent[index]?.name);
  const place = at < 0 ? now.length : at;
  const [theirs, ours] = [parent, now].map((columns) => (columns[place] ? told([columns[place]]) : 'nothing'));
  return `column ${place + 1} is ${theirs} there and ${ours} now`;
}

/** The columns of now with the parent's categories first, in its order, then the new ones in theirs. Names and kinds have to be the same. */
export function continuedColumns<C extends Column>(parent: readonly C[], now: readonly C[]): C[] {
  return now.map((column, index) => {
    const known = parent[index]?.categories;
    if (!known || !column.categories) return column;
    return { ...column, categories: [...known, ...column.categories.filter((name) => !known.includes(name))] };
  });
}
