// A contender with other settings, in a plan of its own that is checked as an author's is.
// Invariant: nothing but the one contender differs from the plan that it is taken from.
import { createHash } from 'node:crypto';
import { UnderstudyError } from '../../domain/failures';
import { ModelPlan } from '../../domain/plan/plan';
import { planProblems } from '../checks/checks';
import { canonicalJson } from '../digest';
import { list, shapeProblems, type Problem } from '../checks/problems';

/** One setting as a person gives it: `params.num_leaves=31`. */
export interface Setting {
  /** Within the contender, such as `params.num_leaves`. */
  readonly path: string;
  /** null: the setting is taken away. */
  readonly value: unknown;
}

/** The plan of an experiment, and what tells it from others. */
export interface Variation {
  readonly plan: ModelPlan;
  /** SHA-256 of model, contender with all its settings, and snapshot. */
  readonly digest: string;
}

/**
 * Reads settings, joined by commas: `params.l2=3,seed=7,tuning=null`. A value is JSON where it is some (a number, true, an object), else a text.
 * @throws UnderstudyError `USAGE` for one that is no `PATH=VALUE`, and for a path that is given twice.
 */
export function readSettings(text: string | undefined): Setting[] {
  if (text === undefined) return [];
  const found = text.split(/,(?=[A-Za-z_][\w.-]*=)/).map((each): Setting => {
    const [, path, value] = /^([A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*)=(.+)$/s.exec(each) ?? [];
    if (path === undefined || value === undefined)
      throw usage(`found "${each}", allowed is PATH=VALUE, such as params.num_leaves=31`);
    return { path, value: valueOf(value) };
  });
  const twice = found.find(({ path }, index) => found.findIndex((other) => other.path === path) !== index);
  if (twice) throw usage(`${twice.path}: found it twice, allowed is each path once`);
  return found;
}

/** Settings as they are kept and shown: sorted by path, each as `path=value`. */
export function settingTexts(settings: readonly Setting[]): string[] {
  return settings
    .map(({ path, value }) => `${path}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .sort((a, b) => (a < b ? -1 : 1));
}

/**
 * The plan with the contender's settings changed.
 * @throws UnderstudyError `USAGE` naming path, what was found and what is allowed, for an unknown contender, path or value.
 */
export function variationOf(
  plan: ModelPlan,
  contender: string,
  settings: readonly Setting[],
  snapshot: string,
): Variation {
  const written = plan.contenders[contender];
  if (!written) {
    const known = list(Object.keys(plan.contenders));
    throw new UnderstudyError('USAGE', `--contender: found "${contender}", allowed is one of: ${known}`);
  }
  const changed = settings.reduce<unknown>((into, { path, value }) => withValue(into, path.split('.'), value), written);
  const input = { ...plan, contenders: { ...plan.contenders, [contender]: changed } };
  const parsed = ModelPlan.safeParse(input, { reportInput: true });
  const shape = shapeProblems(input, parsed.error);
  if (!parsed.success || shape.length > 0) throw refused(contender, shape);
  const problems = planProblems(parsed.data).filter(({ path }) => path.startsWith(`contenders.${contender}.`));
  if (problems.length > 0) throw refused(contender, problems);
  const what = { model: plan.name, contender, settings: parsed.data.contenders[contender], snapshot };
  return { plan: parsed.data, digest: createHash('sha256').update(canonicalJson(what)).digest('hex') };
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function withValue(into: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  const fields = typeof into === 'object' && into !== null && !Array.isArray(into) ? { ...into } : {};
  const before = (fields as Record<string, unknown>)[name!];
  const after = rest.length === 0 ? value : withValue(before, rest, value);
  const { [name!]: _, ...others } = fields as Record<string, unknown>;
  return after === null ? others : { ...others, [name!]: after };
}

function refused(contender: string, problems: readonly Problem[]): UnderstudyError {
  const lines = problems.map(({ path, found, allowed }) => {
    const own = path.replace(`contenders.${contender}.`, '');
    return `${own}: found ${found}, allowed is ${allowed}`;
  });
  return usage(lines.join('; '));
}

function usage(message: string): UnderstudyError {
  return new UnderstudyError('USAGE', `--set: ${message}`);
}
