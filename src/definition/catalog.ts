// The catalogue of definitions: finds models/<name>/model.ts and loads it; one file may define several models, the variants of one.
// Invariant: whatever an author's code does while it is loaded ends as one error with a code that names the file and the line.
import { existsSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { saidBy } from '../domain/author-errors';
import { dataOwner } from '../domain/data/data-owner';
import { FAILURES, UnderstudyError, type FailureCode } from '../domain/failures';
import { withHookDigests } from './contenders/hook-source';
import { missingTrainHooks } from './contenders/own-checks';
import { missingFunctions, withFunctionDigests } from './contenders/function-source';
import type { Definition } from './define-model';
import { loadDefaultExport } from './load-module';
import { list } from './checks/problems';
import { missingHooks } from './checks/source-checks';
import { listProblems, sharingProblems } from './templates/sharing';

/**
 * Names of the models that have a definition, in alphabetical order: the folders of `modelsDir` with a `model.ts`, and the variants that such a
 * file exports. A file that cannot be loaded counts as one model; `loadDefinition` then says what is wrong.
 */
export function listDefinitions(modelsDir: string): string[] {
  const names = listFolders(modelsDir).flatMap((folder) => {
    try {
      const exported = exportOf(modelsDir, folder);
      return Array.isArray(exported) ? exported.filter(isDefinition).map(({ plan }) => plan.name) : [folder];
    } catch {
      return [folder];
    }
  });
  return [...new Set(names)].sort();
}

/**
 * Loads the definition of a model: that of `<modelsDir>/<name>/model.ts`, or the variant of this name that the file of a folder exports whose
 * name it begins with. Fails with DEFINITION_NOT_FOUND (naming those that exist), DEFINITION_INVALID (the author's mistakes in
 * the definition), or MODEL_CODE_FAILED (the author's code threw; the message names file and line). A file is run once per process.
 */
export function loadDefinition(modelsDir: string, name: string): Definition {
  for (const folder of foldersFor(modelsDir, name)) {
    const found = definitionIn(modelsDir, folder, name);
    if (found) return completed(modelsDir, folder, found);
  }
  const known = listDefinitions(modelsDir);
  const exist = known.length > 0 ? `there are: ${list(known)}` : 'there is none';
  throw new UnderstudyError('DEFINITION_NOT_FOUND', `No definition of "${name}" in ${modelsDir}; ${exist}.`, {
    name,
    known,
  });
}

function listFolders(modelsDir: string): string[] {
  if (!existsSync(modelsDir)) return [];
  return readdirSync(modelsDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(modelsDir, entry.name, 'model.ts')))
    .map((entry) => entry.name)
    .sort();
}

/** The folder of the name itself, else those whose variants may have it, the longest first. */
function foldersFor(modelsDir: string, name: string): string[] {
  const folders = listFolders(modelsDir);
  if (folders.includes(name)) return [name];
  return folders.filter((folder) => name.startsWith(`${folder}-`)).sort((a, b) => b.length - a.length);
}

/** Null: the folder's file defines other models only. */
function definitionIn(modelsDir: string, folder: string, name: string): Definition | null {
  const file = fileOf(modelsDir, folder);
  const exported = exportOf(modelsDir, folder);
  if (Array.isArray(exported)) {
    const problems = listProblems(folder, exported);
    if (problems.length > 0) throw invalid(file, problems);
    const found = (exported as readonly Definition[]).find(({ plan }) => plan.name === name);
    if (found || folder !== name) return found ?? null;
    const names = list((exported as readonly Definition[]).map(({ plan }) => plan.name));
    const message = `No definition of "${name}" in ${modelsDir}; ${shown(file)} defines: ${names}.`;
    throw new UnderstudyError('DEFINITION_NOT_FOUND', message, { name });
  }
  if (folder !== name) return null;
  if (!isDefinition(exported)) {
    const found = `found ${exported === undefined ? 'no default export' : typeof exported}`;
    throw new UnderstudyError(
      'DEFINITION_INVALID',
      `${shown(file)}: ${found}, allowed is: export default defineModel({ … })`,
      { file },
    );
  }
  if (exported.plan.name !== name) {
    const message = `${shown(file)}: name: found "${exported.plan.name}", allowed is "${name}", the name of the folder`;
    throw new UnderstudyError('DEFINITION_INVALID', message, { file });
  }
  return exported;
}

/** What needs the files beside the definition: hooks, functions with their digests, and the tables of another model. */
function completed(modelsDir: string, folder: string, definition: Definition): Definition {
  const { plan } = definition;
  const file = fileOf(modelsDir, folder);
  const owner = dataOwner(plan);
  const home = join(modelsDir, owner);
  const shared = owner === folder || owner === plan.name ? [] : sharedWith(modelsDir, owner, definition);
  const missing = [
    ...shared,
    ...missingHooks(plan, home),
    ...missingFunctions(plan, home),
    ...missingTrainHooks(plan, home),
  ];
  if (missing.length > 0) throw invalid(file, missing);
  return { ...definition, plan: withHookDigests(withFunctionDigests(plan, home), home) };
}

function sharedWith(modelsDir: string, owner: string, { plan }: Definition): ReturnType<typeof sharingProblems> {
  const folders = listFolders(modelsDir);
  if (!folders.includes(owner)) {
    const allowed = `a model with a folder in ${modelsDir}: ${list(folders)}`;
    return [{ path: 'dataOf', found: `"${owner}"`, allowed }];
  }
  const exported = exportOf(modelsDir, owner);
  const owners = (Array.isArray(exported) ? exported : [exported]).filter(isDefinition);
  const reference = owners.find(({ plan: { name } }) => name === owner) ?? owners[0];
  return reference ? sharingProblems(plan, reference.plan) : [];
}

function fileOf(modelsDir: string, folder: string): string {
  return resolve(modelsDir, folder, 'model.ts');
}

function exportOf(modelsDir: string, folder: string): unknown {
  const file = fileOf(modelsDir, folder);
  try {
    return loadDefaultExport(file);
  } catch (error) {
    throw asOurs(error) ?? new UnderstudyError('MODEL_CODE_FAILED', sentence(file, error), { file }, { cause: error });
  }
}

function invalid(file: string, problems: ReturnType<typeof sharingProblems>): UnderstudyError {
  const lines = problems.map(
    ({ path, found, allowed }) => `${shown(file)}: ${path}: found ${found}, allowed is ${allowed}`,
  );
  return new UnderstudyError('DEFINITION_INVALID', lines.join('\n'), { file, problems });
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
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const at = new RegExp(`${file.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}:(\\d+)`).exec(stack);
  return `${shown(file)}${at ? `:${at[1]}` : ''}: the model's code failed while it was loaded: ${saidBy(error)}`;
}

function shown(file: string): string {
  const short = relative(process.cwd(), file);
  return short.startsWith('..') ? file : short;
}

function isDefinition(value: unknown): value is Definition {
  const plan = (value as { plan?: { name?: unknown } } | null | undefined)?.plan;
  return typeof plan?.name === 'string';
}
