// Scores a day through the serving process: every scheduled entity, as of its own event time, and sees that each prediction is logged.
import type { Day } from '../domain/days';
import { UnderstudyError } from '../domain/failures';
import type { ModelPlan } from '../domain/plan/plan';
import type { DataActivities } from '../ports/activities';
import { heartbeating } from './boundary';
import { createDayReader, requireFeatures, type DayFeatures } from './features/day-features';
import type { DataDependencies } from './dependencies';
import { createFeaturizer } from './features/featurize';
import { createOnlinePublisher } from './features/online';
import { createVersionFeatures } from './feeding/version-features';
import { planLoader } from './plans';

/** Rows of one request: small enough to answer at once, large enough to make HTTP cheap. */
const ROWS_PER_REQUEST = 500;
const REQUEST_TIMEOUT_MS = 30_000;
/** Predictions are logged off the response path; this is how long they may take to arrive. */
const LOGGED_WITHIN_MS = 10_000;
const POLL_MS = 50;

export function createScoreActivities(dependencies: DataDependencies): Pick<DataActivities, 'scoreDay'> {
  const { stores, servingUrl } = dependencies;
  const loadPlan = planLoader(stores.definitions);
  const days = createDayReader(dependencies);
  const feeding = createVersionFeatures(stores);
  const publisher = createOnlinePublisher(dependencies, createFeaturizer(dependencies));
  return {
    scoreDay: ({ definitionDigest, day }) =>
      heartbeating(async (progress) => {
        const { plan } = await loadPlan(definitionDigest);
        if ((await stores.registry.champion(plan.name)).version === null) return { rows: 0, version: null };
        const served = await servedVersion(servingUrl, plan.name);
        const fed = await feeding.planFor(plan, await stores.registry.load(plan.name, served.version));
        const features = requireFeatures(fed, day, await days.features(fed, day));
        // Whoever asks by entity key gets the values that this day is scored with.
        await publisher.publishOnline(plan, [day]);
        const total = features.keys.length;
        for (let at = 0; at < total; at += ROWS_PER_REQUEST) {
          const to = Math.min(at + ROWS_PER_REQUEST, total);
          await infer(servingUrl, fed, day, features, served, at, to);
          progress({ sent: to, of: total });
        }
        await awaitLogged(plan, day, total);
        return { rows: total, version: served.version };
      }),
  };

  async function awaitLogged(plan: ModelPlan, day: Day, total: number): Promise<void> {
    const deadline = Date.now() + LOGGED_WITHIN_MS;
    for (;;) {
      const logged = await stores.predictions.count(plan.name, day);
      if (logged >= total) return;
      if (Date.now() > deadline) {
        throw new UnderstudyError(
          'SERVING_UNAVAILABLE',
          `serving logged ${logged} of ${total} predictions of ${day} within ${LOGGED_WITHIN_MS / 1000} s; the day is sent again`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

/** The version that answers, and the names of its inputs. */
interface Served {
  readonly version: number;
  readonly inputs: ReadonlySet<string>;
}

/**
 * Which version serves. It is asked by its number from then on: its features are its own, and another version may take over meanwhile.
 * A definition may have gained features since it was trained; it is asked with its own inputs.
 */
async function servedVersion(servingUrl: string, model: string): Promise<Served> {
  const { parameters, inputs } = (await ask(`${servingUrl}/v2/models/${model}`, {})) as {
    parameters: { readonly version: string };
    inputs: readonly { readonly name: string }[];
  };
  return { version: Number(parameters.version), inputs: new Set(inputs.map(({ name }) => name)) };
}

/** Asks serving. What may pass (no answer, 5xx, no model yet) is retried as SERVING_UNAVAILABLE; a refusal is SIGNATURE_MISMATCH. */
async function ask(url: string, init: RequestInit): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  } catch (error) {
    const message = `serving at ${url} does not answer: ${(error as Error).message}`;
    throw new UnderstudyError('SERVING_UNAVAILABLE', message, {}, { cause: error });
  }
  const body = (await response.json().catch(() => ({}))) as { error?: string };
  if (response.status >= 500 || response.status === 404) {
    throw new UnderstudyError('SERVING_UNAVAILABLE', `serving answered ${response.status}: ${body.error ?? ''}`);
  }
  if (!response.ok)
    throw new UnderstudyError('SIGNATURE_MISMATCH', `serving refused: ${body.error ?? response.status}`);
  return body;
}

/** One request of the Open Inference Protocol (V2, JSON). Repeating it is safe: rows are logged once per key. */
async function infer(
  servingUrl: string,
  plan: ModelPlan,
  day: Day,
  features: DayFeatures,
  served: Served,
  from: number,
  to: number,
): Promise<void> {
  const rows = features.rows.slice(from, to);
  const shape = [rows.length];
  const inputs: object[] = plan.features
    .flatMap((view) => Object.entries(view.features))
    .filter(([name]) => served.inputs.has(name))
    .map(([name, kind]) => ({
      name,
      shape,
      datatype: kind === 'category' ? 'BYTES' : 'FP32',
      data: rows.map((row) => row[name] ?? null),
    }));
  inputs.push({ name: 'entity_key', shape, datatype: 'BYTES', data: features.keys.slice(from, to) });
  inputs.push({ name: 'as_of', shape, datatype: 'BYTES', data: features.eventTimes.slice(from, to) });
  const request = { id: `score/${plan.name}/${day}/${from}`, inputs, parameters: { partition: day } };
  await ask(`${servingUrl}/v2/models/${plan.name}/versions/${served.version}/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
}
