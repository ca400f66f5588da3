// Scores a day through the serving process: every scheduled entity, as of its own event time, and sees that each prediction is logged.
import type { Day } from '../domain/days';
import { UnderstudyError } from '../domain/failures';
import type { ModelPlan } from '../domain/plan';
import type { DataActivities } from '../ports/activities';
import { heartbeating } from './boundary';
import { createDayReader, requireFeatures, type DayFeatures } from './day-features';
import type { DataDependencies } from './dependencies';
import { createFeaturizer } from './featurize';
import { createOnlinePublisher } from './online';
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
  const publisher = createOnlinePublisher(dependencies, createFeaturizer(dependencies));
  return {
    scoreDay: ({ definitionDigest, day }) =>
      heartbeating(async (progress) => {
        const { plan } = await loadPlan(definitionDigest);
        const { version } = await stores.registry.champion(plan.name);
        if (version === null) return { rows: 0, version: null };
        const features = requireFeatures(plan, day, await days.features(plan, day));
        // Whoever asks by entity key gets the values that this day is scored with.
        await publisher.publishOnline(plan, [day]);
        const total = features.keys.length;
        const inputs = await servedInputs(servingUrl, plan.name);
        let served = version;
        for (let at = 0; at < total; at += ROWS_PER_REQUEST) {
          served = await infer(servingUrl, plan, day, features, inputs, at, Math.min(at + ROWS_PER_REQUEST, total));
          progress({ sent: Math.min(at + ROWS_PER_REQUEST, total), of: total });
        }
        await awaitLogged(plan, day, total);
        return { rows: total, version: served };
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

/**
 * Input names of the version that serves. A definition may have gained or lost features since that version was trained; it is asked with its own.
 */
async function servedInputs(servingUrl: string, model: string): Promise<ReadonlySet<string>> {
  const { inputs } = (await ask(`${servingUrl}/v2/models/${model}`, {})) as {
    inputs?: readonly { readonly name: string }[];
  };
  return new Set((inputs ?? []).map(({ name }) => name));
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

/** One request of the Open Inference Protocol (V2, JSON); gives the version that answered. Repeating it is safe: rows are logged once per key. */
async function infer(
  servingUrl: string,
  plan: ModelPlan,
  day: Day,
  features: DayFeatures,
  accepted: ReadonlySet<string>,
  from: number,
  to: number,
): Promise<number> {
  const rows = features.rows.slice(from, to);
  const shape = [rows.length];
  const inputs: object[] = plan.features
    .flatMap((view) => Object.entries(view.features))
    .filter(([name]) => accepted.has(name))
    .map(([name, kind]) => ({
      name,
      shape,
      datatype: kind === 'category' ? 'BYTES' : 'FP32',
      data: rows.map((row) => row[name] ?? null),
    }));
  inputs.push({ name: 'entity_key', shape, datatype: 'BYTES', data: features.keys.slice(from, to) });
  inputs.push({ name: 'as_of', shape, datatype: 'BYTES', data: features.eventTimes.slice(from, to) });
  const request = { id: `score/${plan.name}/${day}/${from}`, inputs, parameters: { partition: day } };
  const answer = await ask(`${servingUrl}/v2/models/${plan.name}/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  return Number((answer as { model_version?: string }).model_version);
}
