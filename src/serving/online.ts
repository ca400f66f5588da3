// Predictions by entity key, our extension of the protocol: the features come from PostgreSQL instead of the request.
// Invariant: a request is answered for all of its keys or for none, with features of the views that the version was trained on and no others;
// without the database only such requests fail.
import { UnderstudyError } from '../domain/failures';
import type { ModelSignature } from '../domain/training/training';
import type { OnlineFeatures, OnlineStore } from '../ports/online';
import type { InferRequest } from './request';
import type { InputTensor } from './tensors';

/** Parameter of an inference request with the entities to predict for, instead of inputs. */
export const KEYS_PARAMETER = 'entity_keys';
/** Keys of one request at most: as many rows as a scoring request has, twice over. */
const MOST_KEYS = 1_000;

/** What is asked of the store. */
type Lookup = Pick<OnlineStore, 'lookup'>;

/** A version, and the digests of the views that it was trained on. */
interface Fed {
  readonly version: number;
  readonly signature: ModelSignature;
  readonly views: readonly string[];
}

/** The keys that a request asks for; undefined: it brings its own inputs. Fails with REQUEST_INVALID. */
export function entityKeysOf({ parameters, inputs }: InferRequest): readonly string[] | undefined {
  const keys = parameters[KEYS_PARAMETER];
  if (keys === undefined) return undefined;
  if (inputs.length > 0) throw invalid('it beside inputs', 'either inputs, or entity keys');
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > MOST_KEYS) {
    throw invalid(
      Array.isArray(keys) ? `${keys.length} keys` : JSON.stringify(keys),
      `an array of 1 to ${MOST_KEYS} keys`,
    );
  }
  return keys.map((key: unknown, at) => {
    if (typeof key === 'string' && key !== '' && !key.includes('\0')) return key;
    throw invalid(`${JSON.stringify(key)} as key ${at}`, 'texts that are not empty');
  });
}

/**
 * The request as if the client had sent the features of these entities itself. With the parameter `partition` it also names the entities and,
 * unless the request does, the instants of the features, so that the predictions are logged.
 * @throws UnderstudyError `ENTITY_UNKNOWN` naming the keys, `FEATURES_CHANGED` when only features of other views than the version's are
 * online, `SIGNATURE_MISMATCH` when the version wants a feature that is not online, `DATABASE_UNAVAILABLE`
 */
export async function withOnlineFeatures(
  store: Lookup,
  model: string,
  request: InferRequest,
  keys: readonly string[],
  { version, signature, views }: Fed,
): Promise<InferRequest> {
  const found = byEntity(await store.lookup(model, [...new Set(keys)], views));
  await refuseOtherViews(store, model, version, keys, found);
  requireKnown(model, keys, found);
  const shape = [keys.length];
  const inputs = signature.columns.map(({ name, kind }): InputTensor => {
    const values = keys.map((key) => featureOf(model, name, key, found.get(key)!));
    return { name, shape, datatype: kind === 'number' ? 'FP32' : 'BYTES', values };
  });
  if (request.parameters['partition'] !== undefined) {
    inputs.push({ name: 'entity_key', shape, datatype: 'BYTES', values: keys });
    if (request.parameters['as_of'] === undefined) {
      const instants = keys.map((key) => latest(found.get(key)!));
      inputs.push({ name: 'as_of', shape, datatype: 'BYTES', values: instants });
    }
  }
  return { ...request, inputs };
}

/**
 * What GET /v2/models/M/features/K says: the values of one entity, view by view, of all versions of the views that are online.
 * @throws UnderstudyError `ENTITY_UNKNOWN`, `DATABASE_UNAVAILABLE`
 */
export async function entityFeatures(store: Lookup, model: string, key: string): Promise<object> {
  const found = byEntity(await store.lookup(model, [key]));
  requireKnown(model, [key], found);
  return {
    name: model,
    entity_key: key,
    views: found.get(key)!.map(({ view, viewDigest, eventTime, day, featureKey, features }) => {
      return { view, view_digest: viewDigest, event_time: eventTime, day, feature_key: featureKey, features };
    }),
  };
}

function byEntity(rows: readonly OnlineFeatures[]): Map<string, OnlineFeatures[]> {
  const entities = new Map<string, OnlineFeatures[]>();
  for (const row of rows) entities.set(row.entityKey, [...(entities.get(row.entityKey) ?? []), row]);
  return entities;
}

/** The same feature by name may be another number: it is not passed on. */
async function refuseOtherViews(
  store: Lookup,
  model: string,
  version: number,
  keys: readonly string[],
  found: ReadonlyMap<string, unknown>,
): Promise<void> {
  const unknown = [...new Set(keys)].filter((key) => !found.has(key));
  const [other] = unknown.length === 0 ? [] : await store.lookup(model, unknown);
  if (!other) return;
  throw new UnderstudyError(
    'FEATURES_CHANGED',
    `Version ${version} of ${model} was trained on other feature views than those that are online for the entity ${other.entityKey}. ` +
      'Send the inputs themselves, or ask again after the next scoring.',
    { model, version, key: other.entityKey },
  );
}

function requireKnown(model: string, keys: readonly string[], found: ReadonlyMap<string, unknown>): void {
  const unknown = [...new Set(keys)].filter((key) => !found.has(key));
  if (unknown.length === 0) return;
  const shown = unknown.slice(0, 20).join(', ');
  const more = unknown.length > 20 ? ` and ${unknown.length - 20} more` : '';
  throw new UnderstudyError(
    'ENTITY_UNKNOWN',
    `No features of ${model} are online for ${unknown.length === 1 ? 'the entity' : `${unknown.length} entities`} ${shown}${more}.`,
    { model, keys: unknown },
  );
}

function featureOf(model: string, name: string, key: string, views: readonly OnlineFeatures[]): number | string | null {
  const view = views.find(({ features }) => Object.hasOwn(features, name));
  if (view) return view.features[name] ?? null;
  throw new UnderstudyError(
    'SIGNATURE_MISMATCH',
    `Input ${name}: found no such feature of ${model} online for the entity ${key}; allowed: ${views.flatMap(({ features }) => Object.keys(features)).join(', ')}. Send the inputs themselves.`,
    { input: name, key },
  );
}

function latest(views: readonly OnlineFeatures[]): string {
  return views.map(({ eventTime }) => eventTime).reduce((a, b) => (a > b ? a : b));
}

function invalid(found: string, allowed: string): UnderstudyError {
  return new UnderstudyError(
    'REQUEST_INVALID',
    `The request's parameters.${KEYS_PARAMETER} is not as it has to be: found ${found}; allowed: ${allowed}.`,
    { field: `parameters.${KEYS_PARAMETER}`, found, allowed },
  );
}
