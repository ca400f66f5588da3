// Contenders that train by something of the author's own: what their builders write, what is refused, and the source of training hooks.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { hookTrainer, httpJob, lightgbm, logistic } from '../../../src';
import { loadDefinition } from '../../../src/definition/catalog';
import { hookDigest, withHookDigests } from '../../../src/definition/contenders/hook-source';
import { missingTrainHooks } from '../../../src/definition/contenders/own-checks';
import { planDigest } from '../../../src/definition/digest';
import { mistakes, planOf } from './example';

it('are written by their builders, with the defaults of the plan', () => {
  const resources = { queue: 'gpus', gpu: 2, image: 'trainer:7' };
  const { contenders } = planOf({
    far: httpJob({
      url: 'https://jobs.example/train',
      auth: { variable: 'TRAINER_FAR' },
      resources,
      params: { depth: 3 },
    }),
    near: hookTrainer({ module: 'trainers/stump.ts', params: { cuts: 9 }, resources: { memory: '1 GiB' }, seed: 4 }),
  });
  expect(contenders).toEqual({
    far: {
      ...{ trainer: 'http', params: { depth: 3 }, seed: 1, resources },
      job: {
        ...{ url: 'https://jobs.example/train', callback: false, timeLimit: '12 hours' },
        auth: { header: 'authorization', variable: 'TRAINER_FAR' },
      },
    },
    near: {
      ...{ trainer: 'hook', hook: 'trainers/stump.ts', params: { cuts: 9 }, seed: 4 },
      resources: { memory: '1 GiB' },
    },
  });
});

describe('a contender of such a trainer', () => {
  const hook = 'a .ts or .js file in the model\'s folder, such as "trainers/stump.ts"';
  it.each([
    [{ trainer: 'http' }, '.job: found nothing, allowed is where the job is started: { url }'],
    [{ trainer: 'hook' }, `.hook: found nothing, allowed is ${hook}`],
    [hookTrainer({ module: '../other/t.ts' }), `.hook: found "../other/t.ts", allowed is ${hook}`],
    [hookTrainer({ module: 'trainer.py' }), `.hook: found "trainer.py", allowed is ${hook}`],
    [
      httpJob({ url: 'http://jobs.example', auth: { variable: 'TRAINER_A' } }),
      '.job.url: found "http://jobs.example", allowed is https:// where a secret is sent (http:// on the loopback only)',
    ],
    [
      httpJob({ url: 'https://me:secret@jobs.example' }),
      '.job.url: found a user or password, allowed is no user and password in it: name a variable by job.auth',
    ],
    [
      httpJob({ url: 'ftp://jobs.example' }),
      '.job.url: found "ftp://jobs.example", allowed is an https:// or http:// address without ? and #',
    ],
    [
      httpJob({ url: 'https://jobs.example', auth: { variable: 'DATABASE_URL' } }),
      '.job.auth.variable: found "DATABASE_URL", allowed is the name of a variable such as TRAINER_CLUSTER',
    ],
    [
      httpJob({ url: 'https://jobs.example', timeLimit: '3 days' }),
      '.job.timeLimit: found "3 days", allowed is at most 48 hours',
    ],
    [
      httpJob({ url: 'https://jobs.example', pollEvery: '10 ms' }),
      '.job.pollEvery: found "10 ms", allowed is at least 500 ms',
    ],
    [
      { ...logistic(), hook: 'a.ts' },
      '.hook: found hook with the trainer "logistic", allowed is hook for the trainers "hook" only',
    ],
    [
      { ...lightgbm(), job: { url: 'https://jobs.example' } },
      '.job: found job with the trainer "lightgbm", allowed is job for the trainers "http" only',
    ],
  ])('is refused with a sentence: %j', (contender, sentence) => {
    expect(mistakes(contender)).toEqual([sentence]);
  });

  it('may send a secret over http to this very machine', () => {
    expect(mistakes(httpJob({ url: 'http://127.0.0.1:8080/jobs', auth: { variable: 'TRAINER_A' } }))).toEqual([]);
  });
});

describe('a training hook', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'understudy-hook-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(path: string, content: string): void {
    mkdirSync(resolve(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  }

  it('has to be in the folder of its model', () => {
    const plan = planOf({ own: hookTrainer({ module: 'trainers/own.ts' }) });
    expect(missingTrainHooks(plan, folder)).toMatchObject([
      { path: 'contenders.own.hook', found: '"trainers/own.ts", which is no file there' },
    ]);
    write('trainers/own.ts', 'export default () => undefined;');
    expect(missingTrainHooks(plan, folder)).toEqual([]);
  });

  it.each([
    ['nothing.ts', '', 'no default export'],
    ['number.ts', 'export default 42;', 'a default export that is a number'],
    ['throws.ts', "throw new Error('no licence\\nmore');", 'code that cannot be loaded: no licence'],
    ['broken.ts', 'export default function (', 'code that cannot be loaded: '],
  ])('has to be a function: %s', (file, content, found) => {
    write(file, content);
    const problems = missingTrainHooks(planOf({ own: hookTrainer({ module: file }) }), folder);
    expect(problems.map((each) => each.found)).toEqual([expect.stringContaining(`"${file}", which has ${found}`)]);
  });

  it('is another definition once its source, or what it imports, has changed, and the same one else', () => {
    const plan = planOf({ own: hookTrainer({ module: 'own.ts' }), line: logistic() });
    const digest = (): string => planDigest(withHookDigests(plan, folder));
    write('own.ts', "import { a } from './parts/a';\nimport type { B } from './b.js';\nexport default a;\n");
    write('parts/a.ts', "export * from '../own';\nconst table = require('./table.json');\n");
    write('parts/table.json', '1');
    write('b.ts', 'export type B = 1;');
    const seen = [digest()];
    write('model.ts', 'not imported by it');
    expect(digest()).toBe(seen[0]);
    for (const path of ['own.ts', 'parts/a.ts', 'parts/table.json', 'b.ts']) {
      write(path, path === 'parts/table.json' ? '2' : `import './parts/a'; import './parts/table.json'; import './b';`);
      seen.push(digest());
    }
    expect(new Set(seen).size).toBe(5);
  });

  it('has its digest filled in when its definition is loaded', () => {
    const source = join(__dirname, '../../models/tiny/model.ts');
    write('late/own.ts', 'export default () => 1;\n');
    write(
      'late/model.ts',
      `import { defineModel, hookTrainer } from 'understudy';
       import tiny from ${JSON.stringify(source)};
       export default defineModel({ ...tiny.plan, name: 'late', contenders: { own: hookTrainer({ module: 'own.ts' }) } });`,
    );
    const { plan } = loadDefinition(folder, 'late');
    expect(plan.contenders['own']).toMatchObject({ functionDigest: hookDigest(join(folder, 'late'), 'own.ts') });
  });

  it('leaves a plan without one untouched', () => {
    const plan = planOf({ line: logistic() });
    expect(withHookDigests(plan, folder)).toBe(plan);
  });
});
