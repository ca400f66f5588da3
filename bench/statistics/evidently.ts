// Evidently's drift report of the rows that ours is measured on, in an environment of its own beside the product's.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadConfig } from '../../src/config';
import { createEngine } from '../../src/data/engine';
import { copyToParquet, quoteName } from '../../src/data/sql-text';
import { preparePython } from '../../src/embedded/python';
import type { DriftColumn } from '../../src/statistics/drift/report';
import type { Category } from '../../src/statistics/drift/samples';
import { row, type BenchContext, type Row } from '../benchmark';

const run = promisify(execFile);
/** Ours takes at most a tenth of its time. */
const GOAL_PERCENT = 10;

/** Seconds of processor time of the fastest run: ratios of it hold on a busy machine, too. */
interface Measured {
  /** With the tests that our report judges by: Kolmogorov-Smirnov and chi-squared. */
  readonly judged: number;
  /** With PSI, Jensen-Shannon and Wasserstein besides, which our report always has. */
  readonly all: number;
  readonly version: string;
}

/** Rows that put `ownSeconds`, the processor time of our report of the same columns, beside Evidently's; none where it cannot be had, which is said. */
export async function besideEvidently(
  { packageRoot, say }: BenchContext,
  columns: readonly DriftColumn[],
  ownSeconds: number,
  repeats: number,
): Promise<Row[]> {
  const folder = join(packageRoot, 'bench', 'statistics');
  let measured: Measured;
  try {
    const python = await preparePython({
      ...loadConfig(),
      requirements: join(folder, 'requirements.txt'),
      onProgress: () => say('Evidently: making an environment for it (about two minutes, once)'),
    });
    measured = await measure(python, join(folder, 'evidently_drift.py'), columns, repeats);
  } catch (error) {
    say(`Evidently is left out: ${(error as Error).message.split('\n')[0]}`);
    return [];
  }
  const { version, judged, all } = measured;
  return [
    row('the same, processor time', ownSeconds, 's'),
    row(`the same by Evidently ${version}, Kolmogorov-Smirnov and chi-squared alone, processor time`, judged, 's'),
    row(`the same by Evidently ${version}, all measures that ours has, processor time`, all, 's'),
    row('our report by Evidently with the tests alone', (100 * ownSeconds) / judged, '%', GOAL_PERCENT),
    row('our report by Evidently with all measures', (100 * ownSeconds) / all, '%', GOAL_PERCENT),
  ];
}

async function measure(
  python: string,
  script: string,
  columns: readonly DriftColumn[],
  repeats: number,
): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-evidently-'));
  try {
    const [reference, current] = [join(folder, 'reference.parquet'), join(folder, 'current.parquet')];
    await write(folder, columns, 'reference', reference);
    await write(folder, columns, 'current', current);
    const env = { ...process.env, DO_NOT_TRACK: '1' };
    const { stdout } = await run(python, [script, reference, current, String(repeats)], { env });
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as Measured;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function write(
  folder: string,
  columns: readonly DriftColumn[],
  side: 'reference' | 'current',
  path: string,
): Promise<void> {
  const engine = await createEngine({ threads: 1, memoryLimitMb: 512, tempDir: join(folder, 'spill') });
  try {
    await engine.task(async (connection) => {
      const types = columns.map(({ name, kind }) => `${quoteName(name)} ${kind === 'number' ? 'DOUBLE' : 'VARCHAR'}`);
      await connection.run(`CREATE TABLE sample (${types.join(', ')})`);
      await connection.append('sample', rowsOf(columns, side));
      await connection.run(copyToParquet('SELECT * FROM sample', path));
    });
  } finally {
    engine.close();
  }
}

function* rowsOf(columns: readonly DriftColumn[], side: 'reference' | 'current'): Generator<Category[]> {
  const rows = columns[0]?.[side].length ?? 0;
  for (let at = 0; at < rows; at++) yield columns.map((column) => column[side][at] ?? null);
}
