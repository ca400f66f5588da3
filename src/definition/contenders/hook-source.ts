// The source of contenders that are TypeScript functions: the file and all that it imports from the model's folder, as one digest.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { ModelPlan } from '../../domain/plan/plan';

/** How an import without an ending may end. */
const ENDINGS = ['', '.ts', '.js', '.mts', '.cts', '.mjs', '.cjs', '.json', '/index.ts', '/index.js'];
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(['"])(\.{1,2}\/[^'"\n]+)\1/g;

/** The plan with the digest of each function's source: a changed source is a changed definition, hence another training. */
export function withHookDigests(plan: ModelPlan, folder: string): ModelPlan {
  const contenders = Object.entries(plan.contenders);
  if (contenders.every(([, { hook }]) => hook === undefined)) return plan;
  const filled = contenders.map(([name, contender]) => [
    name,
    contender.hook === undefined ? contender : { ...contender, functionDigest: hookDigest(folder, contender.hook) },
  ]);
  return { ...plan, contenders: Object.fromEntries(filled) as ModelPlan['contenders'] };
}

/**
 * SHA-256 over the module and what it imports by relative paths, and so on, each as its path in the model's folder, a zero byte, its content, a
 * zero byte, in the order of the paths. Packages are not looked into, nor are files outside of the folder.
 */
export function hookDigest(folder: string, module: string): string {
  const root = resolve(folder);
  const found = new Map<string, string>();
  const visit = (file: string): void => {
    const name = relative(root, file).split(sep).join('/');
    if (found.has(name) || name.startsWith('..')) return;
    const text = readFileSync(file, 'utf8');
    found.set(name, text);
    for (const [, , target] of text.matchAll(IMPORT)) {
      const imported = imports(dirname(file), target!);
      if (imported !== undefined) visit(imported);
    }
  };
  visit(join(root, module));
  const hash = createHash('sha256');
  for (const [name, text] of [...found].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${name}\0`).update(text).update('\0');
  return hash.digest('hex');
}

/** The file that an import means; a `.js` may stand for a `.ts`. */
function imports(from: string, target: string): string | undefined {
  const bare = target.replace(/\.([cm]?)js$/, '.$1ts');
  const candidates = [...ENDINGS.map((ending) => join(from, target + ending)), join(from, bare)];
  return candidates.find((path) => existsSync(path) && statSync(path).isFile());
}
