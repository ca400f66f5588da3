// Rows that come one by one, as a file of JSON lines. Invariant: the file holds each row once, in the order they came, a row a line.
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/** Bytes that are written at once. */
const BLOCK_BYTES = 1 << 18;
/** How often progress is told. */
const TELL_EVERY_ROWS = 10_000;

/** The written file. */
export interface RowsFile {
  readonly rows: number;
  /** Digest of its bytes: equal rows in equal order give equal digests. */
  readonly sha256: string;
}

/** What is told while rows come. */
export interface RowsProgress {
  readonly signal?: AbortSignal;
  readonly onRows?: (rows: number) => void;
}

/** Writes rows, each a JSON object in one line. Memory stays bounded; whoever gives the rows waits for the disk. */
export async function writeRowsFile(
  path: string,
  lines: AsyncIterable<string>,
  { signal, onRows }: RowsProgress = {},
): Promise<RowsFile> {
  const hash = createHash('sha256');
  const file = await open(path, 'w');
  let block: string[] = [];
  let length = 0;
  let rows = 0;
  const flush = async (): Promise<void> => {
    const bytes = Buffer.from(block.join(''), 'utf8');
    hash.update(bytes);
    await file.writeFile(bytes);
    block = [];
    length = 0;
  };
  try {
    for await (const line of lines) {
      signal?.throwIfAborted();
      block.push(line, '\n');
      length += line.length + 1;
      if (length >= BLOCK_BYTES) await flush();
      if (++rows % TELL_EVERY_ROWS === 0) onRows?.(rows);
    }
    await flush();
    onRows?.(rows);
    return { rows, sha256: hash.digest('hex') };
  } finally {
    await file.close();
  }
}
