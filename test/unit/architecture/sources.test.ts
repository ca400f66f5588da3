// What holds for every source file: size, header, the environment, and what must not be known or imported anywhere.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const ROOT = join(__dirname, '../../..');
const LEFT_OUT = new Set(['node_modules', 'dist', 'data', '__pycache__', '.venv']);

interface Source {
  readonly path: string;
  readonly text: string;
}

function sourcesBelow(folder: string, endings: readonly string[]): Source[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry): Source[] => {
    const path = join(folder, entry.name);
    // src/data is code; a folder `data` anywhere else holds data.
    if (entry.isDirectory()) return LEFT_OUT.has(entry.name) && path !== 'src/data' ? [] : sourcesBelow(path, endings);
    if (!endings.some((ending) => entry.name.endsWith(ending))) return [];
    return [{ path: relative(ROOT, join(ROOT, path)), text: readFileSync(join(ROOT, path), 'utf8') }];
  });
}

const src = sourcesBelow('src', ['.ts', '.sql']);
const python = sourcesBelow('trainers', ['.py']);
const own = [
  ...src,
  ...python,
  ...['scripts', 'bench', 'models', 'test'].flatMap((folder) => sourcesBelow(folder, ['.ts', '.mjs', '.js', '.py'])),
];
const pathsOf = (sources: readonly Source[]): string[] => sources.map(({ path }) => path);

describe('source files', () => {
  it('were found', () => {
    expect(src.length).toBeGreaterThan(150);
    expect(pathsOf(src)).toContain('src/data/read/split.ts');
    expect(python.length).toBeGreaterThan(8);
  });

  it('have at most 300 lines, and half of them at most 130', () => {
    const lines = own.map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }));
    expect(lines.filter((each) => each.lines > 300)).toEqual([]);
    const sorted = lines.map((each) => each.lines).sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(130);
  });

  it('begin with a sentence that says what they are responsible for', () => {
    const bare = own.filter(({ path, text }) => {
      // The name of a test file says it already.
      if (path.endsWith('.test.ts') || (path.endsWith('__init__.py') && text.trim() === '')) return false;
      return !/^(#!.*\n)?(\/\/ |\/\*\* ?|"""|-- |# )\S/.test(text);
    });
    expect(pathsOf(bare)).toEqual([]);
  });

  it('are not called utils, helpers, misc or common', () => {
    expect(pathsOf(own).filter((path) => /\b(utils?|helpers?|misc|common)\b/i.test(path))).toEqual([]);
  });

  it('read the environment in config.ts, the embedded stack, the CLI and main.ts only', () => {
    const reading = src.filter(({ text }) => /process\s*\.\s*env|process\[/.test(text));
    expect(pathsOf(reading).filter((path) => !/^src\/(config\.ts|embedded\/|cli\/|.*main\.ts$)/.test(path))).toEqual(
      [],
    );
  });

  it('open ONNX sessions in one place and with one set of options, so that what is judged computes as what serves', () => {
    const opening = src.filter(({ text }) => /InferenceSession\s*\.\s*create/.test(text));
    expect(pathsOf(opening)).toEqual(['src/scoring/session.ts']);
    expect(opening[0]!.text.match(/InferenceSession\.create\(onnx, SESSION_OPTIONS\)/g)).toHaveLength(1);
  });

  it('export by name', () => {
    expect(pathsOf(src.filter(({ text }) => /^export default/m.test(text)))).toEqual([]);
  });

  it('mock no module', () => {
    const name = ['jest', 'mock('].join('.');
    expect(pathsOf(own.filter(({ text }) => text.includes(name)))).toEqual([]);
  });
});

it('knows of no demo anywhere in src but in the command that starts it (invariant 11)', () => {
  const code = src.map(({ path, text }) => ({ path, text: text.replace(/\/\/.*|\/\*[\s\S]*?\*\//g, '') }));
  const knowing = code.filter(({ text }) => /\bdemo\b/i.test(text) || text.includes('flight-delay'));
  expect(pathsOf(knowing).filter((path) => !path.startsWith('src/cli/'))).toEqual([]);
});

it('has no clock of its own in activities, data, statistics, scoring and rules (invariant 11)', () => {
  const pure = src.filter(({ path }) => /^src\/(domain|data|statistics|definition)\//.test(path));
  expect(pathsOf(pure.filter(({ text }) => /Date\.now\(\)|new Date\(\)/.test(text)))).toEqual([]);
});

it('lets no Python touch the database (invariant 12)', () => {
  const files = readdirSync(join(ROOT, 'trainers/python')).filter((name) => name.startsWith('requirements'));
  const requirements = files.map((name) => readFileSync(join(ROOT, 'trainers/python', name), 'utf8')).join('\n');
  const driver = /psycopg|asyncpg|pg8000|sqlalchemy|DATABASE_URL/i;
  expect(requirements).not.toMatch(driver);
  expect(pathsOf(python.filter(({ text }) => driver.test(text)))).toEqual([]);
});

it('writes decisions by numbers in activities only: no threshold of a plan is known to a workflow (invariant 4)', () => {
  const workflows = src.filter(({ path }) => path.startsWith('src/workflows/'));
  const threshold = /nonInferiority|superiority|psiAlert|worseThanBaseRate|truthMargin|minRows|logLoss\s*[<>]/;
  expect(pathsOf(workflows.filter(({ text }) => threshold.test(text)))).toEqual([]);
});
