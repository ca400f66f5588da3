// The import rule: lint reports a forbidden import in every folder, and ARCHITECTURE.md shows the table that lint enforces.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');
const FOLDERS = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();
const PATHS = 'import-x/no-restricted-paths';
const PACKAGES = 'no-restricted-imports';

type ImportRule = Readonly<
  Record<string, { readonly folders: readonly string[]; readonly packages: readonly string[] }>
>;
interface Planted {
  readonly file: string;
  readonly text: string;
}

function lint(planted: readonly Planted[]): { importRule: ImportRule; found: string[][] } {
  const program = join(__dirname, 'lint-planted.mjs');
  const output = execFileSync(process.execPath, [program], {
    cwd: ROOT,
    input: JSON.stringify(planted),
    encoding: 'utf8',
  });
  return JSON.parse(output) as { importRule: ImportRule; found: string[][] };
}

/** Which of the planted texts made one of the rules fire. */
function firing(planted: readonly Planted[], rule: string): string[] {
  const { found } = lint(planted);
  return planted.filter((_, index) => found[index]?.includes(rule)).map(({ file, text }) => `${file}: ${text}`);
}

const shown = (planted: readonly Planted[]): string[] => planted.map(({ file, text }) => `${file}: ${text}`);

/** A file of a folder that can be imported; null where there is none yet. */
function someFileOf(folder: string): string | null {
  const files = readdirSync(join(ROOT, 'src', folder)).filter((name) => name.endsWith('.ts') && name !== 'main.ts');
  return files[0]?.replace(/\.ts$/, '') ?? null;
}

const { importRule } = lint([]);
const ruled = Object.keys(importRule);

describe('the import rule', () => {
  it('names every folder of src but the composition roots', () => {
    expect([...ruled, 'workers'].sort()).toEqual(expect.arrayContaining(FOLDERS));
  });

  it('reports an import of each other folder that a folder may not import, also from a subfolder, and no other', () => {
    const allowed: Planted[] = [];
    const forbidden: Planted[] = [];
    for (const from of ruled) {
      for (const to of FOLDERS) {
        const target = someFileOf(to);
        if (target === null) continue;
        const list = from === to || importRule[from]!.folders.includes(to) ? allowed : forbidden;
        list.push({ file: `src/${from}/planted.ts`, text: `import '../${to}/${target}';` });
        list.push({ file: `src/${from}/deeper/planted.ts`, text: `import '../../${to}/${target}';` });
      }
    }
    expect(forbidden.length).toBeGreaterThan(200);
    expect(firing(forbidden, PATHS)).toEqual(shown(forbidden));
    expect(firing(allowed, PATHS)).toEqual([]);
  });

  it('lets the outside see the messages of the workflows and nothing else of them', () => {
    const from = ruled.filter((folder) => importRule[folder]!.folders.includes('workflows/messages.ts'));
    const allowed = from.map((folder) => ({
      file: `src/${folder}/planted.ts`,
      text: "import '../workflows/messages';",
    }));
    const forbidden = from.map((folder) => ({ file: `src/${folder}/planted.ts`, text: "import '../workflows/tick';" }));
    expect(from).toContain('client');
    expect(firing(allowed, PATHS)).toEqual([]);
    expect(firing(forbidden, PATHS)).toEqual(shown(forbidden));
  });

  it('reports an import of each package that a folder may not import, and no other', () => {
    const packages = [
      'node:fs',
      'fs',
      'zod',
      'pg',
      'fastify',
      '@temporalio/worker',
      '@temporalio/workflow',
      '@temporalio/client',
    ];
    const planted = ruled.flatMap((folder) =>
      packages.map((name) => ({ file: `src/${folder}/planted.ts`, text: `import '${name}';`, folder, name })),
    );
    const may = ({ folder, name }: { folder: string; name: string }): boolean =>
      importRule[folder]!.packages.some(
        (allowed) => name === allowed || (allowed === 'node:' && name.startsWith('node:')),
      );
    expect(firing(planted, PACKAGES)).toEqual(shown(planted.filter((each) => !may(each))));
  });

  it('lets main.ts files import everything, and nobody import them', () => {
    const mains = ruled.map((folder) => ({
      file: `src/${folder}/main.ts`,
      text: "import '../stores/migrate'; import 'pg';",
    }));
    expect(firing(mains, PATHS)).toEqual([]);
    expect(firing(mains, PACKAGES)).toEqual([]);
    const forbidden = ruled.map((folder) => ({ file: `src/${folder}/planted.ts`, text: "import '../workers/main';" }));
    expect(firing(forbidden, PATHS)).toEqual(shown(forbidden));
  });

  it('keeps definitions to the public entry, and the public entry to what authors need', () => {
    const forbidden = [
      { file: 'models/flight-delay/model.ts', text: "import '../../src/domain/plan/plan';" },
      { file: 'src/index.ts', text: "import './stores/migrate';" },
      { file: 'src/config.ts', text: "import './stores/migrate';" },
    ];
    expect(firing(forbidden, PATHS)).toEqual(shown(forbidden));
  });

  it('is the table of ARCHITECTURE.md', () => {
    const rows = /\| folder \| folders \| packages \|\n\|[-|]+\|\n((?:\|.*\n)+)/.exec(
      readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8'),
    )?.[1];
    const written = Object.fromEntries(
      (rows ?? '')
        .trim()
        .split('\n')
        .map((row) => {
          const [folder = '', folders = '', packages = ''] = row
            .split('|')
            .slice(1, -1)
            .map((cell) => cell.trim());
          const list = (cell: string): string[] => (cell === '–' ? [] : cell.split(', '));
          return [folder, { folders: list(folders), packages: list(packages) }];
        }),
    );
    expect(written).toEqual(importRule);
  });
});

it('keeps the environment to config.ts, the CLI and the embedded stack', () => {
  const text = 'export const home = process.env.HOME;';
  const forbidden = [
    'domain',
    'workflows',
    'activities',
    'data',
    'stores',
    'client',
    'serving',
    'training',
    'scoring',
    'workers',
  ].map((folder) => ({ file: `src/${folder}/planted.ts`, text }));
  expect(firing(forbidden, 'no-restricted-properties')).toEqual(shown(forbidden));
});

it('reports a file of more than 300 lines', () => {
  const of = (lines: number): Planted => ({ file: 'src/domain/planted.ts', text: '// a line\n'.repeat(lines) });
  expect(lint([of(300), of(301)]).found).toEqual([[], ['max-lines']]);
});
