// Asks the Python trainer which contenders of a plan cannot be trained or converted, before any training.
// Invariant: installs and makes nothing; what cannot be looked at yet is said, and is no mistake.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { dataOwner } from '../domain/data/data-owner';
import { PYTHON_TRAINERS } from '../domain/plan/contender-plan';
import { UnderstudyError } from '../domain/failures';
import type { ModelPlan } from '../domain/plan/plan';
import { recordOf, targetOf } from '../domain/evaluation/task';
import { ContenderFindings } from '../domain/training/training';
import { existingPython, type PythonOptions } from './python';

export interface PythonCheckOptions extends PythonOptions {
  readonly cache: string;
  /** The requirements.txt of the trainer; its package lies beside it. */
  readonly requirements: string;
  readonly modelsDir: string;
}

const TIMEOUT_MS = 120_000;
const NOT_MADE = 'the Python environment does not exist yet; npx understudy start makes it';

/** Fails with MODEL_CODE_FAILED when the check itself breaks, for example on a module of the author's that ends the process. */
export async function checkContenders(plan: ModelPlan, options: PythonCheckOptions): Promise<ContenderFindings> {
  const trainers: readonly string[] = PYTHON_TRAINERS;
  const contenders = Object.entries(plan.contenders).filter(([, { trainer }]) => trainers.includes(trainer));
  if (contenders.length === 0) return { problems: [], unchecked: [] };
  const unchecked = (reason: string): ContenderFindings => ({
    problems: [],
    unchecked: contenders.map(([contender]) => ({ contender, reason })),
  });
  let interpreter: string | null;
  try {
    interpreter = await existingPython(options);
  } catch (error) {
    return unchecked((error as Error).message);
  }
  if (interpreter === null) return unchecked(NOT_MADE);
  const kinds = plan.features.flatMap((view) => Object.entries(view.features));
  const document = {
    model: plan.name,
    ...recordOf(targetOf(plan)),
    folder: dataOwner(plan),
    models: options.modelsDir,
    // The real categories come with the data; that there are some is enough to convert.
    columns: kinds.map(([name, kind]) => ({ kind, name, ...(kind === 'category' ? { categories: ['a', 'b'] } : {}) })),
    contenders: Object.fromEntries(
      contenders.map(([name, contender]) => [name, { ...contender, ...stopping(contender) }]),
    ),
  };
  const text = await ask(interpreter, JSON.stringify(document), options);
  return ContenderFindings.parse(JSON.parse(text));
}

function stopping({ earlyStopping }: ModelPlan['contenders'][string]) {
  return { earlyStoppingDays: earlyStopping?.days ?? 0, earlyStoppingRounds: earlyStopping?.rounds ?? 1 };
}

function ask(interpreter: string, document: string, options: PythonCheckOptions): Promise<string> {
  const folder = dirname(options.requirements);
  return new Promise((resolve, reject) => {
    const child = spawn(interpreter, ['-m', 'understudy_trainer', 'check'], {
      cwd: folder,
      env: { ...options.environment, PYTHONPATH: folder, OMP_WAIT_POLICY: 'PASSIVE' },
      timeout: TIMEOUT_MS,
    });
    let said = '';
    let complained = '';
    child.stdout.on('data', (text: Buffer) => (said += text.toString()));
    child.stderr.on('data', (text: Buffer) => (complained += text.toString()));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(said);
      const last = complained.trim().split('\n').at(-1) || `${signal ?? `exit code ${code}`}`;
      const where = join(options.modelsDir, (JSON.parse(document) as { model: string }).model);
      reject(new UnderstudyError('MODEL_CODE_FAILED', `${where}: the check of the Python contenders ended: ${last}`));
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(document);
  });
}
