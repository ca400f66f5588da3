// The answer's outputs by the task of a model: their names and types, their values out of the predictions, and what is no prediction.
import { UnderstudyError } from '../domain/failures';
import { likeliestClass } from '../domain/evaluation/predictions';
import { recordedTarget, widthOf, type Target, type Task } from '../domain/evaluation/task';
import type { Rows } from './inputs';
import type { ServedModel } from './served-model';

/** Outputs that models give, beside our extension `contributions`. */
export type OutputName = 'probability' | 'probabilities' | 'label' | 'value';

/** An output as metadata tell it; `configType` is Triton's name of the type. */
export interface OutputFacts {
  readonly name: OutputName;
  readonly datatype: 'FP32' | 'INT64' | 'BYTES';
  readonly configType: 'TYPE_FP32' | 'TYPE_INT64' | 'TYPE_STRING';
  /** Has a value for each class of a row. */
  readonly byClass: boolean;
}

const FP32 = { datatype: 'FP32', configType: 'TYPE_FP32', byClass: false } as const;

/** The outputs of each task, in the order in which they are given to who names none. */
export const OUTPUTS: Readonly<Record<Task, readonly OutputFacts[]>> = {
  binary: [
    { name: 'probability', ...FP32 },
    { name: 'label', datatype: 'INT64', configType: 'TYPE_INT64', byClass: false },
  ],
  multiclass: [
    { name: 'probabilities', ...FP32, byClass: true },
    { name: 'label', datatype: 'BYTES', configType: 'TYPE_STRING', byClass: false },
  ],
  regression: [{ name: 'value', ...FP32 }],
};

/** The values of an output, row by row. */
export interface OutputValues {
  /** Without the rows: `[]`, or `[classes]`. */
  readonly rowShape: readonly number[];
  json(): readonly (number | string)[];
  /** Little-endian; texts each behind a 4-byte length. */
  bytes(): Buffer;
}

/** The values of one output of a model with this target. */
export function outputValues(name: OutputName, target: Target, predictions: Float32Array): OutputValues {
  if (name !== 'label') {
    const { buffer, byteOffset, byteLength } = predictions;
    return {
      rowShape: target.task === 'multiclass' ? [widthOf(target)] : [],
      json: () => Array.from(predictions),
      bytes: () => Buffer.from(buffer, byteOffset, byteLength),
    };
  }
  if (target.task === 'multiclass') {
    const names = (): string[] => classNames(target, predictions);
    return { rowShape: [], json: names, bytes: () => textBytes(names()) };
  }
  // The same side of one half as the graph's own label.
  const labels = (): number[] => Array.from(predictions, (value) => (value > 0.5 ? 1 : 0));
  return { rowShape: [], json: labels, bytes: () => Buffer.from(BigInt64Array.from(labels(), BigInt).buffer) };
}

/**
 * Refuses what is no prediction: JSON has no NaN, and a model that gives one must not look like an answer.
 * @throws UnderstudyError `SIGNATURE_MISMATCH` where the row has an infinite value, else `INTERNAL`.
 */
export function checkPredictions(predictions: Float32Array, rows: Rows, model: string, served: ServedModel): void {
  const target = recordedTarget(served.signature);
  const isGood = target.task === 'regression' ? Number.isFinite : (value: number): boolean => value >= 0 && value <= 1;
  const at = predictions.findIndex((value) => !isGood(value));
  if (at < 0) return;
  const row = Math.floor(at / widthOf(target));
  const { columns } = served.signature;
  const infinite = columns.findIndex(
    (_, position) => Math.abs(rows.matrix[row * columns.length + position] ?? 0) === Infinity,
  );
  const column = columns[infinite]?.name;
  if (column !== undefined) {
    throw new UnderstudyError(
      'SIGNATURE_MISMATCH',
      `Row ${row}, column ${column}: found an infinite value; allowed: a number that a float32 can hold, or null.`,
      { row, column },
    );
  }
  const wanted = target.task === 'regression' ? 'number' : 'probability';
  throw new UnderstudyError(
    'INTERNAL',
    `Version ${served.version} of ${model} gave ${predictions[at]} for row ${row}, which is no ${wanted}.`,
    { model, version: served.version, row },
  );
}

function classNames(target: Target, predictions: Float32Array): string[] {
  const width = widthOf(target);
  return Array.from({ length: predictions.length / width }, (_, row) => {
    return target.classes![likeliestClass(predictions.subarray(row * width, (row + 1) * width))]!;
  });
}

function textBytes(texts: readonly string[]): Buffer {
  return Buffer.concat(
    texts.map((text) => {
      const bytes = Buffer.from(text, 'utf8');
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return Buffer.concat([length, bytes]);
    }),
  );
}
