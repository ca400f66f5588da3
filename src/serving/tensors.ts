// Tensors of the Open Inference Protocol as values in memory, from JSON data or from raw little-endian bytes.
// Invariant: a tensor that was read has exactly the number of values that its shape says.
import { UnderstudyError } from '../domain/failures';

/** Datatypes that are understood, and the bytes of one value; 0: of any length. */
const VALUE_BYTES = { FP32: 4, FP64: 8, INT32: 4, INT64: 8, BYTES: 0 } as const;
/** One of the understood datatypes. */
export type Datatype = keyof typeof VALUE_BYTES;

/** An input. Numbers come as number (INT64 too: features are float32 in the end), BYTES as text, a missing JSON value as null. */
export interface InputTensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly values: ArrayLike<unknown>;
}

/** An input's header as it stands in the request. */
export interface TensorHeader {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

/**
 * Reads an input whose values stand in the JSON, flat or nested by the shape.
 * @throws UnderstudyError `SIGNATURE_MISMATCH`
 */
export function fromJson(header: TensorHeader, data: readonly unknown[]): InputTensor {
  const datatype = datatypeOf(header);
  const values: readonly unknown[] = Array.isArray(data[0]) ? data.flat(header.shape.length) : data;
  return { ...header, datatype, values: checkCount(header, values) };
}

/**
 * Reads an input from the start of these bytes; there may be no more and no fewer.
 * @throws UnderstudyError `SIGNATURE_MISMATCH`
 */
export function fromBytes(header: TensorHeader, bytes: Buffer): InputTensor {
  const datatype = datatypeOf(header);
  const width = VALUE_BYTES[datatype];
  if (width > 0 && bytes.length !== width * countOf(header.shape)) {
    throw mismatch(
      header,
      `${bytes.length} bytes`,
      `${width * countOf(header.shape)}, ${width} for each value of shape ${show(header.shape)}`,
    );
  }
  return { ...header, datatype, values: checkCount(header, READERS[datatype](bytes, header)) };
}

/** Number of values of a shape. */
export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** `[3,1]` */
export function show(shape: readonly number[]): string {
  return `[${shape.join(',')}]`;
}

/** An error about one input. */
export function mismatch(header: Pick<TensorHeader, 'name'>, found: string, allowed: string): UnderstudyError {
  return new UnderstudyError('SIGNATURE_MISMATCH', `Input ${header.name}: found ${found}; allowed: ${allowed}.`, {
    input: header.name,
    found,
    allowed,
  });
}

/** The hosts that onnxruntime supports are little-endian, as the protocol is; the copy gives typed arrays the alignment that they need. */
const aligned = (bytes: Buffer): ArrayBuffer => new Uint8Array(bytes).buffer;

const READERS: Record<Datatype, (bytes: Buffer, header: TensorHeader) => ArrayLike<unknown>> = {
  FP32: (bytes) => new Float32Array(aligned(bytes)),
  FP64: (bytes) => new Float64Array(aligned(bytes)),
  INT32: (bytes) => new Int32Array(aligned(bytes)),
  INT64: (bytes) => Array.from(new BigInt64Array(aligned(bytes)), Number),
  BYTES: readTexts,
};

/** Elements of a 4-byte length and UTF-8 each. */
function readTexts(bytes: Buffer, header: TensorHeader): string[] {
  const texts: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const length = at + 4 <= bytes.length ? bytes.readUInt32LE(at) : Infinity;
    if (at + 4 + length > bytes.length) {
      throw mismatch(
        header,
        `an element that goes beyond the ${bytes.length} bytes`,
        'a 4-byte length and so many bytes for each element',
      );
    }
    texts.push(bytes.toString('utf8', at + 4, at + 4 + length));
    at += 4 + length;
  }
  return texts;
}

function datatypeOf(header: TensorHeader): Datatype {
  if (Object.hasOwn(VALUE_BYTES, header.datatype)) return header.datatype as Datatype;
  throw mismatch(header, `datatype ${header.datatype}`, Object.keys(VALUE_BYTES).join(', '));
}

function checkCount(header: TensorHeader, values: ArrayLike<unknown>): ArrayLike<unknown> {
  const count = countOf(header.shape);
  if (values.length === count) return values;
  throw mismatch(header, `${values.length} values`, `${count}, as shape ${show(header.shape)} says`);
}
