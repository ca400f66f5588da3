// One inference: rows of the request, the model's predictions, the answer on the wire, and the rows for the prediction log.
import { randomUUID } from 'node:crypto';
import { loggedOutput } from '../domain/evaluation/predictions';
import { recordedTarget, type Target } from '../domain/evaluation/task';
import type { LoggedPrediction } from '../ports/stores';
import { asksForContributions, contributionsOf, CONTRIBUTIONS_OUTPUT, type ContributionsOutput } from './contributions';
import { readRows, type Rows } from './inputs';
import { checkPredictions, OUTPUTS, outputValues } from './outputs';
import type { InferRequest } from './request';
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
  const target = recordedTarget(served.signature);
  const predictions = await served.score(rows.matrix, rows.count);
  checkPredictions(predictions, rows, model, served);
  const contributions = asksForContributions(request, rows.count, target)
    ? await contributionsOf(served, rows.matrix, predictions)
    : null;
  const logged = rows.identity ? deps.take(toLog(model, served.version, target, rows, predictions)) : undefined;
  const parameters = { ...answered, ...(logged === undefined ? {} : { logged }) };
  const head = {
    model_name: model,
    model_version: String(served.version),
    id: request.id ?? randomUUID(),
    ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
  };
  return write(head, request, target, predictions, rows.count, contributions);
}

function write(
  head: object,
  request: InferRequest,
  target: Target,
  predictions: Float32Array,
  count: number,
  contributions: ContributionsOutput | null,
): InferAnswer {
  const raw: Buffer[] = [];
  const described = request.outputs.map(({ name, binary }) => {
    const { datatype } = OUTPUTS[target.task].find((output) => output.name === name)!;
    const output = outputValues(name, target, predictions);
    const header = { name, datatype, shape: [count, ...output.rowShape] };
    if (!binary) return { ...header, data: output.json() };
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

function shaped(
  { rowShape, values }: ContributionsOutput,
  rows: number,
): { readonly shape: number[]; readonly data: number[] } {
  return { shape: [rows, ...rowShape], data: Array.from(values) };
}

function toLog(
  model: string,
  version: number,
  target: Target,
  { identity }: Rows,
  predictions: Float32Array,
): LoggedPrediction[] {
  if (!identity) return [];
  const { partition, entityKeys, asOf } = identity;
  return entityKeys.map((entityKey, row) => ({
    ...{ model, version, partition, entityKey, asOf: asOf[row]! },
    ...loggedOutput(target, predictions, row),
  }));
}
