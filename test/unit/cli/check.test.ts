// Runs the built command (`npm test` builds first): only there are models loaded by the product's own TypeScript loader.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BIN = join(__dirname, '..', '..', '..', 'bin', 'understudy.js');

describe('understudy check', () => {
  let models: string;
  beforeEach(() => {
    models = mkdtempSync(join(tmpdir(), 'understudy-models-'));
  });
  afterEach(() => rmSync(models, { recursive: true, force: true }));

  function check(env: Record<string, string>, ...args: string[]) {
    return spawnSync(process.execPath, [BIN, 'check', ...args], { encoding: 'utf8', env: { ...process.env, ...env } });
  }

  it('accepts the example of this repository, offline', () => {
    const { stdout, status } = check({}, 'flight-delay', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ definitions: [{ model: 'flight-delay', ok: true }] });
  });

  it('judges every definition on its own, wherever it lies, and shows no stack trace', () => {
    for (const [name, source] of [
      ['a', "const n: number = 1;\n\nthrow new Error('boom ' + n);\n"],
      ['b', "import { defineModel } from 'understudy';\nexport default defineModel({ name: 'b' } as never);\n"],
    ] as const) {
      mkdirSync(join(models, name));
      writeFileSync(join(models, name, 'model.ts'), source);
    }
    const { stderr, status } = check({ UNDERSTUDY_MODELS: models });
    expect(status).toBe(1);
    expect(stderr).toMatch(/MODEL_CODE_FAILED: .*a\/model\.ts:3: .* boom 1/);
    expect(stderr).toContain('DEFINITION_INVALID: models/b/model.ts: task: found nothing');
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
