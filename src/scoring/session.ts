// Opens a model for scoring: the one way in which evaluation, parity checks and serving run ONNX graphs.
// Invariant: everything that scores uses SESSION_OPTIONS, so the model that was evaluated computes the same when it serves.
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { UnderstudyError } from '../domain/failures';
import { recordedTarget, widthOf, type Target } from '../domain/evaluation/task';
import {
  ONNX_INPUT,
  ONNX_LABEL,
  ONNX_PROBABILITIES,
  ONNX_VALUE,
  type ModelSignature,
} from '../domain/training/training';

/** The options of every session: one thread, so that results do not depend on the machine and a server's load stays its own. */
export const SESSION_OPTIONS = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
} as const satisfies InferenceSession.SessionOptions;

/** The most rows that one run of a session gets: bounds its memory. */
export const SCORE_BATCH_ROWS = 4096;

/** A model that is open for scoring. */
export interface OpenModel {
  /**
   * Predictions row by row as the signature's task has them (see Target): the probability of class 1, the probabilities of all classes, or the
   * value. onnxruntime-node runs on the calling thread: it is blocked for a batch at a time.
   * @param matrix rows × columns of the signature, row by row, NaN for missing; read during the call, so do not change it meanwhile.
   * @throws UnderstudyError `SIGNATURE_MISMATCH` when the matrix is not rows × columns long.
   */
  score(matrix: Float32Array, rows: number): Promise<Float32Array>;
  /** Frees its memory, after the running calls have ended; the model cannot score afterwards. Doing it twice is no error. */
  release(): Promise<void>;
}

/**
 * Opens the bytes of an ONNX graph that has exactly the contract's tensors and the signature's number of columns.
 * @throws UnderstudyError `SIGNATURE_MISMATCH` with what was found and what is allowed.
 */
export async function openModel(onnx: Uint8Array, signature: ModelSignature): Promise<OpenModel> {
  const columns = signature.columns.length;
  const target = recordedTarget(signature);
  const [width, source] = [widthOf(target), target.task === 'regression' ? ONNX_VALUE : ONNX_PROBABILITIES];
  const session = await InferenceSession.create(onnx, SESSION_OPTIONS).catch((error: unknown) => {
    throw mismatch('no graph that onnxruntime can load', 'an ONNX graph', { cause: error });
  });
  try {
    checkTensors('inputs', session.inputMetadata, [{ name: ONNX_INPUT, type: 'float32', shape: ['batch', columns] }]);
    checkTensors('outputs', session.outputMetadata, outputsOf(target));
  } catch (error) {
    await session.release();
    throw error;
  }

  async function scoreAll(matrix: Float32Array, rows: number): Promise<Float32Array> {
    const result = new Float32Array(rows * width);
    for (let first = 0; first < rows; first += SCORE_BATCH_ROWS) {
      const batch = Math.min(SCORE_BATCH_ROWS, rows - first);
      const part = new Tensor('float32', matrix.subarray(first * columns, (first + batch) * columns), [batch, columns]);
      const outputs = await session.run({ [ONNX_INPUT]: part }, [source]);
      const found = outputs[source]?.data as Float32Array;
      if (target.task !== 'binary') result.set(found, first * width);
      else for (let row = 0; row < batch; row++) result[first + row] = found[2 * row + 1] ?? NaN;
    }
    return result;
  }

  return modelOn(columns, { score: scoreAll, close: () => session.release() });
}

/** What a model that is open runs on. */
export interface Runner {
  /** Scores a matrix that has the right size. */
  score(matrix: Float32Array, rows: number): Promise<Float32Array>;
  /** Frees what it holds; is called once, when nothing is scored any more. */
  close(): Promise<unknown>;
}

/** A model of so many columns that runs on it, with what {@link OpenModel} promises of every model. */
export function modelOn(columns: number, runner: Runner): OpenModel {
  const running = new Set<Promise<unknown>>();
  let released: Promise<void> | undefined;
  return {
    async score(matrix, rows) {
      if (released) throw new UnderstudyError('INTERNAL', 'The model was released before it was asked to score.');
      if (matrix.length !== rows * columns) {
        throw mismatch(`${matrix.length} values`, `${rows} rows of ${columns} columns, ${rows * columns} values`);
      }
      const scoring = runner.score(matrix, rows);
      running.add(scoring);
      return scoring.finally(() => running.delete(scoring));
    },
    release: () =>
      (released ??= Promise.allSettled(running).then(async () => {
        await runner.close();
      })),
  };
}

/** The outputs of a graph, by task. */
function outputsOf(target: Target): ExpectedTensor[] {
  if (target.task === 'regression') return [{ name: ONNX_VALUE, type: 'float32', shape: ['batch', 1] }];
  const classes = target.task === 'binary' ? 2 : widthOf(target);
  return [
    { name: ONNX_LABEL, type: 'int64', shape: ['batch'] },
    { name: ONNX_PROBABILITIES, type: 'float32', shape: ['batch', classes] },
  ];
}

interface ExpectedTensor {
  readonly name: string;
  readonly type: string;
  /** A text stands for a dimension that must be dynamic, whatever its name. */
  readonly shape: readonly (number | string)[];
}

function checkTensors(
  what: string,
  found: readonly InferenceSession.ValueMetadata[],
  allowed: readonly ExpectedTensor[],
): void {
  const matches = allowed.every(({ name, type, shape }, position) => {
    const tensor = found[position];
    return (
      tensor?.isTensor &&
      tensor.name === name &&
      tensor.type === type &&
      tensor.shape.length === shape.length &&
      tensor.shape.every((dimension, axis) =>
        typeof shape[axis] === 'number' ? dimension === shape[axis] : typeof dimension === 'string',
      )
    );
  });
  if (matches && found.length === allowed.length) return;
  throw mismatch(
    `the ${what} ${found.map((tensor) => (tensor.isTensor ? describe(tensor) : `${tensor.name} (no tensor)`)).join(', ')}`,
    allowed.map(describe).join(', '),
  );
}

function describe({ name, type, shape }: ExpectedTensor): string {
  return `${name} ${type}[${shape.map((dimension) => (dimension === '' ? '?' : dimension)).join(', ')}]`;
}

function mismatch(found: string, allowed: string, options?: ErrorOptions): UnderstudyError {
  return new UnderstudyError(
    'SIGNATURE_MISMATCH',
    `The model has ${found}; allowed is ${allowed}.`,
    { found, allowed },
    options,
  );
}
