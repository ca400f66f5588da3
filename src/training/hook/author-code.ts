// The boundary round an author's training hook: what it throws, and what it gives back, become sentences that name its file and line.
import { relative } from 'node:path';
import { saidBy } from '../../domain/author-errors';
import { UnderstudyError } from '../../domain/failures';
import { widthOf, type Target } from '../../domain/evaluation/task';
import type { HookModel } from '../../domain/plan/train-hook';

/** An author's error as ours: file, line where the stack has one, and the first line of what it says. */
export function hookFailure(file: string, error: unknown, what: string): UnderstudyError {
  const { stack } = (error ?? {}) as { stack?: unknown };
  const escaped = file.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const at = typeof stack === 'string' ? new RegExp(`${escaped}:(\\d+)`).exec(stack) : null;
  const sentence = `${shown(file)}${at ? `:${at[1]}` : ''}: the training hook ${what}: ${saidBy(error)}`;
  return new UnderstudyError('MODEL_CODE_FAILED', sentence, { file }, { cause: error });
}

/** What a hook gave back, when it is a model; fails with MODEL_CODE_FAILED, naming the field. */
export function checkedModel(file: string, model: unknown): HookModel {
  const { onnx, predict, native, iterations } = (model ?? {}) as Partial<Record<keyof HookModel, unknown>>;
  if (!isBytes(onnx)) throw bad(file, 'onnx', onnx, 'a Uint8Array with an ONNX file');
  if (typeof predict !== 'function') throw bad(file, 'predict', predict, 'a function (features, rows) → probabilities');
  if (native !== undefined && typeof native !== 'string' && !isBytes(native))
    throw bad(file, 'native', native, 'a text or a Uint8Array');
  if (iterations !== undefined && !(Number.isInteger(iterations) && (iterations as number) >= 0))
    throw bad(file, 'iterations', iterations, 'a whole number from 0');
  return model as HookModel;
}

/** The native predictions of the sample, row by row; fails with MODEL_CODE_FAILED where they are no probabilities, or no numbers of a regression. */
export function predictionsOf(file: string, predicted: unknown, rows: number, target: Target): Float64Array {
  const { length } = (predicted ?? {}) as { length?: unknown };
  const width = widthOf(target);
  const each = width === 1 ? 'one for each row' : `${width} for each of ${rows} rows`;
  if (length !== rows * width) throw bad(file, 'predict(…).length', length, `${rows * width}, ${each}`);
  const values = Float64Array.from(predicted as ArrayLike<number>);
  const isFine = target.task === 'regression' ? Number.isFinite : (value: number): boolean => value >= 0 && value <= 1;
  const at = values.findIndex((value) => !isFine(value));
  const allowed = target.task === 'regression' ? 'a finite number' : 'a probability from 0 to 1';
  if (at >= 0) throw bad(file, `predict(…)[${at}]`, values[at], allowed);
  return values;
}

function bad(file: string, field: string, found: unknown, allowed: string): UnderstudyError {
  const kind = typeof found === 'number' ? String(found) : found === undefined ? 'nothing' : typeof found;
  const message = `${shown(file)}: the training hook's result, ${field}: found ${kind}, allowed is ${allowed}.`;
  return new UnderstudyError('MODEL_CODE_FAILED', message, { file, field });
}

/** By shape, because an author's module may run in another realm. */
function isBytes(value: unknown): value is Uint8Array {
  return Object.prototype.toString.call(value) === '[object Uint8Array]';
}

function shown(file: string): string {
  const short = relative(process.cwd(), file);
  return short.startsWith('..') ? file : short;
}
