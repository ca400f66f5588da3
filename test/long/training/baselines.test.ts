// The product's trainers on the reference's own rows and features: as good as the reference's models. `npm run proof` does all ten months.
import { resolve } from 'node:path';
import { judgeBaselines } from '../../../scripts/proof/baselines/judge';
import { AUC_TOLERANCE, comparedWithReference } from '../../../scripts/proof/baselines/prove';
import { PYTHON } from '../../setup/python-worker';

const packageRoot = resolve(__dirname, '../../..');

it('gives on flights the ROC AUC of the reference to 0.01, by scikit-learn and LightGBM alone', async () => {
  const judged = await judgeBaselines([3, 4], ['logistic', 'lightgbm'], { packageRoot, python: PYTHON, threads: 2 });
  expect(judged.map(({ model, month }) => `${model} ${month}`)).toEqual([
    'logistic 3',
    'lightgbm 3',
    'logistic 4',
    'lightgbm 4',
  ]);
  for (const each of judged) {
    // Fails when the reference has no such model on as many rows.
    const { rocAuc, referenceRocAuc } = comparedWithReference(packageRoot, each);
    expect(Math.abs(rocAuc - referenceRocAuc)).toBeLessThanOrEqual(AUC_TOLERANCE);
    expect(each.parity).toBeLessThan(1e-5);
  }
  // Four real trainings on up to 78,000 rows.
}, 300_000);
