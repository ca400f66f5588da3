// What the training thread and its starter say to each other.
import { failureCodeOf, UnderstudyError, type FailureCode } from '../domain/failures';
import type { TrainProgress, TrainRequest, TrainResult } from '../domain/training/training';

/** Given to the thread at its start: the request, its artifacts as local files, and the directory for its results. */
export interface ThreadInput {
  readonly request: TrainRequest;
  readonly matrixPath: string;
  readonly signaturePath: string;
  readonly warmStartPath: string | undefined;
  /** The author's file; `hook` only. */
  readonly hookPath?: string;
  readonly directory: string;
  /** `hook` only: one int32, not 0 once the training is no longer wanted. */
  readonly cancelled?: SharedArrayBuffer;
}

/** The files that a finished thread leaves in its directory. */
export const RESULT_FILES = {
  onnx: 'model.onnx',
  native: 'model.json',
  parity: 'parity.parquet',
  report: 'report.json',
  environment: 'environment.json',
} as const;

/** All of a result that is no artifact, and the rows of the parity sample. */
export type ThreadResult = Omit<TrainResult, keyof typeof RESULT_FILES> & { readonly parityRows: number };

export type ThreadMessage =
  | { readonly kind: 'progress'; readonly progress: TrainProgress }
  | { readonly kind: 'done'; readonly result: ThreadResult }
  | {
      readonly kind: 'failed';
      readonly code: FailureCode;
      readonly message: string;
      readonly details: Readonly<Record<string, unknown>>;
    };

/** What a thread says of the error that ended it. */
export function failedMessage(error: unknown): ThreadMessage {
  return {
    kind: 'failed',
    code: failureCodeOf(error),
    message: error instanceof Error ? error.message : String(error),
    details: error instanceof UnderstudyError ? error.details : {},
  };
}
