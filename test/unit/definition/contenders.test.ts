// Contenders of a definition: what their builders write, what is refused, and the source of own functions.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { hookTrainer, httpJob, lightgbm, linear, logistic, sklearn, trainFunction, xgboost } from '../../../src';
import { contenderProblems } from '../../../src/definition/contenders/checks';
import {
  missingFunctions,
  sourceDigest,
  withFunctionDigests,
} from '../../../src/definition/contenders/function-source';
import { planDigest } from '../../../src/definition/digest';
import { TASK_QUEUES } from '../../../src/domain/ids';
import { ContenderPlan, mebibytes, trainingQueueOf } from '../../../src/domain/plan/contender-plan';
import { mistakes, planOf } from './example';

describe('the builders of contenders', () => {
  it('write parameters by the names of the trainer', () => {
    const { contenders } = planOf({
      trees: xgboost({ iterations: 9, l2: 2, params: { max_bin: 64 }, earlyStopping: { days: 2, rounds: 5 } }),
      forest: sklearn({ estimator: 'random-forest', params: { n_estimators: 20 }, weights: { classes: 'balanced' } }),
      own: trainFunction({ path: 'pack.mine:train', resources: { queue: 'big', cpu: 8, memory: '8 GiB' } }),
    });
    expect(contenders).toEqual({
      trees: {
        ...{ trainer: 'xgboost', seed: 1, earlyStopping: { days: 2, rounds: 5 } },
        params: { num_boost_round: 9, reg_lambda: 2, max_bin: 64 },
      },
      forest: {
        ...{ trainer: 'sklearn', estimator: 'random-forest', seed: 1 },
        ...{ params: { n_estimators: 20 }, weights: { classes: 'balanced' } },
      },
      own: {
        ...{ trainer: 'function', function: 'pack.mine:train', seed: 1, params: {} },
        resources: { queue: 'big', cpu: 8, memory: '8 GiB' },
      },
    });
  });

  it.each([
    ['lightgbm', lightgbm({ iteration: 50 } as object), 'iteration', 'lightgbm(): iterations, learningRate'],
    ['xgboost', xgboost({ num_boost_round: 50 } as object), 'num_boost_round', 'xgboost(): iterations, learningRate'],
    ['sklearn', sklearn({ estimator: 'logistic', parms: {} } as never), 'parms', 'sklearn(): estimator, params'],
    [
      'trainFunction',
      trainFunction({ path: 'a:b', checkpointsEvery: 1 } as never),
      'checkpointsEvery',
      'trainFunction(): path',
    ],
    ['logistic', logistic({ L2: 1 } as object), 'L2', 'logistic(): l2, maxIterations'],
    ['linear', linear({ maxIterations: 1 } as object), 'maxIterations', 'linear(): l2, seed'],
    [
      'httpJob',
      httpJob({ url: 'http://127.0.0.1/jobs', pollevery: '1 s' } as never),
      'pollevery',
      'httpJob(): url, auth',
    ],
    ['hookTrainer', hookTrainer({ module: 'a.ts', queu: 'x' } as never), 'queu', 'hookTrainer(): module, params'],
  ])('name an option that %s does not have', (_, contender, option, allowed) => {
    expect(mistakes(contender).filter((line) => line.startsWith(`.${option}:`))).toEqual([
      expect.stringMatching(
        `^.${option}: found a field of this name, allowed is the options of ${allowed.replace(/[()]/g, '\\$&')}`,
      ),
    ]);
  });

  it('leave a plan without the new options as it was, so that its digest stays', () => {
    const { contenders } = planOf({ trees: lightgbm({ iterations: 50 }), line: logistic() });
    expect(contenders).toEqual({
      trees: { trainer: 'lightgbm', params: { num_iterations: 50 }, seed: 1 },
      line: { trainer: 'logistic', params: {}, seed: 1 },
    });
  });
});

it.each([
  ['lightgbm', lightgbm(), TASK_QUEUES.trainPython],
  ['trainFunction', trainFunction({ path: 'a:b', resources: { queue: 'gpus' } }), 'gpus'],
  ['logistic', logistic(), TASK_QUEUES.data],
  ['linear', linear(), TASK_QUEUES.data],
  ['hookTrainer', hookTrainer({ module: 'a.ts' }), TASK_QUEUES.data],
  // That of its plan is the job server's.
  ['httpJob', httpJob({ url: 'http://127.0.0.1/jobs', resources: { queue: 'gpus' } }), TASK_QUEUES.trainElsewhere],
])('what %s has written is trained on the queue where its trainer listens', (_, contender, queue) => {
  expect(trainingQueueOf(ContenderPlan.parse(contender))).toBe(queue);
});

describe('a contender', () => {
  it.each([
    [
      { trainer: 'logistic', weights: { classes: 'balanced' } },
      '.weights: found weights with the trainer "logistic", allowed is weights for the trainers "lightgbm", "xgboost", "sklearn", "function", "hook" only',
    ],
    [
      { ...sklearn({ estimator: 'logistic' }), monotone: { hour: 1 } },
      '.monotone: found monotone with the trainer "sklearn", allowed is monotone for the trainers "lightgbm", "xgboost", "function" only',
    ],
    [
      { ...sklearn({ estimator: 'logistic' }), checkpointEvery: 10 },
      '.checkpointEvery: found checkpointEvery with the trainer "sklearn", allowed is checkpointEvery for the trainers "lightgbm", "xgboost" only',
    ],
    [
      { ...sklearn({ estimator: 'logistic' }), earlyStopping: { days: 1, rounds: 1 } },
      '.earlyStopping: found early stopping, allowed is early stopping for the trainers "lightgbm", "xgboost", "function", "hook" only',
    ],
    [
      { trainer: 'sklearn' },
      '.estimator: found nothing, allowed is logistic, random-forest, gradient-boosting, or the dotted path of a classifier',
    ],
    [
      sklearn({ estimator: 'forest' }),
      '.estimator: found "forest", allowed is logistic, random-forest, gradient-boosting, or a dotted path such as "sklearn.naive_bayes.GaussianNB"',
    ],
    [{ trainer: 'function' }, '.function: found nothing, allowed is a module and a function, such as trainer:train'],
    [
      trainFunction({ path: '../elsewhere.py' }),
      '.function: found "../elsewhere.py", allowed is a module and a function, such as my_module:train',
    ],
    [
      lightgbm({ weights: { column: 'line' } }),
      '.weights.column: found "line", a category, allowed is a feature that is a number: hour, recent_delay',
    ],
    [lightgbm({ weights: {} }), '.weights: found neither classes nor column, allowed is at least one of them'],
    [
      xgboost({ monotone: { hours: 1 } }),
      '.monotone.hours: found "hours", which is no feature, allowed is a feature that is a number: hour, recent_delay',
    ],
    [
      xgboost({ monotone: { hour: 1 }, weights: { column: 'hour' } }),
      '.monotone.hour: found "hour", the column of weights, allowed is a feature that is a number: hour, recent_delay',
    ],
    [
      lightgbm({ queue: 'here', resources: { queue: 'there' } }),
      '.resources.queue: found "there", allowed is the queue once: "here" is in contenders.one.queue already',
    ],
    [
      lightgbm({ resources: { memory: '8 GB' } }),
      '.resources.memory: found "8 GB", allowed is a size such as "512 MiB" or "8 GiB"',
    ],
  ])('is refused with a sentence: %j', (contender, sentence) => {
    expect(mistakes(contender)).toEqual([sentence]);
  });

  it('of an estimator that no converter knows is refused without Python', () => {
    expect(mistakes(sklearn({ estimator: 'sklearn.ensemble.HistGradientBoostingClassifier' }))[0]).toContain(
      'an estimator that can be converted to ONNX',
    );
  });

  it('may ask for memory in two units', () => {
    expect([mebibytes('512 MiB'), mebibytes('8 GiB')]).toEqual([512, 8192]);
  });
});

it('whose early stopping keeps all training days of the window aside is refused, one that leaves a day is not', () => {
  const said = (days: number, window: string) => {
    const plan = planOf({ one: lightgbm({ earlyStopping: { days, rounds: 5 } }) });
    const problems = contenderProblems({ ...plan, snapshot: { ...plan.snapshot, window, holdoutDays: 5 } });
    return problems.map(({ path, allowed }) => `${path} ${allowed}`);
  };
  expect([said(8, '14 days'), said(9, 'expanding')]).toEqual([[], []]);
  expect(said(9, '14 days')).toEqual([
    'contenders.one.earlyStopping.days fewer than the 9 days that are trained on (a window of 14 days without a holdout of 5)',
  ]);
});

describe('an own function', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'understudy-function-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(path: string, content: string): void {
    mkdirSync(resolve(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  }

  it('has to be in the folder of its model', () => {
    const plan = planOf({ own: trainFunction({ path: 'pack.mine:train' }), line: logistic() });
    write('pack/other.py', '');
    expect(missingFunctions(plan, folder)).toMatchObject([
      { path: 'contenders.own.function', found: '"pack.mine:train", whose module is not there' },
    ]);
    write('pack/mine.py', '');
    expect(missingFunctions(plan, folder)).toEqual([]);
  });

  it('is another definition once its source has changed, and the same one else', () => {
    const plan = planOf({ own: trainFunction({ path: 'pack.mine:train' }), line: logistic() });
    const digest = (): string => planDigest(withFunctionDigests(plan, folder));
    write('pack/mine.py', 'a = 1\n');
    const first = digest();
    write('notes.py', 'not imported by it\n');
    expect(digest()).toBe(first);
    write('pack/deep/inner.py', 'b = 2\n');
    const second = digest();
    write('requirements.txt', 'c==1\n');
    expect(new Set([first, second, digest()]).size).toBe(3);
  });

  it('leaves a plan without one untouched', () => {
    const plan = planOf({ line: logistic() });
    expect(withFunctionDigests(plan, folder)).toBe(plan);
  });

  it('has a digest that is defined by its files alone', () => {
    write('mine.py', 'x\n');
    // sha256 of "mine.py\0x\n\0", as sha256sum gives it.
    expect(sourceDigest(folder, 'mine:train')).toBe(DIGEST_OF_X);
  });
});

const DIGEST_OF_X = '0c092c0d13eac1d0154163a050d3c540d5cbcfd5b7fc77f91a3947a61851ece9';
