// The real Python worker on a real Temporal server: results, progress, cancellation, mistakes, death, and a server that comes late.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { Client, Connection, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import type { ApplicationFailure } from '@temporalio/common';
import { type ActivityFailure } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { MEDIA_TYPES } from '../../../src/domain/data/artifacts';
import {
  TrainResult,
  type ModelSignature,
  type TrainProgress,
  type TrainRequest,
} from '../../../src/domain/training/training';
import { checkParity } from '../../../src/scoring/parity';
import { openModel } from '../../../src/scoring/session';
import { createFileArtifactStore } from '../../../src/stores/artifacts/artifacts-file';
import type { oneTraining } from './workflow';

const CATEGORIES = Array.from({ length: 80 }, (_, index) => `c${index}`);
const signature: ModelSignature = {
  columns: [
    { kind: 'number', name: 'x' },
    { kind: 'number', name: 'y' },
    { kind: 'category', name: 'c', categories: CATEGORIES },
  ],
};
const address = process.env.UNDERSTUDY_TEST_TEMPORAL_ADDRESS ?? 'localhost:7233';
const python = process.env.UNDERSTUDY_TEST_PYTHON ?? 'python3';

describe('the Python trainer', () => {
  const root = mkdtempSync(join(tmpdir(), 'python-trainer-'));
  const artifacts = createFileArtifactStore(root);
  const trainQueue = `train-${randomUUID()}`;
  const taskQueue = `workflows-${randomUUID()}`;
  let connection: Connection;
  let native: NativeConnection;
  let client: Client;
  let worker: Worker;
  let running: Promise<void>;
  let trainer: ChildProcess;
  let request: TrainRequest;

  beforeAll(async () => {
    connection = await Connection.connect({ address });
    native = await NativeConnection.connect({ address });
    client = new Client({ connection });
    worker = await Worker.create({ connection: native, taskQueue, workflowsPath: require.resolve('./workflow') });
    running = worker.run();
    trainer = await startTrainer(address);
    request = {
      model: 'm',
      contender: 'gbm',
      trainer: 'lightgbm',
      params: { n_estimators: 60, min_data_per_group: 20 },
      seed: 1,
      threads: 1,
      matrix: await writeMatrix(),
      signature: await artifacts.put(Buffer.from(JSON.stringify(signature)), MEDIA_TYPES.json),
      earlyStoppingDays: 3,
      earlyStoppingRounds: 10,
    };
  });
  afterAll(async () => {
    await ended(trainer, 'SIGTERM');
    worker.shutdown();
    await running;
    await native.close();
    await connection.close();
    rmSync(root, { recursive: true, force: true });
  });

  /** What each started process wrote to its log. */
  const logs = new WeakMap<ChildProcess, string>();

  function startPython(
    env: Record<string, string>,
    command: readonly [string, ...string[]] = [python, '-m', 'understudy_trainer'],
  ): ChildProcess {
    const [program, ...args] = command;
    const child = spawn(program, args, {
      cwd: resolve(__dirname, '../../../trainers/python'),
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...process.env,
        ARTIFACT_STORE: pathToFileURL(root).href,
        UNDERSTUDY_TRAIN_QUEUE: trainQueue,
        TRAINING_THREADS: '1',
        OMP_WAIT_POLICY: 'PASSIVE',
        PYTHONDONTWRITEBYTECODE: '1',
        ...env,
      },
    });
    child.stderr?.on('data', (text: Buffer) => logs.set(child, `${logs.get(child) ?? ''}${text.toString()}`));
    return child;
  }

  async function startTrainer(temporal: string): Promise<ChildProcess> {
    const ready = join(root, `ready-${randomUUID()}`);
    const child = startPython({ TEMPORAL_ADDRESS: temporal, UNDERSTUDY_READY_FILE: ready });
    await until(() => existsSync(ready), 'the trainer is ready');
    return child;
  }

  async function writeMatrix() {
    const folder = await artifacts.tempDir();
    const path = join(folder, 'matrix.parquet');
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.run(
      `COPY (SELECT i::TEXT AS __key, (15000 + i // 400)::INT AS __day, (x + y / 20 + sin(c) + (hash(i * 13) % 1000) / 1000.0 > 0.5)::INT::FLOAT AS __label,
               CASE WHEN i % 9 = 0 THEN NULL ELSE x END AS x, y, CASE WHEN i % 11 = 0 THEN NULL ELSE c END AS c
             FROM (SELECT i, (hash(i) % 1000 / 500.0 - 1)::FLOAT AS x, (hash(i + 7777777) % 41 - 20.0)::FLOAT AS y, (hash(i * 3) % 80)::FLOAT AS c
                   FROM range(8000) t(i)))
       TO '${path}' (FORMAT parquet)`,
    );
    connection.closeSync();
    return artifacts.putFile(path, MEDIA_TYPES.parquet, 8000);
  }

  const start = (changes: Partial<TrainRequest> = {}) =>
    client.workflow.start<typeof oneTraining>('oneTraining', {
      workflowId: `training-${randomUUID()}`,
      taskQueue,
      args: [trainQueue, { ...request, ...changes }],
    });
  /** A training that takes minutes unless something ends it. */
  const startLong = () => start({ params: { n_estimators: 1_000_000, learning_rate: 0.001 }, earlyStoppingDays: 0 });

  async function progressOf(handle: WorkflowHandle): Promise<TrainProgress | undefined> {
    const { raw } = await handle.describe();
    const details = raw.pendingActivities?.[0]?.heartbeatDetails?.payloads?.[0]?.data;
    return details ? (JSON.parse(Buffer.from(details).toString()) as TrainProgress) : undefined;
  }

  const iterating = async (handle: WorkflowHandle) => ((await progressOf(handle))?.iteration ?? 0) > 0;

  it('gives a model that agrees with its native form on awkward rows, and the same one again', async () => {
    const result = await (await start()).result();
    expect(TrainResult.parse(result)).toEqual(result);
    const model = await openModel(await artifacts.get(result.onnx), signature);
    const parity = await checkParity(model, await artifacts.localPath(result.parity), signature);
    expect(parity.passed).toBe(true);
    expect(parity.rows).toBeGreaterThan(1000);
    await model.release();
    expect(readFileSync(await artifacts.localPath(result.native), 'utf8')).toContain('end of trees');
    expect((await (await start({ threads: 2 })).result()).onnx).toEqual(result.onnx);
  });

  it("names the author's mistake, and does not try again", async () => {
    const failure = await (await start({ params: { num_leafs: 3 } })).result().catch((error: unknown) => error);
    const cause = ((failure as WorkflowFailedError).cause as ActivityFailure).cause as ApplicationFailure;
    expect(cause.type).toBe('TRAINING_FAILED');
    expect(cause.nonRetryable).toBe(true);
    expect(cause.message).toBe('params.num_leafs is no parameter of LightGBM. Did you mean "num_leaf"?');
  });

  it('tells its progress while it runs, and stops within two seconds when it is cancelled', async () => {
    const handle = await startLong();
    await until(() => iterating(handle), 'an iteration is told');
    expect(await progressOf(handle)).toMatchObject({
      of: 1_000_000,
      message: expect.stringContaining('log loss') as string,
    });
    const cancelledAt = Date.now();
    await handle.cancel();
    await expect(handle.result()).rejects.toBeInstanceOf(WorkflowFailedError);
    expect(Date.now() - cancelledAt).toBeLessThan(2000);
  });

  it('goes on with the next worker when one is killed in the middle of a training', async () => {
    const handle = await startLong();
    await until(() => iterating(handle), 'an iteration is told');
    await ended(trainer, 'SIGKILL');
    trainer = await startTrainer(address);
    await until(
      async () => (await handle.describe()).raw.pendingActivities?.[0]?.attempt === 2 && (await iterating(handle)),
      'the second attempt',
    );
    await handle.cancel();
    await expect(handle.result()).rejects.toBeInstanceOf(WorkflowFailedError);
  });

  it('ends by itself on SIGTERM, even in the middle of a training', async () => {
    const handle = await startLong();
    await until(() => iterating(handle), 'an iteration is told');
    const askedAt = Date.now();
    expect(await ended(trainer, 'SIGTERM')).toBe(0);
    expect(Date.now() - askedAt).toBeLessThan(6000);
    await handle.terminate();
    trainer = await startTrainer(address);
  });

  it('ends when the process that started it is gone', async () => {
    const ready = join(root, 'ready-orphan');
    const env = { TEMPORAL_ADDRESS: address, UNDERSTUDY_READY_FILE: ready };
    const parent = startPython(env, ['sh', '-c', `"${python}" -m understudy_trainer & wait`]);
    await until(() => existsSync(ready) && readFileSync(ready, 'utf8').endsWith('\n'), 'the orphan is ready');
    const orphan = Number(readFileSync(ready, 'utf8'));
    await ended(parent, 'SIGKILL');
    await until(() => !isAlive(orphan), 'the orphan has ended', 8000);
  });

  it('waits for a server that is not there, until it is told to stop', async () => {
    const waiting = startPython({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
    await until(() => logs.get(waiting)?.includes('trying again') ?? false, 'it tries again');
    expect(await ended(waiting, 'SIGTERM')).toBe(0);
  });

  it.each([
    [{ ARTIFACT_STORE: 'ftp://host/folder' }, 'ftp:// is not supported'],
    [
      {
        ARTIFACT_STORE: 's3://bucket/prefix',
        ...{ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_SHARED_CREDENTIALS_FILE: '/nowhere' },
      },
      'there are no credentials; the Python trainer takes AWS_ACCESS_KEY_ID',
    ],
    [{ ARTIFACT_STORE: '' }, 'ARTIFACT_STORE is not set'],
    [{ TRAINING_THREADS: 'many' }, 'TRAINING_THREADS is "many"; allowed is a whole number from 1'],
  ])('refuses the setting %j in a sentence', async (setting, sentence) => {
    const child = startPython(setting);
    expect(await ended(child)).toBe(2);
    expect(logs.get(child)).toContain(sentence);
    expect(logs.get(child)).not.toContain('Traceback');
  });
});

async function until(holds: () => boolean | Promise<boolean>, what: string, withinMs = 30_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${what}.`);
    await sleep(50);
  }
}

/** Sends a signal, if one is given, and waits for the exit code (null after a kill). */
async function ended(child: ChildProcess, signal?: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = new Promise((settle) => child.once('close', settle));
    if (signal) child.kill(signal);
    await exit;
  }
  return child.exitCode;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}
