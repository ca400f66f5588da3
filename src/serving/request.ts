// Reads an inference request of the Open Inference Protocol V2 off the wire: JSON alone, or JSON with raw tensors behind it.
import { gunzipSync, inflateSync } from 'node:zlib';
import { z } from 'zod';
import { UnderstudyError } from '../domain/failures';
import type { Task } from '../domain/evaluation/task';
import { OUTPUTS, type OutputName } from './outputs';
import { fromBytes, fromJson, mismatch, type InputTensor } from './tensors';

/** The header that says how many of the body's bytes are JSON; without it all are. */
export const JSON_LENGTH_HEADER = 'inference-header-content-length';

/** A request that was read. */
export interface InferRequest {
  readonly id: string | undefined;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly inputs: readonly InputTensor[];
  /** What to answer with, in this order. */
  readonly outputs: readonly { readonly name: OutputName; readonly binary: boolean }[];
}

const Parameters = z.record(z.string(), z.unknown()).default({});
/** Not looked into here: values are checked where they are used, once. */
const AnyArray = z.custom<readonly unknown[]>((value) => Array.isArray(value), 'must be an array');
const Envelope = z.object({
  id: z.string().max(256).optional(),
  parameters: Parameters,
  inputs: z.array(
    z.object({
      name: z.string(),
      shape: z.array(z.number().int().nonnegative()).max(8),
      datatype: z.string(),
      parameters: Parameters,
      data: AnyArray.optional(),
    }),
  ),
  outputs: z.array(z.object({ name: z.string(), parameters: Parameters })).default([]),
});
type Envelope = z.infer<typeof Envelope>;

/**
 * Reads a request.
 * @param jsonLength - the value of the header {@link JSON_LENGTH_HEADER}; it counts bytes of the uncompressed body.
 * @param task - what the asked model predicts, which decides the outputs that may be named. Default: `binary`.
 * @throws UnderstudyError `REQUEST_INVALID` for what is no request, `SIGNATURE_MISMATCH` for a tensor that contradicts itself.
 */
export function readRequest(body: Buffer, jsonLength: string | undefined, task: Task = 'binary'): InferRequest {
  const length = jsonLength === undefined ? body.length : Number(jsonLength);
  if (!Number.isInteger(length) || length < 0 || length > body.length) {
    throw invalid(
      `the header Inference-Header-Content-Length is "${jsonLength}"`,
      `the length of the JSON in bytes, at most the body's ${body.length}`,
    );
  }
  const envelope = parseEnvelope(body.toString('utf8', 0, length));
  return {
    id: envelope.id,
    parameters: envelope.parameters,
    inputs: readInputs(envelope, body.subarray(length)),
    outputs: readOutputs(envelope, task),
  };
}

/**
 * The body as it was before compression.
 * @throws UnderstudyError `REQUEST_INVALID` for another encoding or damaged bytes, `REQUEST_TOO_LARGE`
 */
export function uncompressed(body: Buffer, encoding: string | undefined, limitBytes: number): Buffer {
  if (encoding === undefined || encoding === '' || encoding === 'identity') return body;
  if (encoding !== 'gzip' && encoding !== 'deflate') {
    throw invalid(`the header Content-Encoding is "${encoding}"`, 'identity, gzip, deflate');
  }
  try {
    return (encoding === 'gzip' ? gunzipSync : inflateSync)(body, { maxOutputLength: limitBytes });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limitBytes);
    throw invalid(`the body is damaged`, `a body in ${encoding}`);
  }
}

/** The error for a body beyond the limit. */
export function tooLarge(limitBytes: number): UnderstudyError {
  return new UnderstudyError(
    'REQUEST_TOO_LARGE',
    `The body is too large; allowed are ${limitBytes} bytes. Send the rows in several requests.`,
    { limitBytes },
  );
}

function parseEnvelope(text: string): Envelope {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw invalid('the body is no JSON', 'a JSON object with "inputs"');
  }
  const parsed = Envelope.safeParse(asksByKey(json) ? { inputs: [], ...json } : json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = (issue?.path ?? []).map((key, at) =>
    typeof key === 'number' ? `[${key}]` : `${at > 0 ? '.' : ''}${String(key)}`,
  );
  throw new UnderstudyError(
    'REQUEST_INVALID',
    `The request's ${path.join('') || 'body'} is not as the protocol says: ${issue?.message ?? 'unknown'}.`,
    { field: path.join('') },
  );
}

/** Our extension of the protocol: a request with the parameter `entity_keys` has no inputs. */
function asksByKey(json: unknown): json is object {
  const parameters = (json as { readonly parameters?: unknown } | null)?.parameters;
  return typeof parameters === 'object' && parameters !== null && 'entity_keys' in parameters;
}

/** Raw tensors follow the JSON in the order of the inputs that have no data in it. */
function readInputs(envelope: Envelope, raw: Buffer): InputTensor[] {
  let at = 0;
  const inputs = envelope.inputs.map((input) => {
    if (input.data) return fromJson(input, input.data);
    const size = input.parameters['binary_data_size'];
    if (typeof size !== 'number' || !Number.isInteger(size) || size < 0) {
      throw mismatch(input, 'neither data nor binary_data_size', 'one of them');
    }
    if (at + size > raw.length) {
      throw mismatch(input, `${raw.length - at} bytes after the JSON`, `${size}, as its binary_data_size says`);
    }
    at += size;
    return fromBytes(input, raw.subarray(at - size, at));
  });
  if (at !== raw.length) {
    throw invalid(`${raw.length} bytes follow the JSON`, `${at}, the sum of the inputs' binary_data_size`);
  }
  return inputs;
}

function readOutputs(envelope: Envelope, task: Task): InferRequest['outputs'] {
  const binaryByDefault = envelope.parameters['binary_data_output'] === true;
  const names = OUTPUTS[task].map(({ name }) => name);
  if (envelope.outputs.length === 0) return names.map((name) => ({ name, binary: binaryByDefault }));
  return envelope.outputs.map(({ name, parameters }) => {
    const known = names.find((output) => output === name);
    if (!known) {
      throw new UnderstudyError('SIGNATURE_MISMATCH', `Output ${name} does not exist; allowed: ${names.join(', ')}.`, {
        output: name,
      });
    }
    const binary = parameters['binary_data'];
    return { name: known, binary: typeof binary === 'boolean' ? binary : binaryByDefault };
  });
}

function invalid(found: string, allowed: string): UnderstudyError {
  return new UnderstudyError('REQUEST_INVALID', `The request cannot be read: ${found}; allowed: ${allowed}.`, {
    found,
    allowed,
  });
}
