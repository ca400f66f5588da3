// Finds Python and makes the trainer's own virtual environment from its pinned requirements, once per set of requirements.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UnderstudyError } from '../domain/failures';

const run = promisify(execFile);
const OLDEST = [3, 10] as const;
const NAMES = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];
const INSTALL_TIMEOUT_MS = 15 * 60_000;

export interface PythonOptions {
  /** PYTHON: the only interpreter that is tried when it is set. */
  readonly python?: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** An interpreter of at least 3.10. Fails with PYTHON_MISSING, naming what was found. */
export async function findPython({
  python,
  environment,
}: PythonOptions): Promise<{ readonly path: string; readonly version: string }> {
  const seen: string[] = [];
  for (const name of python ? [python] : NAMES) {
    const version = await versionOf(name, environment);
    if (version === null) {
      if (python) seen.push(`${name}: does not run`);
      continue;
    }
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return { path: name, version };
    seen.push(`${name}: ${version}`);
  }
  throw new UnderstudyError(
    'PYTHON_MISSING',
    `Python ${OLDEST.join('.')} or newer is needed for the Python trainer; found ${seen.join(', ') || 'none on PATH'}`,
  );
}

async function versionOf(name: string, environment: Readonly<Record<string, string>>): Promise<string | null> {
  try {
    const { stdout } = await run(name, ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'], {
      env: { ...environment },
    });
    return stdout.trim();
  } catch {
    return null;
  }
}

/** The environment's interpreter where it has been made already, else null; makes nothing. Fails with PYTHON_MISSING. */
export async function existingPython(
  options: PythonOptions & { readonly cache: string; readonly requirements: string },
): Promise<string | null> {
  const { interpreter, isComplete } = await environmentOf(options);
  return isComplete ? interpreter : null;
}

async function environmentOf(options: PythonOptions & { readonly cache: string; readonly requirements: string }) {
  const python = await findPython(options);
  const digest = createHash('sha256')
    .update(readFileSync(options.requirements))
    .update(python.version)
    .digest('hex')
    .slice(0, 12);
  const folder = join(options.cache, `python-${digest}`);
  const isComplete = existsSync(join(folder, 'complete'));
  return { python, folder, interpreter: join(folder, 'bin', 'python'), isComplete };
}

/** The environment's interpreter; makes the environment when there is none for these requirements. Its folder is renamed into place when whole. */
export async function preparePython(
  options: PythonOptions & {
    readonly cache: string;
    readonly requirements: string;
    readonly onProgress: (line: string) => void;
  },
): Promise<string> {
  const { cache, requirements, environment, onProgress } = options;
  const { python, folder, interpreter, isComplete } = await environmentOf(options);
  if (isComplete) return interpreter;
  mkdirSync(cache, { recursive: true });
  rmSync(folder, { recursive: true, force: true });
  onProgress(`Python ${python.version}: installing the trainer's libraries (about a minute)`);
  try {
    if (await hasUv(environment)) {
      await run('uv', ['venv', '--quiet', '--python', python.path, folder], { env: { ...environment } });
      await run('uv', ['pip', 'install', '--quiet', '--python', interpreter, '-r', requirements], {
        env: { ...environment },
        timeout: INSTALL_TIMEOUT_MS,
      });
    } else {
      await run(python.path, ['-m', 'venv', folder], { env: { ...environment } });
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements];
      await run(interpreter, pip, { env: { ...environment }, timeout: INSTALL_TIMEOUT_MS });
    }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    const said = (error as { stderr?: string }).stderr?.trim().split('\n').at(-1) ?? (error as Error).message;
    throw new UnderstudyError(
      'PYTHON_ENVIRONMENT_FAILED',
      `the Python environment could not be made from ${requirements}: ${said}`,
      {},
      { cause: error },
    );
  }
  // Written last: an environment without it was interrupted and is made anew.
  writeFileSync(`${folder}/complete.tmp`, python.version);
  renameSync(`${folder}/complete.tmp`, join(folder, 'complete'));
  return interpreter;
}

async function hasUv(environment: Readonly<Record<string, string>>): Promise<boolean> {
  try {
    await run('uv', ['--version'], { env: { ...environment } });
    return true;
  } catch {
    return false;
  }
}
