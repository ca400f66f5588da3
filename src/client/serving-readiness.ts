// What the serving process says of itself: which version answers for each model, and what it could not open.
import { UnderstudyError } from '../domain/failures';

/** One model as serving holds it. */
export interface ServedState {
  readonly model: string;
  /** The champion by the registry, as serving last saw it; null: none yet. */
  readonly champion: number | null;
  /** The version that answers; null: none. */
  readonly serving: number | null;
  /** Versions that could not be opened. */
  readonly failures: readonly { readonly version: number; readonly code: string; readonly message: string }[];
}

/** How long an answer may take, in milliseconds. */
const ANSWER_WITHIN_MS = 5_000;

/** Asks `GET /v2/health/ready`. Fails with SERVING_UNAVAILABLE when nothing answers there, or when serving is not ready. */
export async function readServing(url: string): Promise<readonly ServedState[]> {
  const response = await fetch(`${url}/v2/health/ready`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) }).catch(
    (error: Error) => {
      const cause = { cause: error };
      throw new UnderstudyError('SERVING_UNAVAILABLE', `nothing answers at ${url} (${error.message})`, { url }, cause);
    },
  );
  const body = (await response.json().catch(() => ({}))) as { error?: string; models?: readonly ServedState[] };
  if (!response.ok || !body.models)
    throw new UnderstudyError('SERVING_UNAVAILABLE', `${url} is not ready: ${body.error ?? response.status}`, { url });
  return body.models;
}

/** Why versions of a model could not be opened, a sentence for each. */
export function openingFailures({ failures }: ServedState): string[] {
  return failures.map(({ version, code, message }) => `version ${version}: ${code}: ${message}`);
}

/** What is wrong with a model in serving, in one sentence; null: its champion answers. */
export function servingProblem(state: ServedState): string | null {
  const { model, champion, serving } = state;
  const why = openingFailures(state);
  if (champion !== serving) {
    const answers = serving === null ? 'no version answers' : `version ${serving} answers`;
    return [
      `${model}: the champion is ${champion === null ? 'none' : `version ${champion}`}, but ${answers}`,
      ...why,
    ].join('; ');
  }
  return why.length > 0 ? `${model}: ${why.join('; ')}` : null;
}
