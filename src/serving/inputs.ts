// From the inputs of a request to the float32 matrix of a model, and to what the prediction log needs.
// Invariant: every column of the signature is there exactly once, with as many values as every other, or the request is refused.
import { isDay, type Day, type IsoTimestamp } from '../domain/days';
import { UnderstudyError } from '../domain/failures';
import { ONNX_INPUT, type ModelColumn, type ModelSignature } from '../domain/training/training';
import type { InputRow, RowEncoder } from '../scoring/encode';
import type { InferRequest } from './request';
import { countOf, mismatch, show, type Datatype, type InputTensor } from './tensors';

/** Input with the key of each row's entity: with the parameter `partition` it asks for the predictions to be logged. */
const KEY_INPUT = 'entity_key';
/** Input (or parameter, for all rows) with the instant that each prediction is as of. Default: now. */
const AS_OF_INPUT = 'as_of';

/** Datatypes that a column's input may have. */
const DATATYPES: Record<ModelColumn['kind'], readonly Datatype[]> = {
  number: ['FP32', 'FP64', 'INT32', 'INT64'],
  category: ['BYTES'],
};
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/** What the log is to say about the rows. */
interface RowIdentity {
  readonly partition: Day;
  readonly entityKeys: readonly string[];
  readonly asOf: readonly IsoTimestamp[];
}

/** A request's rows, ready for scoring. */
export interface Rows {
  readonly count: number;
  readonly matrix: Float32Array;
  /** Null: the predictions are not to be logged. */
  readonly identity: RowIdentity | null;
}

/**
 * Checks and encodes the rows of a request.
 * @param now - the as-of instant of rows that have none.
 * @throws UnderstudyError `SIGNATURE_MISMATCH` naming the input (or row and column), what was found, what is allowed.
 */
export function readRows(request: InferRequest, signature: ModelSignature, encode: RowEncoder, now: () => Date): Rows {
  const columns = new Map(signature.columns.map((column) => [column.name, column]));
  const inputs = byName(request.inputs, columns);
  const encoded = columns.has(ONNX_INPUT) ? undefined : inputs.get(ONNX_INPUT);
  const { count, matrix } = encoded ? readMatrix(encoded, inputs, columns) : encodeColumns(inputs, columns, encode);
  const special = (name: string) => (columns.has(name) ? undefined : inputs.get(name));
  return { count, matrix, identity: readIdentity(request, special(KEY_INPUT), special(AS_OF_INPUT), count, now) };
}

/** Names of the signature come first: a column that is called like a special input is that column. */
function byName(
  inputs: readonly InputTensor[],
  columns: ReadonlyMap<string, ModelColumn>,
): ReadonlyMap<string, InputTensor> {
  const found = new Map<string, InputTensor>();
  for (const input of inputs) {
    if (found.has(input.name)) throw mismatch(input, 'it twice', 'each input once');
    if (!columns.has(input.name) && ![ONNX_INPUT, KEY_INPUT, AS_OF_INPUT].includes(input.name)) {
      throw mismatch(
        input,
        'an input that the model does not have',
        [...columns.keys(), KEY_INPUT, AS_OF_INPUT].join(', '),
      );
    }
    found.set(input.name, input);
  }
  return found;
}

function encodeColumns(
  inputs: ReadonlyMap<string, InputTensor>,
  columns: ReadonlyMap<string, ModelColumn>,
  encode: RowEncoder,
): { count: number; matrix: Float32Array } {
  let count: number | undefined;
  const values: (readonly [string, ArrayLike<unknown>])[] = [];
  for (const column of columns.values()) {
    const input = inputs.get(column.name);
    if (!input) {
      throw new UnderstudyError(
        'SIGNATURE_MISMATCH',
        `Input ${column.name} is absent; send all of ${[...columns.keys()].join(', ')}, with null for a missing value.`,
        { input: column.name },
      );
    }
    const allowed = DATATYPES[column.kind];
    if (!allowed.includes(input.datatype)) throw mismatch(input, `datatype ${input.datatype}`, allowed.join(', '));
    count ??= input.shape[0] ?? 0;
    checkShape(input, count);
    values.push([column.name, input.values]);
  }
  const rows: InputRow[] = [];
  for (let row = 0; row < (count ?? 0); row++) {
    const cells: Record<string, unknown> = {};
    for (const [name, cellsOfColumn] of values) cells[name] = cellsOfColumn[row];
    rows.push(cells);
  }
  return { count: rows.length, matrix: encode(rows) };
}

/** The single tensor `features`: rows that the client has encoded itself. */
function readMatrix(
  input: InputTensor,
  inputs: ReadonlyMap<string, InputTensor>,
  columns: ReadonlyMap<string, ModelColumn>,
): { count: number; matrix: Float32Array } {
  const other = [...inputs.keys()].find((name) => columns.has(name));
  if (other !== undefined)
    throw mismatch(input, `it beside the column ${other}`, 'either all columns, or features alone');
  if (input.datatype !== 'FP32') throw mismatch(input, `datatype ${input.datatype}`, 'FP32');
  const [count, width] = input.shape;
  if (count === undefined || input.shape.length !== 2 || width !== columns.size) {
    throw mismatch(input, `shape ${show(input.shape)}`, `[rows,${columns.size}]`);
  }
  if (input.values instanceof Float32Array) return { count, matrix: input.values };
  const matrix = Float32Array.from(input.values, (value, at) => {
    if (value === null) return NaN;
    if (typeof value === 'number') return value;
    throw mismatch(input, `${JSON.stringify(value)} as value ${at}`, 'numbers and null');
  });
  return { count, matrix };
}

function readIdentity(
  request: InferRequest,
  keys: InputTensor | undefined,
  asOf: InputTensor | undefined,
  count: number,
  now: () => Date,
): RowIdentity | null {
  const partition = request.parameters['partition'];
  if (keys === undefined && partition === undefined) return null;
  if (typeof partition !== 'string' || !isDay(partition)) {
    throw parameter('partition', partition, `a day YYYY-MM-DD beside the input ${KEY_INPUT}`);
  }
  if (keys === undefined)
    throw mismatch({ name: KEY_INPUT }, 'none beside the parameter partition', 'a key for each row');
  return {
    partition,
    entityKeys: texts(
      keys,
      count,
      (text) => (text === '' || text.includes('\0') ? undefined : text),
      'a text that is not empty',
    ),
    asOf: asOf
      ? texts(asOf, count, instant, 'an instant such as 2013-07-01T10:00:00Z')
      : commonInstant(request, count, now),
  };
}

function commonInstant(request: InferRequest, count: number, now: () => Date): IsoTimestamp[] {
  const given = request.parameters[AS_OF_INPUT];
  const common = given === undefined ? now().toISOString() : typeof given === 'string' ? instant(given) : undefined;
  if (common === undefined) throw parameter(AS_OF_INPUT, given, 'an instant such as 2013-07-01T10:00:00Z');
  return Array.from({ length: count }, () => common);
}

/** One text per row, each read by `read`, which gives undefined for what is not allowed. */
function texts(
  input: InputTensor,
  count: number,
  read: (text: string) => string | undefined,
  allowed: string,
): string[] {
  if (input.datatype !== 'BYTES') throw mismatch(input, `datatype ${input.datatype}`, 'BYTES');
  checkShape(input, count);
  return Array.from(input.values, (value, row) => {
    const text = typeof value === 'string' ? read(value) : undefined;
    if (text === undefined) throw mismatch(input, `${JSON.stringify(value)} in row ${row}`, allowed);
    return text;
  });
}

function instant(text: string): IsoTimestamp | undefined {
  const ms = INSTANT.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

function checkShape(input: InputTensor, count: number): void {
  const { shape } = input;
  const isColumn = shape.length === 1 || (shape.length === 2 && shape[1] === 1);
  if (isColumn && countOf(shape) === count) return;
  throw mismatch(input, `shape ${show(shape)}`, `[${count}] or [${count},1]`);
}

function parameter(name: string, found: unknown, allowed: string): UnderstudyError {
  const text = found === undefined ? 'none' : JSON.stringify(found);
  return new UnderstudyError('SIGNATURE_MISMATCH', `Parameter ${name}: found ${text}; allowed: ${allowed}.`, {
    parameter: name,
    found,
    allowed,
  });
}
