import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listDefinitions, loadDefinition } from '../../../src/definition/catalog';
import { codeCommit } from '../../../src/definition/code-commit';
import type { UnderstudyError } from '../../../src/domain/failures';

const REPOSITORY = join(__dirname, '..', '..', '..');

describe('the catalogue of definitions', () => {
  let modelsDir: string;
  beforeEach(() => {
    modelsDir = mkdtempSync(join(tmpdir(), 'understudy-models-'));
  });
  afterEach(() => rmSync(modelsDir, { recursive: true, force: true }));

  function write(name: string, source: string): void {
    mkdirSync(join(modelsDir, name));
    writeFileSync(join(modelsDir, name, 'model.ts'), source);
  }

  function failure(name: string): UnderstudyError {
    try {
      loadDefinition(modelsDir, name);
    } catch (error) {
      return error as UnderstudyError;
    }
    throw new Error('nothing was thrown');
  }

  it('lists the folders that hold a model.ts, in alphabetical order', () => {
    write('b', '');
    write('a', '');
    mkdirSync(join(modelsDir, 'notes'));
    expect(listDefinitions(modelsDir)).toEqual(['a', 'b']);
    expect(listDefinitions(join(modelsDir, 'missing'))).toEqual([]);
  });

  it('loads the example of this repository', () => {
    expect(loadDefinition(join(REPOSITORY, 'models'), 'flight-delay').plan.name).toBe('flight-delay');
  });

  it('loads the variants of the example, one for each airport, on the same data', () => {
    const models = join(REPOSITORY, 'models');
    const names = listDefinitions(models).filter((name) => name.startsWith('flights-by-airport'));
    expect(names).toEqual(['flights-by-airport-ewr', 'flights-by-airport-jfk', 'flights-by-airport-lga']);
    const flights = loadDefinition(models, 'flight-delay').plan;
    for (const name of names) {
      const { plan } = loadDefinition(models, name);
      expect(plan).toMatchObject({ dataOf: 'flight-delay', tables: flights.tables, features: flights.features });
      expect(plan.rows).toBe(`origin = '${name.slice(-3).toUpperCase()}'`);
    }
  });

  it('names the models that exist when asked for one that does not', () => {
    write('a', '');
    expect(failure('z')).toMatchObject({ code: 'DEFINITION_NOT_FOUND' });
    expect(failure('z').message).toContain('there are: a.');
  });

  it('says which file and line failed when the author’s code throws', () => {
    write('a', 'const limit: number = 1;\n\nthrow new RangeError(`limit ${limit} is wrong`);\n');
    expect(failure('a').code).toBe('MODEL_CODE_FAILED');
    expect(failure('a').message).toMatch(
      /a\/model\.ts:3: the model's code failed while it was loaded: limit 1 is wrong$/,
    );
  });

  it('passes the mistakes of a definition on as they are', () => {
    write('a', "import { defineModel } from 'understudy';\nexport default defineModel({ name: 'a' } as never);\n");
    expect(failure('a').code).toBe('DEFINITION_INVALID');
    expect(failure('a').message).toContain('models/a/model.ts: timeZone: found nothing, allowed is a text');
  });

  it('asks for a default export and for the name of the folder', () => {
    write('a', 'export const x = 1;\n');
    write('b', "export default { plan: { name: 'c' }, hooks: {} };\n");
    expect(failure('a').message).toContain('found no default export, allowed is: export default defineModel(');
    expect(failure('b').message).toContain('name: found "c", allowed is "b"');
  });
});

describe('files with variants', () => {
  const modelsDir = mkdtempSync(join(tmpdir(), 'understudy-variants-'));
  afterAll(() => rmSync(modelsDir, { recursive: true, force: true }));

  function write(name: string, lines: readonly string[]): void {
    mkdirSync(join(modelsDir, name), { recursive: true });
    writeFileSync(join(modelsDir, name, 'model.ts'), lines.join('\n'));
  }
  const load = (name: string) => () => loadDefinition(modelsDir, name).plan;

  it('are listed and loaded by the names of their variants', () => {
    const flights = join(REPOSITORY, 'models', 'flight-delay', 'model');
    write('flight-delay', [`export { default } from '${flights}';`]);
    write('by-airport', [
      "import { extend, variants } from 'understudy';",
      "import flights from '../flight-delay/model';",
      "const base = extend(flights, { name: 'by-airport', dataOf: 'flight-delay' });",
      `export default variants(base, { ewr: { rows: "origin = 'EWR'" }, jfk: { rows: "origin = 'JFK'" } });`,
    ]);
    expect(listDefinitions(modelsDir)).toEqual(['by-airport-ewr', 'by-airport-jfk', 'flight-delay']);
    expect(load('by-airport-jfk')()).toMatchObject({ dataOf: 'flight-delay', rows: "origin = 'JFK'" });
    expect(load('by-airport')).toThrow('defines: by-airport-ewr, by-airport-jfk.');
    expect(load('by-airport-lga')).toThrow('there are: by-airport-ewr, by-airport-jfk, flight-delay.');
  });

  it('are refused when a name is not the folder’s, or comes twice', () => {
    write('twice', [
      "export default [{ plan: { name: 'twice-a' } }, { plan: { name: 'twice-a' } }, { plan: { name: 'b' } }, 3];",
    ]);
    expect(load('twice-a')).toThrow(
      /default\[1\]\.name: found "twice-a", allowed is "twice" or "twice-<variant>", each once\n.*default\[2\]\.name: found "b".*\n.*default\[3\]: found 3/,
    );
  });

  it('are refused when the data of another model are not its own', () => {
    write('changed', [
      "import { extend } from 'understudy';",
      "import flights from '../flight-delay/model';",
      "export default extend(flights, { name: 'changed', dataOf: 'flight-delay', timeZone: 'UTC', tables: { weather: { extraColumns: 'warn' } } });",
    ]);
    expect(load('changed')).toThrow(
      /timeZone: found "UTC", allowed is "America\/New_York", the time zone of flight-delay.*\n.*tables\.weather: found another contract/,
    );
    write('lost', [
      "import { extend } from 'understudy';",
      "import flights from '../flight-delay/model';",
      "export default extend(flights, { name: 'lost', dataOf: 'nowhere' });",
    ]);
    expect(load('lost')).toThrow(/dataOf: found "nowhere", allowed is a model with a folder in/);
  });
});

describe('the code commit', () => {
  it('is the commit of a checkout', async () => {
    expect(await codeCommit(REPOSITORY)).toMatch(/^([0-9a-f]{40}(-dirty)?|v\d+\.\d+\.\d+)$/);
  });

  it('is the package version where there is no checkout', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'understudy-package-'));
    writeFileSync(join(folder, 'package.json'), '{"version":"1.2.3"}');
    mkdirSync(join(folder, 'inner'));
    expect(await codeCommit(join(folder, 'inner'))).toBe('v1.2.3');
    rmSync(folder, { recursive: true });
  });
});
