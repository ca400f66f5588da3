// A version that is open for requests: its signature, its encoder and its session, read from registry and artifact store.
import { UnderstudyError } from '../domain/failures';
import { ModelSignature } from '../domain/training/training';
import type { ArtifactStore } from '../ports/artifacts';
import type { ModelRegistry } from '../ports/stores';
import { openExplainer, type Explainer } from '../scoring/contributions/explainer';
import { rowEncoder, type RowEncoder } from '../scoring/encode';
import { openModel } from '../scoring/session';

/** A version that can answer. */
export interface ServedModel {
  readonly version: number;
  readonly contender: string;
  readonly signature: ModelSignature;
  readonly encode: RowEncoder;
  /** Predictions of the rows of the encoded matrix, row by row, as `src/domain/evaluation/task.ts` says. */
  score(matrix: Float32Array, rows: number): Promise<Float32Array>;
  /** Reads the trainer's own model at the first call. Fails with CONTRIBUTIONS_UNAVAILABLE, ARTIFACT_MISSING, ARTIFACT_CORRUPT. */
  explainer(): Promise<Explainer>;
  release(): Promise<void>;
}

/**
 * Opens a version, checks its files' digests and warms it with one call, so that the first request is as fast as the next.
 * @throws UnderstudyError `VERSION_NOT_FOUND`, `ARTIFACT_MISSING`, `ARTIFACT_CORRUPT`, `SIGNATURE_MISMATCH`, `DATABASE_UNAVAILABLE`
 */
export async function openVersion(
  registry: Pick<ModelRegistry, 'load'>,
  artifacts: Pick<ArtifactStore, 'get'>,
  model: string,
  version: number,
): Promise<ServedModel> {
  const { contender, onnx, signature: signatureRef, training, lineage } = await registry.load(model, version);
  const [bytes, text] = await Promise.all([artifacts.get(onnx), artifacts.get(signatureRef)]);
  const signature = parseSignature(text, signatureRef.sha256);
  const opened = await openModel(bytes, signature);
  try {
    await opened.score(new Float32Array(signature.columns.length).fill(NaN), 1);
  } catch (error) {
    await opened.release();
    throw error;
  }
  let explainer: Promise<Explainer> | undefined;
  async function readExplainer(): Promise<Explainer> {
    const [native, report] = await Promise.all([artifacts.get(training.native), artifacts.get(training.report)]);
    return openExplainer({ trainer: lineage.trainer, signature, native, report });
  }
  return {
    version,
    contender,
    signature,
    encode: rowEncoder(signature),
    score: (matrix, rows) => opened.score(matrix, rows),
    explainer() {
      explainer ??= readExplainer();
      // What failed is read again: an artifact may be back.
      explainer.catch(() => (explainer = undefined));
      return explainer;
    },
    release: () => opened.release(),
  };
}

function parseSignature(text: Buffer, sha256: string): ModelSignature {
  try {
    return ModelSignature.parse(JSON.parse(text.toString('utf8')));
  } catch (cause) {
    throw new UnderstudyError(
      'ARTIFACT_CORRUPT',
      `The artifact ${sha256} is no signature of a model.`,
      { sha256 },
      { cause },
    );
  }
}
