// Brings what a job has made into the artifact store: streamed, counted and checked by SHA-256 on the way.
// Invariant: nothing of a job is believed; bytes that are not those which it announced never get into the store.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { artifactUri, MEDIA_TYPES, type ArtifactRef } from '../../domain/data/artifacts';
import { UnderstudyError } from '../../domain/failures';
import type { TrainResult } from '../../domain/training/training';
import type { JobArtifact, JobResult } from '../../domain/training/training-jobs';
import type { TrainingArtifacts } from '../train-in-thread';
import type { JobServer } from './job-server';

/** Bytes that do not come for so long do not come any more, in milliseconds. */
const STALLED_AFTER_MS = 60_000;
const MEDIA = {
  onnx: MEDIA_TYPES.onnx,
  native: 'application/octet-stream',
  parity: MEDIA_TYPES.parquet,
  report: MEDIA_TYPES.json,
} as const;

export interface CollectOptions {
  readonly artifacts: TrainingArtifacts;
  readonly server: Pick<JobServer, 'open'>;
  readonly key: string;
  readonly signal: AbortSignal;
}

/**
 * The result with all of its artifacts in the store.
 * @throws UnderstudyError `TRAINING_FAILED` for bytes that are not there or not those that were announced, `TRAINER_UNAVAILABLE`, and the store's codes.
 */
export async function collectResult(result: JobResult, options: CollectOptions): Promise<TrainResult> {
  const { onnx, native, parity, report, ...rest } = result;
  const directory = await options.artifacts.tempDir();
  const collect = async (name: keyof typeof MEDIA, from: JobArtifact): Promise<ArtifactRef> =>
    from.url === undefined
      ? inStore(name, from, options)
      : fetched(name, { ...from, url: from.url }, directory, options);
  try {
    return {
      onnx: await collect('onnx', onnx),
      native: await collect('native', native),
      parity: await collect('parity', parity),
      report: await collect('report', report),
      ...rest,
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** What the job wrote into the store itself. */
async function inStore(
  name: keyof typeof MEDIA,
  { sha256, bytes }: JobArtifact,
  { artifacts }: CollectOptions,
): Promise<ArtifactRef> {
  const ref = { uri: artifactUri(sha256), sha256, bytes, mediaType: MEDIA[name] };
  const path = await artifacts.localPath(ref).catch((error: unknown) => {
    if (!(error instanceof UnderstudyError) || error.code !== 'ARTIFACT_MISSING') throw error;
    throw bad(name, `no artifact ${sha256} in the store`, 'one that the job has written there, or a url', error);
  });
  const { size } = await stat(path);
  if (size !== bytes) throw bad(name, `${size} bytes`, `the announced ${bytes}`);
  return ref;
}

async function fetched(
  name: keyof typeof MEDIA,
  { sha256, bytes, url }: JobArtifact & { readonly url: string },
  directory: string,
  { artifacts, server, key, signal }: CollectOptions,
): Promise<ArtifactRef> {
  const path = join(directory, name);
  const stalled = new AbortController();
  let timer = setTimeout(() => stalled.abort(), STALLED_AFTER_MS);
  const hash = createHash('sha256');
  let size = 0;
  async function* counted(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      clearTimeout(timer);
      timer = setTimeout(() => stalled.abort(), STALLED_AFTER_MS);
      size += chunk.byteLength;
      if (size > bytes) throw bad(name, `more bytes at ${url}`, `the announced ${bytes}`);
      hash.update(chunk);
      yield chunk;
    }
  }
  try {
    const body = await server.open(key, url, AbortSignal.any([signal, stalled.signal]));
    await pipeline(counted(body), createWriteStream(path));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UnderstudyError || codeOf(error) !== '') throw error;
    const why = stalled.signal.aborted ? `nothing came for ${STALLED_AFTER_MS / 1000} s` : String(error);
    throw new UnderstudyError('TRAINER_UNAVAILABLE', `${name} of the job cannot be read from ${url}: ${why}.`);
  } finally {
    clearTimeout(timer);
  }
  const found = hash.digest('hex');
  if (size !== bytes) throw bad(name, `${size} bytes at ${url}`, `the announced ${bytes}`);
  if (found !== sha256) throw bad(name, `the digest ${found} at ${url}`, `the announced ${sha256}`);
  return artifacts.putFile(path, MEDIA[name]);
}

function bad(name: string, found: string, allowed: string, cause?: unknown): UnderstudyError {
  const message = `The job's result, ${name}: found ${found}; allowed is ${allowed}.`;
  return new UnderstudyError('TRAINING_FAILED', message, {}, { cause });
}

/** Errors of the disk carry a code of the system; those of the network are of other kinds. */
function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && /^(ENOSPC|EDQUOT|EACCES|EROFS|EMFILE)$/.test(code) ? code : '';
}
