// What a job server is sent at a start: the request, where its artifacts lie, and where to call back.
import { UnderstudyError } from '../../domain/failures';
import type { ArtifactRef } from '../../domain/data/artifacts';
import type { TrainRequest } from '../../domain/training/training';
import type { JobInput, JobSettings, JobStart } from '../../domain/training/training-jobs';

/** The address of a process's artifact store and of what takes call-backs, neither with a slash at its end. */
export interface Surroundings {
  readonly artifactStore: string;
  readonly callbackUrl: string;
}

/** The body of the start. How the job is reached is no part of it, so it holds no secret's name either. */
export function startMessage(
  key: string,
  token: string,
  request: TrainRequest,
  settings: JobSettings,
  { artifactStore, callbackUrl }: Surroundings,
): JobStart<Omit<TrainRequest, 'job'>> {
  const { job: _job, ...asked } = request;
  const store = artifactStore.replace(/\/+$/, '');
  const at = ({ sha256, bytes }: ArtifactRef): JobInput => ({
    location: `${store}/${sha256.slice(0, 2)}/${sha256}`,
    sha256,
    bytes,
  });
  return {
    key,
    request: asked,
    ...(settings.queue === undefined ? {} : { queue: settings.queue }),
    inputs: {
      matrix: at(request.matrix),
      signature: at(request.signature),
      ...(request.warmStart ? { warmStart: at(request.warmStart) } : {}),
    },
    store,
    ...(settings.callback ? { callback: `${callbackUrl.replace(/\/+$/, '')}/v1/training-jobs/${token}` } : {}),
  };
}

/** The header that the settings ask for. `secrets`: values by variable. Fails with CONFIG_INVALID when the variable is not set. */
export function authHeaders(
  { auth }: JobSettings,
  secrets: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  if (!auth) return {};
  const value = secrets[auth.variable];
  if (value !== undefined) return { [auth.header.toLowerCase()]: value };
  throw new UnderstudyError(
    'CONFIG_INVALID',
    `${auth.variable} is not set, but a contender sends it to its job server as ${auth.header}; allowed: the whole value of that header, in the environment of the data worker.`,
    { variable: auth.variable },
  );
}
