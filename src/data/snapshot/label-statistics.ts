// What a signature says of the target: the task, its classes, and the statistics of the training rows' labels.
// Invariant: sums run over the labels in their own order, so equal training rows give equal bytes; a binary signature has none of it.
import { recordOf, targetOf, type LabelStatistics, type Target } from '../../domain/evaluation/task';
import { MATRIX_LABEL, type ModelSignature } from '../../domain/training/training';
import type { Connection } from '../engine';
import type { MatrixLayout } from './matrix';

/** The part of a signature beside its columns, from the relation `joined`; empty for `binary`. */
export async function targetRecord(
  connection: Connection,
  plan: Pick<MatrixLayout, 'task' | 'label'>,
): Promise<Omit<ModelSignature, 'columns'>> {
  const target = targetOf(plan);
  if (target.task === 'binary') return {};
  return { ...recordOf(target), labels: await statisticsOf(connection, target) };
}

async function statisticsOf(connection: Connection, { task, classes = [] }: Target): Promise<LabelStatistics> {
  // Sorted and counted, so that neither threads nor the order of files decide the last digit of a sum.
  const counted = await connection.rows(
    `SELECT ${MATRIX_LABEL} AS label, count(*) AS n FROM joined WHERE role = 'train' GROUP BY label ORDER BY label`,
  );
  const values = counted.map(({ label, n }) => ({ label: Number(label), n: Number(n) }));
  const rows = values.reduce((sum, { n }) => sum + n, 0);
  if (task === 'multiclass') {
    const shares = classes.map((_, index) => (values.find(({ label }) => label === index)?.n ?? 0) / (rows || 1));
    return { shares };
  }
  const mean = values.reduce((sum, { label, n }) => sum + label * n, 0) / (rows || 1);
  const variance = values.reduce((sum, { label, n }) => sum + n * (label - mean) ** 2, 0) / (rows || 1);
  return { mean, variance };
}
