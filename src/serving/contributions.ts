// Contributions beside predictions, our extension of the protocol: which part each input has in each row's log-odds, class scores or value.
import { UnderstudyError } from '../domain/failures';
import { recordedTarget, widthOf, type Target } from '../domain/evaluation/task';
import type { InferRequest } from './request';
import type { ServedModel } from './served-model';

/** Parameter of an inference request: true asks for the output {@link CONTRIBUTIONS_OUTPUT}. */
const CONTRIBUTIONS_PARAMETER = 'contributions';
/**
 * FP32 [rows, inputs + 1]: one number per input of the model, in the order of its metadata, and the base last; they add up to the log-odds, of a
 * regression to the value. Of several classes [rows, classes, inputs + 1]: they add up to the scores that the probabilities are the softmax of.
 */
export const CONTRIBUTIONS_OUTPUT = 'contributions';
/** They are computed on the thread that answers all requests: a row of 500 trees takes some 10 ms, and each class has trees of its own. */
const MOST_VALUES = 50;

/** Whether a request asks for contributions. Fails with REQUEST_INVALID when it asks for more than are given at once. */
export function asksForContributions(
  { parameters }: Pick<InferRequest, 'parameters'>,
  rows: number,
  target: Target,
): boolean {
  const asked = parameters[CONTRIBUTIONS_PARAMETER] ?? false;
  if (typeof asked !== 'boolean') throw invalid(JSON.stringify(asked), 'true or false');
  const most = Math.max(1, Math.floor(MOST_VALUES / widthOf(target)));
  if (asked && rows > most) throw invalid(`it for ${rows} rows`, `at most ${counted(most)} with it`);
  return asked;
}

function counted(rows: number): string {
  return rows === 1 ? '1 row' : `${rows} rows`;
}

/** Values row by row, and the shape of a row's. */
export interface ContributionsOutput {
  readonly rowShape: readonly number[];
  readonly values: Float32Array;
}

/**
 * The output for rows that have been scored.
 * @throws UnderstudyError `CONTRIBUTIONS_UNAVAILABLE`, `ARTIFACT_MISSING`, `ARTIFACT_CORRUPT`
 */
export async function contributionsOf(
  served: Pick<ServedModel, 'signature' | 'explainer'>,
  matrix: Float32Array,
  predictions: Float32Array,
): Promise<ContributionsOutput> {
  const target = recordedTarget(served.signature);
  const explainer = await served.explainer();
  const [width, each] = [served.signature.columns.length, widthOf(target)];
  const values = new Float32Array(predictions.length * (width + 1));
  for (let row = 0; row * each < predictions.length; row++) {
    const prediction = predictions.subarray(row * each, (row + 1) * each);
    const parts = explainer.explain(matrix.subarray(row * width, (row + 1) * width), prediction);
    parts.forEach(({ base, contributions }, value) => {
      const from = (row * each + value) * (width + 1);
      values.set(contributions, from);
      values[from + width] = base;
    });
  }
  return { rowShape: target.task === 'multiclass' ? [each, width + 1] : [width + 1], values };
}

function invalid(found: string, allowed: string): UnderstudyError {
  return new UnderstudyError(
    'REQUEST_INVALID',
    `The request's parameters.${CONTRIBUTIONS_PARAMETER} is not as it has to be: found ${found}; allowed: ${allowed}.`,
    { field: `parameters.${CONTRIBUTIONS_PARAMETER}`, found, allowed },
  );
}
