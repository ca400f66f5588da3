// The proof of the trainers: on months 3 to 12 of the flights the product's models are as good as the reference's; written to proof/baselines.json.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { loadConfig } from '../../../src/config';
import { preparePython } from '../../../src/embedded/python';
import { judgeBaselines, type JudgedModel } from './judge';
import type { ReferenceModel } from './reference-rows';

/** How far a ROC AUC may be from the reference's, either way. */
export const AUC_TOLERANCE = 0.01;
const MONTHS = [3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

/** A model beside the reference's of the same month. */
export interface ComparedModel extends JudgedModel {
  readonly referenceRocAuc: number;
  readonly referenceLogLoss: number;
  /** Whether the ROC AUCs differ by at most {@link AUC_TOLERANCE}. */
  readonly holds: boolean;
}

interface ReferenceResult {
  readonly model: string;
  readonly features?: string;
  readonly test_month: number;
  readonly n_train: number;
  readonly n: number;
  readonly auc: number;
  readonly log_loss: number;
}

/** Puts the reference's result of the same model, month and rows beside it. Fails when there is none. */
export function comparedWithReference(packageRoot: string, judged: JudgedModel): ComparedModel {
  const file = join(packageRoot, 'test', 'reference', 'nycflights13-baselines.json');
  const { rolling } = JSON.parse(readFileSync(file, 'utf8')) as { rolling: readonly ReferenceResult[] };
  const found = rolling.find(
    ({ model, features, test_month: month, n_train: trainRows, n }) =>
      [model, month, trainRows, n].join() === [judged.model, judged.month, judged.trainRows, judged.rows].join() &&
      features === 'all',
  );
  if (!found) throw new Error(`${file} has no ${judged.model} of month ${judged.month} on ${judged.trainRows} rows`);
  const holds = Math.abs(judged.rocAuc - found.auc) <= AUC_TOLERANCE;
  return { ...judged, referenceRocAuc: found.auc, referenceLogLoss: found.log_loss, holds };
}

/** Trains and scores all months; gives whether every model is within the tolerance. */
export async function proveBaselines(request: {
  readonly packageRoot: string;
  readonly commit: string;
  readonly say: (line: string) => void;
}): Promise<boolean> {
  const { packageRoot, commit, say } = request;
  const config = loadConfig();
  const python = await preparePython({
    ...config,
    requirements: join(packageRoot, 'trainers', 'python', 'requirements.txt'),
    onProgress: say,
  });
  const models: ComparedModel[] = [];
  const options = { packageRoot, python, threads: cpus().length };
  const both: readonly ReferenceModel[] = ['logistic', 'lightgbm'];
  await judgeBaselines(MONTHS, both, options, (judged) => {
    models.push(comparedWithReference(packageRoot, judged));
    say(sentenceOf(models.at(-1)!));
  });
  const wrong = models.filter(({ holds }) => !holds).length;
  const file = join(packageRoot, 'proof', 'baselines.json');
  mkdirSync(dirname(file), { recursive: true });
  const head = { commit, cores: cpus().length, wrong, tolerance: AUC_TOLERANCE };
  writeFileSync(file, `${JSON.stringify({ ...head, models }, null, 2)}\n`);
  say(`${models.length} models, ${wrong} wrong; written to ${file}`);
  return wrong === 0;
}

function sentenceOf({
  model,
  month,
  rocAuc,
  referenceRocAuc,
  logLoss,
  referenceLogLoss,
  holds,
}: ComparedModel): string {
  const both = (ours: number, theirs: number): string => `${ours.toFixed(4)} (reference ${theirs.toFixed(4)})`;
  const numbers = `ROC AUC ${both(rocAuc, referenceRocAuc)}, log loss ${both(logLoss, referenceLogLoss)}`;
  return `month ${month}, ${model}: ${numbers}: ${holds ? 'holds' : 'WRONG'}`;
}
