// Contributions beside predictions, our extension of the protocol: which part each input has in each row's log-odds.
import { UnderstudyError } from '../domain/failures';
import { recordedTarget } from '../domain/evaluation/task';
import type { InferRequest } from './request';
import type { ServedModel } from './served-model';

/** Parameter of an inference request: true asks for the output {@link CONTRIBUTIONS_OUTPUT}. */
const CONTRIBUTIONS_PARAMETER = 'contributions';
/** FP32 [rows, inputs + 1]: one number per input of the model, in the order of its metadata, and the base last; they add up to the log-odds. */
export const CONTRIBUTIONS_OUTPUT = 'contributions';
/** They are computed on the thread that answers all requests: a row of 500 trees takes some 10 ms. */
const MOST_ROWS = 50;

/** Whether a request asks for contributions. Fails with REQUEST_INVALID when it asks for more than are given at once. */
export function asksForContributions({ parameters }: Pick<InferRequest, 'parameters'>, rows: number): boolean {
  const asked = parameters[CONTRIBUTIONS_PARAMETER] ?? false;
  if (typeof asked !== 'boolean') throw invalid(JSON.stringify(asked), 'true or false');
  if (asked && rows > MOST_ROWS) throw invalid(`it for ${rows} rows`, `at most ${MOST_ROWS} rows with it`);
  return asked;
}

/**
 * The output for rows that have been scored.
 * @throws UnderstudyError `CONTRIBUTIONS_UNAVAILABLE`, `ARTIFACT_MISSING`, `ARTIFACT_CORRUPT`
 */
export async function contributionsOf(
  served: Pick<ServedModel, 'signature' | 'explainer'>,
  matrix: Float32Array,
  probabilities: Float32Array,
): Promise<Float32Array> {
  const { task } = recordedTarget(served.signature);
  if (task !== 'binary') {
    throw new UnderstudyError(
      'CONTRIBUTIONS_UNAVAILABLE',
      `Contributions are parts of the log-odds of a binary task; this model's task is ${task}.`,
      { task },
    );
  }
  const explainer = await served.explainer();
  const width = served.signature.columns.length;
  const output = new Float32Array(probabilities.length * (width + 1));
  probabilities.forEach((probability, row) => {
    const { base, contributions } = explainer.explain(matrix.subarray(row * width, (row + 1) * width), probability);
    output.set(contributions, row * (width + 1));
    output[row * (width + 1) + width] = base;
  });
  return output;
}

function invalid(found: string, allowed: string): UnderstudyError {
  return new UnderstudyError(
    'REQUEST_INVALID',
    `The request's parameters.${CONTRIBUTIONS_PARAMETER} is not as it has to be: found ${found}; allowed: ${allowed}.`,
    { field: `parameters.${CONTRIBUTIONS_PARAMETER}`, found, allowed },
  );
}
