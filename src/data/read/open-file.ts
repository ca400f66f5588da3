// Opens a delivered file and gives its bytes unpacked, chunk by chunk. It exists because DuckDB reads a truncated gzip file without
// an error (1.5.6: 48,806 of 50,000 rows). Invariant: a stream that ends without a failure was complete.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import type { FileSourcePlan } from '../../domain/plan/plan';
import { messageOf } from '../engine';
import { fileSystemFailure, unreadable, type RawFile } from './raw-file';

const CHUNK_BYTES = 64 * 1024;

/** How far a reader has come, for messages about data that end too early. */
export interface Position {
  /** Complete lines so far. */
  lines: number;
}

/** How a file is packed; `auto` goes by the end of its name, else of its path. */
export function compressionOf(file: RawFile, compression: FileSourcePlan['compression']): 'none' | 'gzip' | 'zstd' {
  if (compression !== 'auto') return compression;
  const ends = (end: string): boolean => [file.name, file.path].some((text) => text.toLowerCase().endsWith(end));
  if (ends('.gz')) return 'gzip';
  return ends('.zst') ? 'zstd' : 'none';
}

/**
 * Fails for a path that is no readable file at all.
 * @throws UnderstudyError `SOURCE_NOT_FOUND`, or `SOURCE_UNREADABLE` for a directory.
 */
export async function requireFile(file: RawFile): Promise<void> {
  const found = await stat(file.path).catch((error: unknown) => {
    throw fileSystemFailure(error, file.name) ?? error;
  });
  if (found.isDirectory()) throw fileSystemFailure({ code: 'EISDIR' }, file.name)!;
}

/**
 * The unpacked bytes of a file. A chunk is only good until the next one is asked for.
 * @param position how far the caller has read; put into messages about truncated data.
 * @throws UnderstudyError `SOURCE_NOT_FOUND`; `SOURCE_UNREADABLE` for a file that cannot be opened or unpacked. An aborted signal throws its reason.
 */
export async function* openRawFile(
  file: RawFile,
  compression: FileSourcePlan['compression'],
  position: Position,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const packing = compressionOf(file, compression);
  const input = createReadStream(file.path, { highWaterMark: CHUNK_BYTES });
  try {
    const bytes = packing === 'gzip' ? gunzip(input) : packing === 'zstd' ? unzstd(input) : input;
    for await (const chunk of bytes) {
      signal?.throwIfAborted();
      yield chunk as Buffer;
    }
  } catch (error) {
    throw failureOf(error, file.name, packing, position);
  } finally {
    input.destroy();
  }
}

async function* gunzip(input: NodeJS.ReadableStream): AsyncGenerator<Buffer> {
  const unpacked = createGunzip({ chunkSize: CHUNK_BYTES });
  input.once('error', (error: Error) => unpacked.destroy(error));
  yield* input.pipe(unpacked) as AsyncIterable<Buffer>;
}

/** fzstd notices data that end within a frame only when it is told that no more come. */
async function* unzstd(input: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
  let ready: Buffer[] = [];
  const stream = new Decompress((data) => {
    if (data.length > 0) ready.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  });
  const push = (bytes: Uint8Array, final: boolean): Buffer[] => {
    ready = [];
    try {
      stream.push(bytes, final);
    } catch (error) {
      throw Object.assign(new Error(messageOf(error), { cause: error }), { code: 'Z_ZSTD' });
    }
    return ready;
  };
  let last: Uint8Array | null = null;
  for await (const chunk of input) {
    if (last) yield* push(last, false);
    last = chunk as Buffer;
  }
  yield* push(last ?? new Uint8Array(0), true);
}

function failureOf(error: unknown, name: string, packing: string, { lines }: Position): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (typeof code !== 'string' || !code.startsWith('Z_')) return fileSystemFailure(error, name) ?? error;
  return unreadable(name, {
    what: `the ${packing} data are damaged or cut off after line ${lines}`,
    found: messageOf(error),
    allowed: `one complete ${packing} file`,
    cause: error,
  });
}
