// Trains the product's logistic and LightGBM contenders on the reference's rows, and scores them through the session that serves.
// Invariant: a month's models are trained on all months before it, without early stopping and with the reference's parameters.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createEngine, type Connection, type Engine } from '../../../src/data/engine';
import { readMatrix } from '../../../src/data/snapshot/read-matrix';
import { MEDIA_TYPES } from '../../../src/domain/data/artifacts';
import { TrainResult, type TrainRequest } from '../../../src/domain/training/training';
import type { ArtifactStore } from '../../../src/ports/artifacts';
import { checkParity } from '../../../src/scoring/parity';
import { openModel } from '../../../src/scoring/session';
import { logLoss } from '../../../src/statistics/metrics/binary/probabilities';
import { rocAuc } from '../../../src/statistics/metrics/binary/ranking';
import { createFileArtifactStore } from '../../../src/stores/artifacts/artifacts-file';
import { trainInThread } from '../../../src/training/train-in-thread';
import { buildReferenceRows, referenceSignature, writeReferenceMatrix, type ReferenceModel } from './reference-rows';

/** What the product's model of a month came to. */
export interface JudgedModel {
  readonly model: ReferenceModel;
  /** The month that was scored; the months before it were trained on. */
  readonly month: number;
  readonly trainRows: number;
  readonly rows: number;
  readonly rocAuc: number;
  readonly logLoss: number;
  /** Largest difference of a probability between ONNX and the native model, on the trainer's sample. */
  readonly parity: number;
  readonly seconds: number;
}

/** Where things are. */
export interface JudgeOptions {
  readonly packageRoot: string;
  /** The interpreter of the trainer's environment. */
  readonly python: string;
  readonly threads: number;
}

interface Workshop extends JudgeOptions {
  readonly engine: Engine;
  readonly connection: Connection;
  readonly folder: string;
  readonly artifacts: ArtifactStore;
}

/** Trains and scores, one after the other; `onResult` hears of each. Leaves no file behind. */
export async function judgeBaselines(
  months: readonly number[],
  models: readonly ReferenceModel[],
  options: JudgeOptions,
  onResult: (judged: JudgedModel) => void = () => undefined,
): Promise<JudgedModel[]> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-baselines-'));
  const engine = await createEngine({ threads: options.threads, memoryLimitMb: 1024, tempDir: join(folder, 'spill') });
  const connection = await engine.connect();
  try {
    await buildReferenceRows(connection, options.packageRoot);
    const artifacts = createFileArtifactStore(join(folder, 'artifacts'));
    const judged: JudgedModel[] = [];
    for (const month of months) {
      for (const model of models) {
        judged.push(await judge(model, month, { ...options, engine, connection, folder, artifacts }));
        onResult(judged.at(-1)!);
      }
    }
    return judged;
  } finally {
    connection.close();
    engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function judge(model: ReferenceModel, month: number, workshop: Workshop): Promise<JudgedModel> {
  const { engine, connection, folder, artifacts } = workshop;
  const signature = await referenceSignature(connection, model, month);
  const [train, scored] = [join(folder, 'train.parquet'), join(folder, 'scored.parquet')];
  const trainRows = await writeReferenceMatrix(connection, signature, `month < ${month}`, train);
  await writeReferenceMatrix(connection, signature, `month = ${month}`, scored);
  const request: TrainRequest = {
    ...{ model: 'nycflights13', contender: model, trainer: model, params: {}, seed: 0, threads: workshop.threads },
    matrix: await artifacts.putFile(train, MEDIA_TYPES.parquet, trainRows),
    signature: await artifacts.put(Buffer.from(JSON.stringify(signature)), MEDIA_TYPES.json),
    ...{ earlyStoppingDays: 0, earlyStoppingRounds: 1 },
  };
  const result = model === 'logistic' ? await trainInThread(request, { artifacts }) : await trainBy(workshop, request);
  const opened = await openModel(await artifacts.get(result.onnx), signature);
  try {
    const parity = await checkParity(opened, await artifacts.localPath(result.parity), signature);
    const { features, labels, rows } = await readMatrix(engine, scored, signature);
    const probabilities = await opened.score(features, rows);
    return {
      ...{ model, month, trainRows, rows },
      rocAuc: rocAuc(labels, probabilities),
      logLoss: logLoss(labels, probabilities),
      parity: parity.maxDifference,
      seconds: result.seconds,
    };
  } finally {
    await opened.release();
  }
}

/** The Python worker's own process of a training, without a Temporal server in between. */
function trainBy({ python, packageRoot, folder }: Workshop, request: TrainRequest): Promise<TrainResult> {
  const program = join(packageRoot, 'scripts', 'proof', 'baselines', 'train_once.py');
  return new Promise((resolve, reject) => {
    const child = spawn(python, [program], {
      env: {
        ...process.env,
        ARTIFACT_STORE: pathToFileURL(join(folder, 'artifacts')).href,
        PYTHONPATH: join(packageRoot, 'trainers', 'python'),
        OMP_WAIT_POLICY: 'PASSIVE',
        PYTHONDONTWRITEBYTECODE: '1',
      },
    });
    let [said, complained] = ['', ''];
    child.stdout.on('data', (text: Buffer) => (said += text.toString()));
    child.stderr.on('data', (text: Buffer) => (complained += text.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(TrainResult.parse(JSON.parse(said)));
      else reject(new Error(`the training of ${request.contender} ended with ${code}: ${complained.trim()}`));
    });
    child.stdin.end(JSON.stringify(request));
  });
}
