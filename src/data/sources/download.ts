// Brings a file of another machine here: streamed, hashed on the way, and tried again when the connection fails.
// Invariant: a file that was cut off never counts as read.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { UnderstudyError } from '../../domain/failures';
import { networkProblem, sourceFailure, type FetchedFile, type FetchRequest } from './source-file';

/** What a server answers: the file, or that it is as known. */
export type Answer =
  | 'unchanged'
  | {
      readonly body: Readable;
      readonly validator: string;
      /** Length that the server told; undefined: it did not. */
      readonly bytes: number | undefined;
      /** The server sends a plain file compressed, though nobody asked for it. */
      readonly gunzip?: boolean;
    };

/** Patience with a server; times in milliseconds. */
export interface Patience {
  /** Attempts in all. Default 4. */
  readonly attempts?: number;
  /** Before the second attempt; each later one waits three times as long. Default 300. */
  readonly firstWaitMs?: number;
  /** How long a connection may be silent. Default 30,000. */
  readonly silenceMs?: number;
}

const ALLOWED = 'a file that can be read to its end';

/**
 * Downloads into `request.dir`. `open` is called anew for each attempt and throws failures of its own kind; only SOURCE_UNAVAILABLE is tried again.
 * @throws UnderstudyError `SOURCE_UNAVAILABLE` when no attempt got to the end.
 */
export async function download(
  name: string,
  baseName: string,
  request: FetchRequest,
  open: (signal: AbortSignal) => Promise<Answer>,
  patience: Patience = {},
): Promise<FetchedFile> {
  const { attempts = 4, firstWaitMs = 300 } = patience;
  for (let attempt = 1; ; attempt++) {
    request.signal?.throwIfAborted();
    try {
      return await once(name, baseName, request, open, patience.silenceMs ?? 30_000);
    } catch (error) {
      request.signal?.throwIfAborted();
      const mayPass = error instanceof UnderstudyError && error.code === 'SOURCE_UNAVAILABLE';
      if (!mayPass || attempt >= attempts) throw error;
      await wait(firstWaitMs * 3 ** (attempt - 1), undefined, request.signal ? { signal: request.signal } : {});
    }
  }
}

async function once(
  name: string,
  baseName: string,
  { dir, known, signal, onBytes }: FetchRequest,
  open: (signal: AbortSignal) => Promise<Answer>,
  silenceMs: number,
): Promise<FetchedFile> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), silenceMs);
  const either = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal;
  const hash = createHash('sha256');
  let received = 0;
  let bytes = 0;
  const counting = (): Transform =>
    new Transform({
      transform(chunk: Buffer, _encoding, done) {
        timer.refresh();
        received += chunk.length;
        done(null, chunk);
      },
    });
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      onBytes?.(bytes);
      done(null, chunk);
    },
  });
  try {
    const answer = await open(either);
    timer.refresh();
    if (answer === 'unchanged') return { revision: known!, path: null };
    const path = join(dir!, `${hashOf(name)}-${baseName.slice(-100)}`);
    const steps = [answer.body, counting(), ...(answer.gunzip ? [createGunzip()] : []), hashing];
    await pipeline([...steps, createWriteStream(path)], { signal: either });
    if (answer.bytes !== undefined && answer.bytes !== received)
      throw cutOff(name, `${received} of ${answer.bytes} bytes`);
    return { revision: { validator: answer.validator, sha256: hash.digest('hex'), bytes }, path };
  } catch (error) {
    if (error instanceof UnderstudyError) throw error;
    if (silence.signal.aborted) throw cutOff(name, `nothing for ${silenceMs} ms, after ${received} bytes`, error);
    const problem = networkProblem(error) ?? (isAborted(error) ? 'the connection ended before the file did' : null);
    if (problem === null) throw error;
    throw cutOff(name, `${problem}, after ${received} bytes`, error);
  } finally {
    clearTimeout(timer);
  }
}

function cutOff(name: string, found: string, cause?: unknown): UnderstudyError {
  const problem = { what: 'the file could not be read to its end', found, allowed: ALLOWED };
  return sourceFailure('SOURCE_UNAVAILABLE', name, problem, cause);
}

/** Node's own words for an answer that ended early. */
function isAborted(error: unknown): boolean {
  return /aborted|premature close|unexpected end of file/i.test(
    String((error as { message?: unknown } | null)?.message),
  );
}

function hashOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 12);
}
