// Turns the bytes of a text file into valid UTF-8 without a byte order mark.
// Invariant: no character is replaced or guessed; text that does not fit its encoding is refused with its line.
import { isUtf8 } from 'node:buffer';
import type { FileSourcePlan } from '../../../domain/plan/plan';
import type { Position } from '../open-file';
import { shown, unreadable } from '../raw-file';

type Encoding = FileSourcePlan['encoding'];

/**
 * UTF-8 of a text in `encoding` (`latin-1`: ISO 8859-1; `utf-16`: by its byte order mark, else little-endian).
 * @param position the reader's, counted behind this generator: tells the line of a bad byte.
 * @throws UnderstudyError `SOURCE_UNREADABLE`.
 */
export async function* decodeText(
  chunks: AsyncIterable<Buffer>,
  encoding: Encoding,
  name: string,
  position: Position,
): AsyncGenerator<Buffer> {
  let first = true;
  for await (const chunk of utf8(chunks, encoding, name, position)) {
    const marked = first && chunk.length >= 3 && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf;
    first = false;
    yield marked ? chunk.subarray(3) : chunk;
  }
}

function utf8(
  chunks: AsyncIterable<Buffer>,
  encoding: Encoding,
  name: string,
  position: Position,
): AsyncGenerator<Buffer> {
  switch (encoding) {
    case 'utf-8':
      return checked(chunks, name, position);
    case 'latin-1':
      return latin1(chunks);
    case 'utf-16':
      return utf16(chunks, name, position);
  }
}

async function* latin1(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) yield Buffer.from(chunk.toString('latin1'), 'utf8');
}

async function* checked(chunks: AsyncIterable<Buffer>, name: string, position: Position): AsyncGenerator<Buffer> {
  let rest: Buffer | null = null;
  for await (const chunk of chunks) {
    const bytes: Buffer = rest ? Buffer.concat([rest, chunk]) : chunk;
    const end = completeEnd(bytes);
    const whole = bytes.subarray(0, end);
    if (!isUtf8(whole)) throw notUtf8(whole, name, position);
    rest = end < bytes.length ? Buffer.from(bytes.subarray(end)) : null;
    if (whole.length > 0) yield whole;
  }
  if (rest) throw notUtf8(rest, name, position);
}

/** Where the last character that is certainly complete ends. */
function completeEnd(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) {
      const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return back < size ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}

function notUtf8(bytes: Buffer, name: string, position: Position): Error {
  let line = position.lines + 1;
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0 && isUtf8(bytes.subarray(start, end)); end = bytes.indexOf(10, start)) {
    start = end + 1;
    line++;
  }
  const mark = line === 1 ? bytes.subarray(0, 2).toString('hex') : '';
  const hint = mark === 'fffe' || mark === 'feff' ? '; a byte order mark of UTF-16: set encoding' : '';
  return unreadable(name, {
    line,
    what: 'not UTF-8',
    found: shown(bytes.subarray(start)),
    allowed: `text in UTF-8${hint}`,
  });
}

async function* utf16(chunks: AsyncIterable<Buffer>, name: string, position: Position): AsyncGenerator<Buffer> {
  let decoder: InstanceType<typeof TextDecoder> | null = null;
  const decode = (bytes?: Buffer): Buffer => {
    try {
      return Buffer.from(decoder!.decode(bytes, { stream: bytes !== undefined }), 'utf8');
    } catch (cause) {
      throw unreadable(name, {
        what: `not UTF-16 after line ${position.lines}`,
        found: bytes ? 'half of a surrogate pair' : 'an odd byte, or half of a surrogate pair, at the end',
        allowed: 'text in UTF-16',
        cause,
      });
    }
  };
  for await (const chunk of chunks) {
    decoder ??= new TextDecoder(chunk[0] === 0xfe && chunk[1] === 0xff ? 'utf-16be' : 'utf-16le', { fatal: true });
    const text = decode(chunk);
    if (text.length > 0) yield text;
  }
  if (decoder) yield decode();
}
