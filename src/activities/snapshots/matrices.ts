// Rows of a snapshot as a version sees them: matrices read once, categories re-coded where a version was trained with another vocabulary.
import { readFile } from 'node:fs/promises';
import { readMatrix, type MatrixRows } from '../../data/snapshot/read-matrix';
import type { ArtifactRef } from '../../domain/data/artifacts';
import { UnderstudyError } from '../../domain/failures';
import type { SnapshotRef } from '../../domain/data/partitions';
import { ModelSignature } from '../../domain/training/training';
import type { DataDependencies } from '../dependencies';

/** As many as one decision needs (holdout and truth of one snapshot), with room for a second one under way. */
const KEPT_MATRICES = 4;

export interface Matrices {
  signature(ref: ArtifactRef): Promise<ModelSignature>;
  /** The matrix of a snapshot in its own coding. */
  read(matrix: ArtifactRef, signature: ModelSignature): Promise<MatrixRows>;
  /** A matrix of a snapshot in a version's coding, which is another one where the version went on from other codes. */
  readAs(snapshot: SnapshotRef, role: 'holdout' | 'truth', signature: ModelSignature): Promise<MatrixRows>;
}

export function createMatrices({ artifacts, engine }: Pick<DataDependencies, 'artifacts' | 'engine'>): Matrices {
  const kept = new Map<string, Promise<MatrixRows>>();
  const matrices: Matrices = {
    async signature(ref) {
      return ModelSignature.parse(JSON.parse(await readFile(await artifacts.localPath(ref), 'utf8')));
    },
    async read(ref, signature) {
      const found = kept.get(ref.sha256);
      if (found) return found;
      const reading = artifacts.localPath(ref).then((path) => readMatrix(engine, path, signature));
      kept.set(ref.sha256, reading);
      reading.catch(() => kept.delete(ref.sha256));
      for (const oldest of kept.keys()) {
        if (kept.size <= KEPT_MATRICES) break;
        kept.delete(oldest);
      }
      return reading;
    },
    async readAs(snapshot, role, signature) {
      const coding = await matrices.signature(snapshot.signature);
      const found = await matrices.read(snapshot[role], coding);
      if (JSON.stringify(coding) === JSON.stringify(signature)) return found;
      return { ...found, features: recode(found.features, found.rows, coding, signature) };
    },
  };
  return matrices;
}

/**
 * The features in another signature's columns and category codes; a category that it does not know is missing (NaN).
 * Fails with SIGNATURE_MISMATCH when the other signature has a column that these rows lack.
 */
export function recode(features: Float32Array, rows: number, from: ModelSignature, to: ModelSignature): Float32Array {
  const width = to.columns.length;
  const result = new Float32Array(rows * width);
  to.columns.forEach((column, target) => {
    const source = from.columns.findIndex((other) => other.name === column.name && other.kind === column.kind);
    const origin = from.columns[source];
    if (!origin)
      throw new UnderstudyError('SIGNATURE_MISMATCH', `column ${column.name} (${column.kind}) is not in the snapshot`);
    const codes =
      column.kind === 'category' && origin.kind === 'category'
        ? origin.categories.map((name) => column.categories.indexOf(name))
        : null;
    for (let row = 0; row < rows; row++) {
      const value = features[row * from.columns.length + source]!;
      const code = codes === null || Number.isNaN(value) ? value : (codes[value] ?? -1);
      result[row * width + target] = codes !== null && code < 0 ? NaN : code;
    }
  });
  return result;
}
