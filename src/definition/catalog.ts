// The catalogue of definitions: finds models/<name>/model.ts and loads it.
// Invariant: whatever an author's code does while it is loaded ends as one error with a code that names the file and the line.
import { existsSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { FAILURES, UnderstudyError, type FailureCode } from '../domain/failures';
import { withHookDigests } from './contenders/hook-source';
import { missingTrainHooks } from './contenders/own-checks';
import { missingFunctions, withFunctionDigests } from './contenders/function-source';
import type { Definition } from './define-model';
import { loadDefaultExport } from './load-module';
import { list } from './problems';
import { missingHooks } from './source-checks';

/** Names of the models that have a definition: the folders of `modelsDir` with a `model.ts`, in alphabetical order. */
export function listDefinitions(modelsDir: string): string[] {
  if (!existsSync(modelsDir)) return [];
  return readdirSync(modelsDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(modelsDir, entry.name, 'model.ts')))
    .map((entry) => entry.name)
    .sort();
}

/**
 * Loads `<modelsDir>/<name>/model.ts`. Fails with DEFINITION_NOT_FOUND (naming those that exist), DEFINITION_INVALID (the author's mistakes in
 * the definition), or MODEL_CODE_FAILED (the author's code threw; the message names file and line). A file is run once per process.
 */
export function loadDefinition(modelsDir: string, name: string): Definition {
  const known = listDefinitions(modelsDir);
  if (!known.includes(name)) {
    const exist = known.length > 0 ? `there are: ${list(known)}` : 'there is none';
    throw new UnderstudyError('DEFINITION_NOT_FOUND', `No definition of "${name}" in ${modelsDir}; ${exist}.`, {
      name,
      known,
    });
  }
  const file = resolve(modelsDir, name, 'model.ts');
  const definition = runAuthorCode(file);
  if (!isDefinition(definition)) {
    const found = `found ${definition === undefined ? 'no default export' : typeof definition}`;
    throw new UnderstudyError(
      'DEFINITION_INVALID',
      `${shown(file)}: ${found}, allowed is: export default defineModel({ … })`,
      { file },
    );
  }
  if (definition.plan.name !== name) {
    const message = `${shown(file)}: name: found "${definition.plan.name}", allowed is "${name}", the name of the folder`;
    throw new UnderstudyError('DEFINITION_INVALID', message, { file });
  }
  const folder = join(modelsDir, name);
  const missing = [
    ...missingHooks(definition.plan, folder),
    ...missingFunctions(definition.plan, folder),
    ...missingTrainHooks(definition.plan, folder),
  ];
  if (missing.length > 0) {
    const lines = missing.map(
      ({ path, found, allowed }) => `${shown(file)}: ${path}: found ${found}, allowed is ${allowed}`,
    );
    throw new UnderstudyError('DEFINITION_INVALID', lines.join('\n'), { file, problems: missing });
  }
  return { ...definition, plan: withHookDigests(withFunctionDigests(definition.plan, folder), folder) };
}

function runAuthorCode(file: string): unknown {
  try {
    return loadDefaultExport(file);
  } catch (error) {
    throw asOurs(error) ?? new UnderstudyError('MODEL_CODE_FAILED', sentence(file, error), { file }, { cause: error });
  }
}

/** An author's file may have got its error class from another copy of this package, so the shape counts and not the class. */
function asOurs(error: unknown): UnderstudyError | null {
  if (!(error instanceof Error) || error.name !== 'UnderstudyError') return null;
  const { code, details } = error as Error & { code?: string; details?: Readonly<Record<string, unknown>> };
  if (code === undefined || !(code in FAILURES)) return null;
  return error instanceof UnderstudyError
    ? error
    : new UnderstudyError(code as FailureCode, error.message, details ?? {}, { cause: error });
}

function sentence(file: string, error: unknown): string {
  const message = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const at = new RegExp(`${file.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}:(\\d+)`).exec(stack);
  return `${shown(file)}${at ? `:${at[1]}` : ''}: the model's code failed while it was loaded: ${message}`;
}

function shown(file: string): string {
  const short = relative(process.cwd(), file);
  return short.startsWith('..') ? file : short;
}

function isDefinition(value: unknown): value is Definition {
  const plan = (value as { plan?: { name?: unknown } } | null | undefined)?.plan;
  return typeof plan?.name === 'string';
}
