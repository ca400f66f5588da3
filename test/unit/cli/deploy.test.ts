// Deploying: what a contender's trainer refuses is refused before anything is read or changed.
import { join } from 'node:path';
import { runCommand } from '../../setup/command-line';

const modelsDir = join(__dirname, '../../models');
const untouched = () => Promise.reject(new Error('the database was asked'));

it('refuses a definition with a contender that can never train, with its field, before it asks the database', async () => {
  const problems = [{ contender: 'main', message: 'estimator HistGradientBoostingClassifier cannot be converted' }];
  const deployed = runCommand({} as never, ['deploy', 'tiny'], {
    modelsDir,
    packageRoot: modelsDir,
    stores: untouched,
    checkContenders: () => Promise.resolve({ problems, unchecked: [] }),
  });
  await expect(deployed).rejects.toMatchObject({
    code: 'DEFINITION_INVALID',
    message: 'models/tiny/model.ts: contenders.main: estimator HistGradientBoostingClassifier cannot be converted',
  });
});

it('goes on where a contender could not be tried, and says so', async () => {
  const asked: string[] = [];
  const deployed = runCommand({} as never, ['deploy', 'tiny'], {
    modelsDir,
    packageRoot: modelsDir,
    stores: untouched,
    checkContenders: (plan) => {
      asked.push(...Object.keys(plan.contenders));
      return Promise.resolve({ problems: [], unchecked: [{ contender: 'main', reason: 'no Python yet' }] });
    },
  });
  await expect(deployed).rejects.toThrow('the database was asked');
  expect(asked).toEqual(['main', 'flat']);
});
