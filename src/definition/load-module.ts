// Loads a model's TypeScript file and hands out its default export; the boundary round the author's code.
import Module, { createRequire } from 'node:module';
import { join } from 'node:path';
import { saidBy } from '../domain/author-errors';

/** The public entry as this process has it: `import … from 'understudy'` in a model has to give this very copy, wherever the model lies. */
const PUBLIC_ENTRY = join(__dirname, '..', 'index');

type ResolveFilename = (request: string, ...rest: unknown[]) => string;
interface ResolvingModule {
  _resolveFilename: ResolveFilename;
}

/** Runs a TypeScript or JavaScript file and returns its default export. Whatever the file throws is thrown on. */
export function loadDefaultExport(file: string): unknown {
  // Where this file itself runs as TypeScript, the process has a loader for it already; built code brings one.
  const exported = __filename.endsWith('.ts') ? plainRequire(file) : typescriptRequire(file);
  return (exported as { default?: unknown } | null)?.default;
}

/** What keeps a file's default export from being called: `no default export`, what it is instead, or how loading it failed; undefined: nothing. */
export function whyNoFunction(file: string): string | undefined {
  try {
    const exported = loadDefaultExport(file);
    if (typeof exported === 'function') return undefined;
    return exported === undefined ? 'no default export' : `a default export that is a ${typeof exported}`;
  } catch (error) {
    return `code that cannot be loaded: ${saidBy(error)}`;
  }
}

function plainRequire(file: string): unknown {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a definition is chosen at run time
  return require(file);
}

function typescriptRequire(file: string): unknown {
  resolvePublicEntry();
  // Loaded on demand: the compiler behind it costs every other command 50 ms.
  const tsx = createRequire(__filename)('tsx/cjs/api') as { require(id: string, from: string): unknown };
  return tsx.require(file, __filename);
}

let resolving = false;

/**
 * Resolves `understudy` to this package, also for models that lie outside of its folder. Installed once and before the TypeScript loader, which
 * keeps what it finds as its own next step: taking it away again would take the loader away with it.
 */
function resolvePublicEntry(): void {
  if (resolving) return;
  resolving = true;
  const resolver = Module as unknown as ResolvingModule;
  const original = resolver._resolveFilename;
  resolver._resolveFilename = function (this: unknown, request, ...rest) {
    return original.call(this, request === 'understudy' ? PUBLIC_ENTRY : request, ...rest);
  };
}
