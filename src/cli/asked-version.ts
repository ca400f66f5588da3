// Which model and version a person means: MODEL, MODEL@VERSION or MODEL@champion.
import { UnderstudyError } from '../domain/failures';
import type { Stores } from '../ports/stores';
import { usage } from './arguments';
import type { CliContext } from './command';

/** A deployed model. Fails with MODEL_NOT_DEPLOYED, naming those that are. */
export async function deployed(
  context: Pick<CliContext, 'stores'>,
  model: string,
): Promise<{ readonly stores: Stores; readonly model: string }> {
  const stores = await context.stores();
  if ((await stores.definitions.current(model)) === null) {
    const known = await stores.definitions.models();
    const message = `"${model}" is not deployed; deployed are: ${known.join(', ') || 'none'}.`;
    throw new UnderstudyError('MODEL_NOT_DEPLOYED', message, { model });
  }
  return { stores, model };
}

/**
 * The version that is meant; without one the champion. Whether a version of that number exists is seen when it is read.
 * Fails with USAGE, MODEL_NOT_DEPLOYED, and VERSION_NOT_FOUND when there is no champion.
 */
export async function askedVersion(
  context: Pick<CliContext, 'stores'>,
  command: string,
  asked: string,
): Promise<{ readonly stores: Stores; readonly model: string; readonly version: number }> {
  const [name = '', which = 'champion', ...more] = asked.split('@');
  if (more.length > 0 || !/^(champion|\d{1,9})$/.test(which)) {
    throw usage(`${command}: found "@${[which, ...more].join('@')}", allowed is MODEL@VERSION or MODEL@champion`);
  }
  const { stores, model } = await deployed(context, name);
  const version = which === 'champion' ? (await stores.registry.champion(model)).version : Number(which);
  if (version === null) throw new UnderstudyError('VERSION_NOT_FOUND', `"${model}" has no champion yet.`, { model });
  return { stores, model, version };
}
