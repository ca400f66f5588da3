// Installs, before the Python worker takes work, the optional libraries that the models at hand ask for.
// Invariant: a library that cannot be had stops no start; a training that needs it tries again and says why it fails.
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import type { ModelPlan } from '../domain/plan/plan';

/** The optional libraries of `trainers/python/requirements-<name>.txt` that the contenders of these plans use, in alphabetical order. */
export function optionalLibrariesOf(plans: readonly ModelPlan[]): string[] {
  const names = plans
    .flatMap(({ contenders }) => Object.values(contenders))
    .flatMap(({ trainer, tuning }) => [
      ...(trainer === 'xgboost' || trainer === 'sklearn' ? [trainer] : []),
      ...(tuning ? ['optuna'] : []),
    ]);
  return [...new Set(names)].sort();
}

/** What {@link installLibraries} is given. */
export interface InstallOptions {
  readonly interpreter: string;
  /** The requirements.txt of the trainer; its package lies beside it. */
  readonly requirements: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly onProgress: (line: string) => void;
  /** Ends the installer, which removes what it had not finished. Default: never. */
  readonly signal?: AbortSignal;
}

/** Installs those that are not there yet (half a minute each, once for a Python environment), telling each of it. Never fails. */
export async function installLibraries(names: readonly string[], options: InstallOptions): Promise<void> {
  if (names.length === 0) return;
  const { interpreter, requirements, environment, onProgress, signal } = options;
  const folder = dirname(requirements);
  await new Promise<void>((resolve) => {
    const child = spawn(interpreter, ['-m', 'understudy_trainer', 'obtain', ...names], {
      cwd: folder,
      env: { ...environment, PYTHONPATH: folder, PYTHONUNBUFFERED: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
      ...(signal ? { signal } : {}),
    });
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onProgress(`Python: ${line}`);
    });
    child.on('error', (error) => {
      onProgress(`Python: libraries were not installed: ${error.message}`);
      resolve();
    });
    child.on('close', () => resolve());
  });
}
