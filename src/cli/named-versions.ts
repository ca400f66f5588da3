// What commands are told about which version of which model, and which snapshot.
import { UnderstudyError } from '../domain/failures';
import type { Task } from '../domain/evaluation/metrics';
import type { SnapshotRef } from '../domain/data/partitions';
import type { Stores } from '../ports/stores';
import { usage } from './arguments';

/** One version of one model. */
export interface NamedVersion {
  readonly model: string;
  readonly version: number;
}

/** Reads MODEL@VERSION or MODEL@champion. Fails with USAGE, MODEL_NOT_DEPLOYED, VERSION_NOT_FOUND. */
export async function namedVersion(stores: Stores, command: string, text: string): Promise<NamedVersion> {
  const [, model = '', which = ''] = /^([^@]+)@(champion|\d{1,9})$/.exec(text) ?? [];
  if (model === '') throw usage(`${command}: found "${text}", allowed is MODEL@VERSION or MODEL@champion`);
  await requireDeployed(stores, model);
  const version = which === 'champion' ? (await stores.registry.champion(model)).version : Number(which);
  if (version === null) throw new UnderstudyError('VERSION_NOT_FOUND', `"${model}" has no champion yet.`, { model });
  await stores.registry.load(model, version);
  return { model, version };
}

/** The task of the definition in force. Fails with MODEL_NOT_DEPLOYED. */
export async function taskOf(stores: Stores, model: string): Promise<Task> {
  await requireDeployed(stores, model);
  const current = await stores.definitions.current(model);
  return current === null ? 'binary' : (await stores.definitions.load(current.digest)).plan.task;
}

/** Fails with MODEL_NOT_DEPLOYED, naming the models that are. */
export async function requireDeployed(stores: Stores, model: string): Promise<void> {
  if ((await stores.definitions.current(model)) !== null) return;
  const known = await stores.definitions.models();
  const message = `"${model}" is not deployed; deployed are: ${known.join(', ') || 'none'}.`;
  throw new UnderstudyError('MODEL_NOT_DEPLOYED', message, { model });
}

/** The snapshot whose id starts so, or the newest one. Fails with USAGE. */
export async function namedSnapshot(stores: Stores, model: string, id: string | undefined): Promise<SnapshotRef> {
  const all = await stores.features.snapshots(model);
  const found = id === undefined ? all.slice(0, 1) : all.filter(({ snapshot }) => snapshot.id.startsWith(id));
  if (found.length === 1) return found[0]!.snapshot;
  if (all.length === 0)
    throw usage(
      `"${model}" has no snapshot yet: the first training cycle fixes one; run: npx understudy retrain ${model}`,
    );
  const what = found.length === 0 ? 'there is no such snapshot' : `${found.length} snapshots have ids that start so`;
  throw usage(
    `--snapshot: found "${id ?? 'nothing'}" (${what}), allowed is the start of an id of npx understudy snapshot list ${model}`,
  );
}
