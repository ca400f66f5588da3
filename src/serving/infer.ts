// One inference: rows of the request, the model's probabilities, the answer on the wire, and the rows for the prediction log.
import { randomUUID } from 'node:crypto';
import { UnderstudyError } from '../domain/failures';
import type { LoggedPrediction } from '../ports/stores';
import { asksForContributions, contributionsOf, CONTRIBUTIONS_OUTPUT } from './contributions';
import { readRows, type Rows } from './inputs';
import type { InferRequest, OutputName } from './request';
import type { ServedModel } from './served-model';

/** What an inference needs beside the request and the model. */
export interface InferDeps {
  readonly now: () => Date;
  /** Takes predictions for the log without waiting; false when they cannot be taken. */
  readonly take: (rows: readonly LoggedPrediction[]) => boolean;
}

/** An answer on the wire. */
export interface InferAnswer {
  readonly body: Buffer;
  /** Length of the JSON at the start of the body when raw tensors follow it; null: the body is JSON. */
  readonly jsonBytes: number | null;
}

interface Output {
  readonly datatype: 'FP32' | 'INT64';
  readonly values: Float32Array | readonly number[];
  bytes(): Buffer;
}

/**
 * Answers a request with this version of a model.
 * @param answered - what the answer's parameters say besides whether the predictions were taken for the log.
 * @throws UnderstudyError `SIGNATURE_MISMATCH` when the inputs are not those of the model.
 */
export async function infer(
  model: string,
  served: ServedModel,
  request: InferRequest,
  deps: InferDeps,
  answered: Readonly<Record<string, unknown>> = {},
): Promise<InferAnswer> {
  const rows = readRows(request, served.signature, served.encode, deps.now);
  const probabilities = await served.score(rows.matrix, rows.count);
  checkProbabilities(probabilities, rows, model, served);
  const contributions = asksForContributions(request, rows.count)
    ? await contributionsOf(served, rows.matrix, probabilities)
    : null;
  const logged = rows.identity ? deps.take(toLog(model, served.version, rows, probabilities)) : undefined;
  const parameters = { ...answered, ...(logged === undefined ? {} : { logged }) };
  const head = {
    model_name: model,
    model_version: String(served.version),
    id: request.id ?? randomUUID(),
    ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
  };
  return write(head, request, outputsOf(probabilities), rows.count, contributions);
}

function outputsOf(probabilities: Float32Array): Record<OutputName, Output> {
  const { buffer, byteOffset, byteLength } = probabilities;
  // The same side of one half as the graph's own label.
  const labels = () => Array.from(probabilities, (value) => (value > 0.5 ? 1 : 0));
  return {
    probability: { datatype: 'FP32', values: probabilities, bytes: () => Buffer.from(buffer, byteOffset, byteLength) },
    label: {
      datatype: 'INT64',
      get values() {
        return labels();
      },
      bytes: () => Buffer.from(BigInt64Array.from(labels(), BigInt).buffer),
    },
  };
}

function write(
  head: object,
  request: InferRequest,
  outputs: Record<OutputName, Output>,
  count: number,
  contributions: Float32Array | null,
): InferAnswer {
  const raw: Buffer[] = [];
  const described = request.outputs.map(({ name, binary }) => {
    const output = outputs[name];
    const header = { name, datatype: output.datatype, shape: [count] };
    if (!binary) return { ...header, data: Array.from(output.values) };
    const bytes = output.bytes();
    raw.push(bytes);
    return { ...header, parameters: { binary_data_size: bytes.length } };
  });
  // Always as JSON, which every client reads: there are few rows.
  const extra =
    contributions && ({ name: CONTRIBUTIONS_OUTPUT, datatype: 'FP32', ...shaped(contributions, count) } as const);
  const json = Buffer.from(JSON.stringify({ ...head, outputs: extra ? [...described, extra] : described }));
  if (!request.outputs.some(({ binary }) => binary)) return { body: json, jsonBytes: null };
  return { body: Buffer.concat([json, ...raw]), jsonBytes: json.length };
}

function shaped(values: Float32Array, rows: number): { readonly shape: number[]; readonly data: number[] } {
  return { shape: [rows, values.length / rows], data: Array.from(values) };
}

/** JSON has no NaN, and a model that gives one must not look like an answer. */
function checkProbabilities(probabilities: Float32Array, rows: Rows, model: string, served: ServedModel): void {
  const row = probabilities.findIndex((value) => !(value >= 0 && value <= 1));
  if (row < 0) return;
  const { columns } = served.signature;
  const at = columns.findIndex(
    (_, position) => Math.abs(rows.matrix[row * columns.length + position] ?? 0) === Infinity,
  );
  const column = columns[at]?.name;
  if (column !== undefined) {
    throw new UnderstudyError(
      'SIGNATURE_MISMATCH',
      `Row ${row}, column ${column}: found an infinite value; allowed: a number that a float32 can hold, or null.`,
      { row, column },
    );
  }
  throw new UnderstudyError(
    'INTERNAL',
    `Version ${served.version} of ${model} gave ${probabilities[row]} for row ${row}, which is no probability.`,
    {
      model,
      version: served.version,
      row,
    },
  );
}

function toLog(model: string, version: number, { identity }: Rows, probabilities: Float32Array): LoggedPrediction[] {
  if (!identity) return [];
  const { partition, entityKeys, asOf } = identity;
  return entityKeys.map((entityKey, row) => ({
    model,
    version,
    partition,
    entityKey,
    asOf: asOf[row]!,
    probability: probabilities[row]!,
  }));
}
