// Rows of a snapshot as a version sees them: matrices read once, categories re-coded where a version was trained with another vocabulary.
// Invariant: a process reads a matrix once for all who look at it (evaluating, explaining, deciding, monitoring), and keeps few of them.
import { readFile } from 'node:fs/promises';
import { readColumns, readLabels, readMatrix, type MatrixRows } from '../../data/snapshot/read-matrix';
import type { ArtifactRef } from '../../domain/data/artifacts';
import { UnderstudyError } from '../../domain/failures';
import type { SnapshotRef } from '../../domain/data/partitions';
import { ModelSignature } from '../../domain/training/training';
import type { DataDependencies } from '../dependencies';

/** As many as one cycle needs (holdout and truth of its snapshot, and the training rows that drift is seen against), with room for a second one. */
const KEPT_MATRICES = 6;

/** Of the training rows: few enough for their numbers to fit into memory. */
const COLUMNS_AT_ONCE = 8;

export interface Matrices {
  signature(ref: ArtifactRef): Promise<ModelSignature>;
  /** The matrix of a snapshot in its own coding. */
  read(matrix: ArtifactRef, signature: ModelSignature): Promise<MatrixRows>;
  /** A matrix of a snapshot in a version's coding, which is another one where the version went on from other codes. */
  readAs(snapshot: SnapshotRef, role: 'holdout' | 'truth', signature: ModelSignature): Promise<MatrixRows>;
  /** Its columns one after the other, as numbers with NaN for missing: of training rows, which are many, some columns at a time and nothing is kept. */
  eachColumn(
    matrix: ArtifactRef,
    names: readonly string[],
    visit: (name: string, values: Float64Array) => void,
  ): Promise<void>;
  /** The labels alone: of training rows, which are many, that is all that is asked for. */
  labels(matrix: ArtifactRef): Promise<Float32Array>;
}

type MatrixDependencies = Pick<DataDependencies, 'artifacts' | 'engine'>;

/** By what they are read with and from: a test, or another process, has its own. */
const shared = new WeakMap<MatrixDependencies['engine'], WeakMap<MatrixDependencies['artifacts'], Matrices>>();

/** The matrices of an artifact store, read by an engine: the same object for all who ask with the same two. */
export function createMatrices({ artifacts, engine }: MatrixDependencies): Matrices {
  const ofEngine = shared.get(engine) ?? new WeakMap<MatrixDependencies['artifacts'], Matrices>();
  shared.set(engine, ofEngine);
  const matrices = ofEngine.get(artifacts) ?? openMatrices(artifacts, engine);
  ofEngine.set(artifacts, matrices);
  return matrices;
}

function openMatrices(artifacts: MatrixDependencies['artifacts'], engine: MatrixDependencies['engine']): Matrices {
  const kept = new Map<string, Promise<MatrixRows>>();
  const labels = new Map<string, Promise<Float32Array>>();

  /** What was asked for last is dropped last. */
  function once<T>(known: Map<string, Promise<T>>, name: string, read: () => Promise<T>): Promise<T> {
    const found = known.get(name);
    const reading = found ?? read();
    known.delete(name);
    known.set(name, reading);
    if (!found) reading.catch(() => known.delete(name));
    for (const oldest of known.keys()) {
      if (known.size <= KEPT_MATRICES) break;
      known.delete(oldest);
    }
    return reading;
  }

  const matrices: Matrices = {
    async signature(ref) {
      return ModelSignature.parse(JSON.parse(await readFile(await artifacts.localPath(ref), 'utf8')));
    },
    read: (ref, signature) =>
      once(kept, `${ref.sha256} ${JSON.stringify(signature)}`, async () =>
        readMatrix(engine, await artifacts.localPath(ref), signature),
      ),
    async readAs(snapshot, role, signature) {
      const coding = await matrices.signature(snapshot.signature);
      const found = await matrices.read(snapshot[role], coding);
      if (JSON.stringify(coding) === JSON.stringify(signature)) return found;
      return { ...found, features: recode(found.features, found.rows, coding, signature) };
    },
    async eachColumn(ref, names, visit) {
      const path = await artifacts.localPath(ref);
      for (let at = 0; at < names.length; at += COLUMNS_AT_ONCE) {
        const found = await readColumns(engine, path, names.slice(at, at + COLUMNS_AT_ONCE));
        for (const [name, values] of Object.entries(found)) visit(name, values);
      }
    },
    labels: (ref) => once(labels, ref.sha256, async () => readLabels(engine, await artifacts.localPath(ref))),
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
