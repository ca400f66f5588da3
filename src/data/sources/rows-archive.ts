// Rows that left the database, as gzip of JSON lines. Invariant: the lines come back exactly as they were given, in their order.
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';

/** Characters that are compressed at once. */
const BLOCK_LENGTH = 1 << 18;

/** Writes lines, none of which has a line break; gives their number. */
export async function writeRowsArchive(path: string, lines: AsyncIterable<string>): Promise<number> {
  let rows = 0;
  async function* blocks(): AsyncGenerator<Buffer> {
    let block = '';
    for await (const line of lines) {
      block += `${line}\n`;
      rows++;
      if (block.length < BLOCK_LENGTH) continue;
      yield Buffer.from(block, 'utf8');
      block = '';
    }
    if (block !== '') yield Buffer.from(block, 'utf8');
  }
  await pipeline(Readable.from(blocks()), createGzip(), createWriteStream(path));
  return rows;
}

/** The lines of an archive. Only a line feed ends one: JSON texts may hold the other line ends of Unicode as they are. */
export async function* readRowsArchive(path: string): AsyncGenerator<string> {
  const unzipped = createGunzip();
  const reading = pipeline(createReadStream(path), unzipped).catch((error: Error) => unzipped.destroy(error));
  let rest = '';
  try {
    for await (const chunk of unzipped.setEncoding('utf8')) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop()!;
      yield* lines;
    }
    if (rest !== '') yield rest;
  } finally {
    unzipped.destroy();
    await reading;
  }
}
