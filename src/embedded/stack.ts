// The whole stack on one machine: obtains, starts in order, supervises and stops Temporal, PostgreSQL, workers, serving and the Python trainer.
// What the configuration names as existing (Temporal, PostgreSQL) is used instead of started.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config';
import { UnderstudyError } from '../domain/failures';
import { readLive, removePid, stopLeftOvers, writePid } from './pid-files';
import { choosePort, isFree, LOOPBACK, USUAL_PORTS } from './ports';
import { preparePostgres } from './postgres';
import { findPython, preparePython } from './python';
import { installLibraries } from './python-libraries';
import { removeStack, writeStack, type StackAddresses } from './stack-file';
import { createSupervisor, type ChildSpec, type Supervisor } from './supervisor';
import { prepareNamespace, temporalChild } from './temporal';
import { obtainTemporal } from './temporal-binary';

export interface StackOptions {
  readonly onProgress: (line: string) => void;
  /** Brings the database's schema up to date; given, because this folder does not know the stores. */
  readonly prepareDatabase: (databaseUrl: string) => Promise<unknown>;
  /** Optional libraries of Python trainers to install before the worker takes work; given, because this folder does not know definitions. Default: none. */
  readonly pythonLibraries?: () => readonly string[];
  /** Gives up a start that is still under way: what was started is stopped, and the start fails with INTERRUPTED. Default: never. */
  readonly signal?: AbortSignal;
}

export interface Stack {
  readonly addresses: StackAddresses;
  pids(): Readonly<Record<string, number>>;
  /** Stops everything that was started, in reverse order. */
  stop(): Promise<void>;
}

const SUPERVISOR = 'supervisor';
const READY_TIMEOUT_MS = 60_000;
const PIDS_WRITTEN_EVERY_MS = 500;

export async function startStack(config: Config, options: StackOptions): Promise<Stack> {
  const { home } = config;
  const { onProgress } = options;
  const run = join(home, 'run');
  mkdirSync(run, { recursive: true });
  const other = readLive(run, SUPERVISOR);
  if (other && other.pid !== process.pid) {
    throw new UnderstudyError('ALREADY_RUNNING', `a stack already runs in ${home} (process ${other.pid})`);
  }
  writePid(run, SUPERVISOR, process.pid);
  const left = await stopLeftOvers(run, [SUPERVISOR]);
  if (left.length > 0) onProgress(`stopped what an earlier run left: ${left.join(', ')}`);
  const supervisor = createSupervisor({ logs: join(home, 'logs'), run, onEvent: onProgress });
  try {
    return await Promise.race([startAll(config, options, supervisor, run), interruption(options.signal)]);
  } catch (error) {
    await supervisor.stop();
    removePid(run, SUPERVISOR);
    throw error;
  }
}

function interruption(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const interrupt = (): void => reject(new UnderstudyError('INTERRUPTED', 'the start was interrupted'));
    if (signal?.aborted) interrupt();
    else signal?.addEventListener('abort', interrupt, { once: true });
  });
}

async function startAll(config: Config, options: StackOptions, supervisor: Supervisor, run: string): Promise<Stack> {
  const { home } = config;
  const { onProgress } = options;
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const startedAt = Date.now();
    const result = await work();
    onProgress(`${what} ready in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
    return result;
  };
  const taken = new Set<number>();
  const servingPort = await servingPortOf(config, taken);
  const [temporal, databaseUrl, python] = await Promise.all([
    timed('Temporal', () => startTemporal(config, supervisor, taken, onProgress)),
    timed('PostgreSQL', () => startPostgres(config, supervisor, taken, options)),
    pythonTrainer(config, options),
  ]);
  const addresses: StackAddresses = {
    temporal,
    databaseUrl,
    artifactStore: config.artifactStore,
    servingUrl: config.servingUrl ?? `http://${LOOPBACK}:${servingPort}`,
    pids: {},
    startedAt: new Date().toISOString(),
  };
  const environment = childEnvironment(config, addresses, servingPort);
  await timed('workers and serving', () =>
    Promise.all(processes(config, environment, python).map((child) => supervisor.start(child))),
  );
  const keepWriting = keepPidsWritten(home, addresses, supervisor);
  return {
    addresses,
    pids: () => supervisor.pids(),
    async stop() {
      clearInterval(keepWriting);
      await supervisor.stop();
      removeStack(home);
      removePid(run, SUPERVISOR);
    },
  };
}

/** A restarted child has another pid; the file is what tests and people read. A full disk must not end the supervisor: it tries again. */
function keepPidsWritten(home: string, addresses: StackAddresses, supervisor: Supervisor): NodeJS.Timeout {
  let written = '';
  const write = (): void => {
    const pids = supervisor.pids();
    const text = JSON.stringify(pids);
    if (text === written) return;
    writeStack(home, { ...addresses, pids });
    written = text;
  };
  write();
  return setInterval(() => {
    try {
      write();
    } catch {
      // Next time.
    }
  }, PIDS_WRITTEN_EVERY_MS);
}

async function startTemporal(
  config: Config,
  supervisor: Supervisor,
  taken: Set<number>,
  onProgress: (line: string) => void,
): Promise<StackAddresses['temporal']> {
  const { namespace, external, address, connectionOptions } = config.temporal;
  if (external) {
    await prepareNamespace(connectionOptions, namespace, false);
    return { address: address!, namespace, ui: null };
  }
  const python = await findPython(config).catch(() => undefined);
  const binary = await obtainTemporal({
    ...config,
    onProgress,
    ...(config.temporalCliPath ? { cliPath: config.temporalCliPath } : {}),
    ...(python ? { python: python.path } : { python: '' }),
  });
  onProgress(`Temporal: using ${binary.path} (${binary.how})`);
  const port = await choosePort(USUAL_PORTS.temporal, taken);
  const uiPort = await choosePort(USUAL_PORTS.temporalUi, taken);
  await supervisor.start(temporalChild(binary.path, config.home, { port, uiPort, namespace }, config.environment));
  const local = `${LOOPBACK}:${port}`;
  await prepareNamespace({ address: local }, namespace, true);
  return { address: local, namespace, ui: `http://${LOOPBACK}:${uiPort}` };
}

async function startPostgres(
  config: Config,
  supervisor: Supervisor,
  taken: Set<number>,
  { prepareDatabase }: StackOptions,
): Promise<string> {
  if (config.databaseUrl) {
    await prepareDatabase(config.databaseUrl);
    return config.databaseUrl;
  }
  const port = await choosePort(USUAL_PORTS.postgres, taken);
  const { child, databaseUrl } = await preparePostgres(config.home, config.packageRoot, port, config.environment);
  await supervisor.start(child);
  await prepareDatabase(databaseUrl);
  return databaseUrl;
}

/** Without Python the stack runs all the same; only contenders of Python trainers cannot be trained. */
async function pythonTrainer(config: Config, options: StackOptions): Promise<string | null> {
  const { onProgress, pythonLibraries = () => [], signal } = options;
  const requirements = join(config.packageRoot, 'trainers', 'python', 'requirements.txt');
  const { environment } = config;
  try {
    const interpreter = await preparePython({
      cache: config.cache,
      requirements,
      environment,
      onProgress,
      ...(config.python ? { python: config.python } : {}),
    });
    const install = { interpreter, requirements, environment, onProgress, ...(signal ? { signal } : {}) };
    await installLibraries(pythonLibraries(), install);
    return interpreter;
  } catch (error) {
    if (!(error instanceof UnderstudyError) || error.code !== 'PYTHON_MISSING') throw error;
    onProgress(`no Python trainer: ${error.message}`);
    return null;
  }
}

function processes(config: Config, environment: Readonly<Record<string, string>>, python: string | null): ChildSpec[] {
  const node = (name: string, file: string, role?: string): ChildSpec => ({
    name,
    command: process.execPath,
    args: ['--enable-source-maps', join(config.packageRoot, 'dist', 'src', file)],
    env: { ...environment, ...(role ? { UNDERSTUDY_ROLE: role } : {}) },
    readyTimeoutMs: READY_TIMEOUT_MS,
  });
  const children = [
    node('worker-control', 'workers/main.js', 'control'),
    node('worker-data', 'workers/main.js', 'data'),
    node('serving', 'serving/main.js'),
  ];
  if (python) {
    const folder = join(config.packageRoot, 'trainers', 'python');
    const spec = {
      name: 'trainer-python',
      command: python,
      args: ['-m', 'understudy_trainer'],
      cwd: folder,
      readyTimeoutMs: READY_TIMEOUT_MS,
    };
    // LightGBM's threads spin while they wait, and starve other processes, unless told to sleep.
    children.push({
      ...spec,
      env: { ...environment, OMP_WAIT_POLICY: 'PASSIVE', PYTHONPATH: folder, PYTHONUNBUFFERED: '1' },
    });
  }
  return children;
}

function childEnvironment(config: Config, addresses: StackAddresses, servingPort: number): Record<string, string> {
  return {
    ...config.environment,
    ...(config.temporal.external
      ? {}
      : { TEMPORAL_ADDRESS: addresses.temporal.address, TEMPORAL_NAMESPACE: addresses.temporal.namespace }),
    DATABASE_URL: addresses.databaseUrl,
    ARTIFACT_STORE: addresses.artifactStore,
    UNDERSTUDY_HOME: config.home,
    UNDERSTUDY_MODELS: config.models,
    SERVING_PORT: String(servingPort),
    SERVING_URL: addresses.servingUrl,
    TRAINING_THREADS: String(config.trainingThreads),
  };
}

/** A port that a person asked for is never replaced by another. */
async function servingPortOf(config: Config, taken: Set<number>): Promise<number> {
  if (config.servingPortIsExplicit && config.servingPort !== 0 && !(await isFree(config.servingPort))) {
    throw new UnderstudyError('PORT_TAKEN', `SERVING_PORT is ${config.servingPort}, and another program listens there`);
  }
  return choosePort(config.servingPort, taken);
}
