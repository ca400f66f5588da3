// Starts the real Python worker for a test, in a namespace of its own, and ends it.
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporalAddress } from './product';

/** The interpreter of the environment that the global set-up made. */
export const PYTHON = process.env['UNDERSTUDY_TEST_PYTHON'] ?? 'python3';
/** The folder of the Python package. */
export const PYTHON_FOLDER = resolve(__dirname, '../../trainers/python');

export interface PythonWorker {
  /** What it has written to its log. */
  log(): string;
  stop(): Promise<void>;
  /** SIGKILL: it gets no chance to end anything. */
  kill(): Promise<void>;
}

const READY_WITHIN_MS = 60_000;

/** Resolves once it polls. `artifacts`: the folder of the artifact store. */
export async function startPythonWorker(options: {
  readonly namespace: string;
  readonly artifacts: string;
  readonly models: string;
  /** Default: the trainer's own. */
  readonly queue?: string;
}): Promise<PythonWorker> {
  const ready = join(tmpdir(), `understudy-ready-${randomUUID()}`);
  const child: ChildProcess = spawn(PYTHON, ['-m', 'understudy_trainer'], {
    cwd: PYTHON_FOLDER,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      TEMPORAL_ADDRESS: temporalAddress(),
      TEMPORAL_NAMESPACE: options.namespace,
      ARTIFACT_STORE: pathToFileURL(options.artifacts).href,
      UNDERSTUDY_MODELS: options.models,
      UNDERSTUDY_READY_FILE: ready,
      ...(options.queue === undefined ? {} : { UNDERSTUDY_TRAIN_QUEUE: options.queue }),
      TRAINING_THREADS: '1',
      OMP_WAIT_POLICY: 'PASSIVE',
      PYTHONDONTWRITEBYTECODE: '1',
    },
  });
  let log = '';
  child.stderr?.on('data', (text: Buffer) => (log += text.toString()));
  const closed = new Promise<void>((settle) => child.once('close', () => settle()));
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!existsSync(ready)) {
    if (Date.now() > deadline || child.exitCode !== null) throw new Error(`the Python worker did not start: ${log}`);
    await sleep(50);
  }
  return {
    log: () => log,
    async stop() {
      child.kill('SIGTERM');
      await closed;
    },
    async kill() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
