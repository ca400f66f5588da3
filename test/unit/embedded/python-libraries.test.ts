// Which optional libraries a start installs, and that it goes on whatever comes of it.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lightgbm, logistic, sklearn, xgboost } from '../../../src';
import { defineModel } from '../../../src/definition/define-model';
import { installLibraries, optionalLibrariesOf } from '../../../src/embedded/python-libraries';
import tiny from '../../models/tiny/model';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-libraries-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const planOf = (contenders: Parameters<typeof defineModel>[0]['contenders']) =>
  defineModel({ ...tiny.plan, contenders }).plan;

it('are those that some contender of some model asks for, each once', () => {
  const tuning = { space: { learning_rate: { low: 0.01, high: 0.3 } }, trials: 5 };
  const plain = planOf({ gbm: lightgbm({ iterations: 5 }), linear: logistic({}) });
  const boosted = planOf({ one: xgboost({ iterations: 5 }), two: xgboost({ iterations: 9 }) });
  const tuned = planOf({ forest: sklearn({ estimator: 'random-forest' }), gbm: lightgbm({ iterations: 5, tuning }) });
  expect(optionalLibrariesOf([plain])).toEqual([]);
  expect(optionalLibrariesOf([plain, boosted, tuned, tuned])).toEqual(['optuna', 'sklearn', 'xgboost']);
});

async function installedBy(script: string, names: readonly string[]): Promise<string[]> {
  const interpreter = join(folder, 'python');
  writeFileSync(interpreter, `#!/bin/sh\n${script}\n`);
  chmodSync(interpreter, 0o755);
  const told: string[] = [];
  const requirements = join(folder, 'requirements.txt');
  const environment = { PATH: process.env['PATH'] ?? '' };
  await installLibraries(names, { interpreter, requirements, environment, onProgress: (line) => told.push(line) });
  return told;
}

it('are installed by the trainer before its worker starts, and each step is told', async () => {
  expect(await installedBy('echo "$@"', ['optuna', 'xgboost'])).toEqual([
    'Python: -m understudy_trainer obtain optuna xgboost',
  ]);
  expect(await installedBy('echo "$@"', [])).toEqual([]);
});

it('stop no start when they cannot be had: it is said, and a training asks for them again', async () => {
  expect(await installedBy('echo "PYTHON_ENVIRONMENT_FAILED: no network"; exit 1', ['xgboost'])).toEqual([
    'Python: PYTHON_ENVIRONMENT_FAILED: no network',
  ]);
});
