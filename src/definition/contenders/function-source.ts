// The source of contenders that are Python functions: found in the model's folder, and its digest written into the plan.
// Invariant: the digest is the one that trainers/python/understudy_trainer/trainers/function.py computes of the same files.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { ModelPlan } from '../../domain/plan/plan';
import { describeValue, type Problem } from '../checks/problems';

/** Contenders whose function is not in the model's folder. */
export function missingFunctions(plan: ModelPlan, folder: string): Problem[] {
  return Object.entries(plan.contenders).flatMap(([name, { function: path }]) => {
    if (path === undefined || moduleExists(folder, path)) return [];
    return [
      {
        path: `contenders.${name}.function`,
        found: `${describeValue(path)}, whose module is not there`,
        allowed: "a Python module in the model's folder and a function in it, such as trainer:train",
      },
    ];
  });
}

/** The plan with the digest of each function's source: a changed source is a changed definition, hence another training. */
export function withFunctionDigests(plan: ModelPlan, folder: string): ModelPlan {
  const contenders = Object.entries(plan.contenders);
  if (contenders.every(([, { function: path }]) => path === undefined)) return plan;
  const filled = contenders.map(([name, contender]) => [
    name,
    contender.function === undefined
      ? contender
      : { ...contender, functionDigest: sourceDigest(folder, contender.function) },
  ]);
  return { ...plan, contenders: Object.fromEntries(filled) as ModelPlan['contenders'] };
}

/**
 * SHA-256 over the Python files of the function's top-level module or package and the model's requirements.txt, each as its path, a zero
 * byte, its content, a zero byte, in the order of their paths.
 */
export function sourceDigest(folder: string, path: string): string {
  const top = path.split(/[.:]/)[0]!;
  const candidates = [join(folder, `${top}.py`), join(folder, 'requirements.txt'), ...pythonFiles(join(folder, top))];
  const files = candidates.filter(isFile).map((file) => ({ name: relative(folder, file).split(sep).join('/'), file }));
  const hash = createHash('sha256');
  // By code points, as Python sorts.
  for (const { name, file } of files.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))) {
    hash.update(`${name}\0`).update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

function moduleExists(folder: string, path: string): boolean {
  const module = join(folder, ...path.split(':')[0]!.split('.'));
  return isFile(`${module}.py`) || isFile(join(module, '__init__.py'));
}

function pythonFiles(directory: string): string[] {
  if (!existsSync(directory) || !statSync(directory).isDirectory()) return [];
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries.filter(({ name }) => name.endsWith('.py')).map((entry) => join(entry.parentPath, entry.name));
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}
