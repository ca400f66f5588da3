// Builds dist: compiled TypeScript, the migrations beside their code, and the workflow bundle. Prints one line; a second run without
// changes takes about a second.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const require = createRequire(import.meta.url);
const STAMP = join(dist, '.build-stamp');
const TSBUILDINFO = join(dist, 'build.tsbuildinfo');
const BUNDLE = join(dist, 'workflow-bundle.js');

const startedAt = performance.now();
try {
  const stamp = stampOfInputs();
  if (existsSync(STAMP) && existsSync(join(dist, 'src', 'cli', 'main.js')) && readFileSync(STAMP, 'utf8') === stamp) {
    report('nothing changed');
  } else {
    rmSync(STAMP, { force: true });
    const steps = [...removeOrphans(), compile(), copyMigrations(), await bundleWorkflows()];
    writeFileSync(STAMP, stamp);
    report(steps.filter(Boolean).join(', '));
  }
} catch (error) {
  process.stderr.write(`build failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

function report(what) {
  process.stdout.write(`build: ${what} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)\n`);
}

/** Everything that the result depends on, by time and size: a checkout or an edit changes it, a second run does not. */
function stampOfInputs() {
  const hash = createHash('sha256');
  const inputs = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts/build.mjs'];
  for (const folder of ['src', 'scripts', 'bench']) inputs.push(...filesBelow(folder));
  for (const name of inputs.sort()) {
    const { mtimeMs, size } = statSync(join(root, name));
    hash.update(`${name} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex');
}

function filesBelow(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1));
}

/** Output of a source file that is gone would still be found by `require`. */
function removeOrphans() {
  let removed = 0;
  for (const file of ['src', 'scripts', 'bench'].flatMap((folder) => filesBelow(join('dist', folder)))) {
    const source = file.slice('dist/'.length).replace(/(\.d\.ts|\.js\.map|\.js)$/, '.ts');
    if (source.endsWith('.ts') && !existsSync(join(root, source))) {
      rmSync(join(root, file));
      removed++;
    }
  }
  return removed > 0 ? [`removed ${removed} files of deleted sources`] : [];
}

function compile() {
  mkdirSync(dist, { recursive: true });
  const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  // The record of what was compiled is worth nothing once the output was deleted by hand.
  if (!existsSync(join(dist, 'src', 'index.js'))) rmSync(TSBUILDINFO, { force: true });
  const options = ['-p', 'tsconfig.build.json', '--incremental', '--tsBuildInfoFile', TSBUILDINFO, '--pretty', 'false'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiler, ...options], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`TypeScript found mistakes\n${stdout}${stderr}`.trimEnd());
  return 'compiled';
}

function copyMigrations() {
  const from = join(root, 'src', 'stores', 'migrations');
  const to = join(dist, 'src', 'stores', 'migrations');
  rmSync(to, { recursive: true, force: true });
  if (!existsSync(from)) return '';
  cpSync(from, to, { recursive: true, filter: (path) => statSync(path).isDirectory() || path.endsWith('.sql') });
  return 'migrations copied';
}

/** Bundled ahead, so that workers start fast and all run the same code. */
async function bundleWorkflows() {
  const entry = join(dist, 'src', 'workflows', 'index.js');
  if (!existsSync(entry)) return '';
  const converter = join(dist, 'src', 'workflows', 'payload-converter.js');
  const { bundleWorkflowCode } = require('@temporalio/worker');
  const messages = [];
  const keep = (level) => (message) => messages.push(`${level}: ${message}`);
  const silent = () => {};
  const logger = {
    log: silent,
    trace: silent,
    debug: silent,
    info: silent,
    warn: keep('warning'),
    error: keep('error'),
  };
  try {
    const { code } = await bundleWorkflowCode({
      workflowsPath: entry,
      logger,
      ...(existsSync(converter) ? { payloadConverterPath: converter } : {}),
    });
    writeFileSync(BUNDLE, code);
    return `workflows bundled (${(code.length / 1024 / 1024).toFixed(1)} MB)`;
  } catch (error) {
    throw new Error(
      `the workflows could not be bundled: ${error instanceof Error ? error.message : String(error)}\n${messages.join('\n')}`,
    );
  }
}
