// The client of a job server: start, look, cancel, and the bytes of results, each answer told apart as usable, as a refusal or as no answer.
// Invariant: the secret header goes to the job server's own origin only.
import { UnderstudyError } from '../../domain/failures';
import { JobStatus, type JobStart } from '../../domain/training/training-jobs';

/** One job server, by its address. Every call may fail with `TRAINER_UNAVAILABLE` (ask again) or `TRAINING_FAILED` (it refuses). */
export interface JobServer {
  /** Starts the job of the start's key, or finds it: repeated, it starts nothing. */
  start(start: JobStart<unknown>, signal: AbortSignal): Promise<JobStatus>;
  /** `lost`: the server knows no such job. */
  look(key: string, signal: AbortSignal): Promise<JobStatus | 'lost'>;
  /** Cancels the job; one that has ended or is unknown stays as it is. */
  cancel(key: string, signal: AbortSignal): Promise<void>;
  /** The bytes at an address that a result gives, relative to that of the job. */
  open(key: string, address: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}

/** How long an answer may take, in milliseconds. */
const ANSWER_WITHIN_MS = 20_000;
const LONGEST_ANSWER_BYTES = 1024 * 1024;
/** Statuses that say nothing about the request: the same may be answered later. */
const ASK_AGAIN = new Set([408, 425, 429]);

/** @param headers - sent with every request to the server's own origin: the secret, where there is one. */
export function createJobServer(url: string, headers: Readonly<Record<string, string>>): JobServer {
  const base = url.replace(/\/+$/, '');
  const jobUrl = (key: string): string => `${base}/${encodeURIComponent(key)}`;

  async function send(address: string, init: RequestInit, signal: AbortSignal): Promise<Response> {
    const own = new URL(address).origin === new URL(base).origin;
    try {
      return await fetch(address, {
        ...init,
        // A redirect would take the start, and the secret, to somebody whom the definition does not name.
        redirect: 'manual',
        headers: { accept: 'application/json', ...(init.headers as Record<string, string>), ...(own ? headers : {}) },
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      throw noAnswer(address, networkProblem(error));
    }
  }

  async function ask(method: string, address: string, body: string | null, outer: AbortSignal): Promise<Response> {
    const late = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const signal = AbortSignal.any([outer, late]);
    const key = body === null ? {} : { 'content-type': 'application/json' };
    try {
      return await readable(await send(address, { method, body, headers: key }, signal));
    } catch (error) {
      outer.throwIfAborted();
      if (late.aborted) throw noAnswer(address, `no answer within ${ANSWER_WITHIN_MS / 1000} s`);
      // The connection broke while the answer was read.
      throw error instanceof UnderstudyError ? error : noAnswer(address, networkProblem(error));
    }
  }

  return {
    async start(start, signal) {
      const body = JSON.stringify(start);
      return statusOf(base, await accepted('POST', base, await ask('POST', base, body, signal)));
    },
    async look(key, signal) {
      const answer = await ask('GET', jobUrl(key), null, signal);
      if (answer.status === 404 || answer.status === 410) return 'lost';
      return statusOf(jobUrl(key), await accepted('GET', jobUrl(key), answer));
    },
    async cancel(key, signal) {
      const answer = await ask('DELETE', jobUrl(key), null, signal);
      if (answer.status !== 404 && answer.status !== 410) await accepted('DELETE', jobUrl(key), answer);
    },
    async open(key, address, signal) {
      if (!URL.canParse(address, `${jobUrl(key)}/`))
        throw refused(base, `a result has the address ${address}`, 'a URL');
      const target = new URL(address, `${jobUrl(key)}/`);
      if (!/^https?:$/.test(target.protocol))
        throw refused(base, `a result has the address ${target.href}`, 'an http or https one');
      const answer = await send(target.href, { headers: { accept: '*/*' } }, signal);
      if (!answer.ok || answer.body === null) throw await refusal('GET', target.href, answer);
      return answer.body as ReadableStream<Uint8Array>;
    },
  };
}

/** The whole body, bounded, so that what reads it cannot hang or fill the memory. */
async function readable(answer: Response): Promise<Response> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > LONGEST_ANSWER_BYTES)
      throw refused(answer.url, `an answer of more than ${LONGEST_ANSWER_BYTES} bytes`, 'less');
    chunks.push(chunk);
  }
  const empty = answer.status === 204 || answer.status === 304;
  return new Response(empty ? null : Buffer.concat(chunks), { status: answer.status === 0 ? 599 : answer.status });
}

async function accepted(method: string, address: string, answer: Response): Promise<Response> {
  if (answer.ok) return answer;
  throw await refusal(method, address, answer);
}

async function refusal(method: string, address: string, answer: Response): Promise<UnderstudyError> {
  const { status } = answer;
  const text = (await answer.text().catch(() => '')).trim().slice(0, 500);
  const found = `${method} answered ${status}${text === '' ? '' : `: ${text}`}`;
  if (status >= 500 || ASK_AGAIN.has(status)) return noAnswer(address, found);
  return refused(address, found, '2xx with the state of the job');
}

async function statusOf(address: string, answer: Response): Promise<JobStatus> {
  const text = await answer.text();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refused(address, `no JSON but ${JSON.stringify(text.slice(0, 100))}`, 'the state of the job as JSON');
  }
  const parsed = JobStatus.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw refused(
    address,
    `${issue.path.join('.') || 'the answer'}: ${issue.message}`,
    'the state of a job (docs/trainers.md)',
  );
}

function noAnswer(address: string, found: string): UnderstudyError {
  return new UnderstudyError('TRAINER_UNAVAILABLE', `The job server at ${address} does not answer: ${found}.`, {
    address,
  });
}

function refused(address: string, found: string, allowed: string): UnderstudyError {
  return new UnderstudyError(
    'TRAINING_FAILED',
    `The job server at ${address}: found ${found}; allowed is ${allowed}.`,
    {
      address,
    },
  );
}

/** `fetch` says "fetch failed" of everything; why stands in the cause. */
function networkProblem(error: unknown): string {
  const { message, cause } = (error ?? {}) as { message?: string; cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message ?? String(error);
}
