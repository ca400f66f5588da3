// The `understudy` command: reads the command line, hands the command what it works with, and turns failures into words and an exit code.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { createLoans } from '../activities/starting/loans';
import { createFeatureReports } from '../activities/features/feature-reports';
import { connectTemporal, type ConnectedClient } from '../client/connection';
import { createExperimentClient } from '../client/experiments';
import { createTaskQueues } from '../client/task-queues';
import { createLifecycleClient } from '../client/lifecycle-client';
import { createReproductionClient } from '../client/reproductions';
import { createScheduleClient } from '../client/schedules';
import { readServing } from '../client/serving-readiness';
import { loadConfig, type Config } from '../config';
import type { Engine } from '../data/engine';
import { draftText } from '../data/infer/draft';
import { UnderstudyError } from '../domain/failures';
import type { ArtifactStore } from '../ports/artifacts';
import type { Stores } from '../ports/stores';
import { describeSketch, mergeSketches } from '../statistics/sketches';
import { createArtifactStore } from '../stores/artifacts/open-store';
import { createStores } from '../stores/stores';
import { readArguments } from './arguments';
import type { CliContext, CommandInput, ContractDraft } from './command';
import { inferOptions } from './infer-options';
import { COMMANDS } from './all-commands';
import { diagnose } from './diagnosis';
import { createOutput, failureText, type Output } from './output';
import { checkContenders } from '../embedded/python-check';
import { readStack } from '../embedded/stack-file';
import { presentTemporal } from '../embedded/temporal-binary';
import { championArtifacts } from './champion-artifacts';

/** Runs one command line (without node and script); resolves with the exit code. Never rejects. */
async function main(args: readonly string[]): Promise<number> {
  const closers: (() => Promise<void>)[] = [];
  let exitCode = 0;
  let model: string | undefined;
  try {
    const request = readArguments(COMMANDS, args);
    const output = createOutput(process, request.kind === 'run' && request.json);
    if (request.kind === 'run') model = modelOf(request.input);
    if (request.kind === 'help') output.result(null, () => request.text);
    else
      await request.command.run(
        createContext(loadConfig(), output, closers, (code) => (exitCode = code)),
        request.input,
      );
  } catch (error) {
    const { text, exit } = failureText(error, model);
    process.stderr.write(text);
    exitCode = exit;
  }
  for (const close of closers) await close().catch(() => undefined);
  return exitCode;
}

/** The model that the command is about, for what it advises. */
function modelOf({ arguments: given }: CommandInput): string | undefined {
  return (given['model'] ?? given['model@version'])?.split('@')[0];
}

function createContext(
  config: Config,
  output: Output,
  closers: (() => Promise<void>)[],
  setExitCode: (code: number) => void,
): CliContext {
  const stack = readStack(config.home);
  const connect = once(async (): Promise<ConnectedClient> => {
    const connected = await connectTemporal(temporalTarget(config, stack));
    closers.push(() => connected.close());
    return connected;
  });
  const databaseUrl = config.databaseUrl ?? stack?.databaseUrl;
  const stores = once(async (): Promise<Stores> => {
    const opened = await openStores(config, databaseUrl);
    closers.push(() => opened.close());
    return opened;
  });
  const files = once(async (): Promise<ArtifactFiles> => {
    const { close, ...opened } = await openArtifactFiles(config, stack);
    closers.push(close);
    return opened;
  });
  return {
    output,
    modelsDir: config.models,
    packageRoot: config.packageRoot,
    user: config.environment['USER'] ?? config.environment['USERNAME'] ?? userInfo().username,
    temporal: once(async () => {
      const { client } = await connect();
      return {
        lifecycles: createLifecycleClient(client),
        schedules: createScheduleClient(client),
        reproductions: createReproductionClient(client),
        experiments: createExperimentClient(client),
        taskQueues: createTaskQueues(client),
      };
    }),
    stores,
    features: async () => createFeatureReports(await stores()),
    // What reads rows or runs models is loaded when it is asked for: most commands need neither DuckDB nor onnxruntime, and start faster without.
    artifactReports: async () => {
      const { createArtifactReports } = await import('../activities/artifact-reports.js');
      return createArtifactReports({ stores: await stores(), ...(await files()) });
    },
    decisionReports: async () => {
      const { createDecisionReports } = await import('../activities/judging/reports.js');
      return createDecisionReports({ stores: await stores(), ...(await files()) });
    },
    modelReports: async () => {
      const { createModelReports } = await import('../activities/explaining/model-reports.js');
      return createModelReports({ stores: await stores(), ...(await files()) });
    },
    loans: async () => createLoans(await stores()),
    serving: async () => {
      const url = config.servingUrl ?? stack?.servingUrl;
      return url === undefined ? null : readServing(url).catch(() => null);
    },
    describeSketches: (sketches) => describeSketch(mergeSketches(sketches)),
    runProgram: (program, args) => runProgram(join(__dirname, '..', '..', program), args),
    setExitCode,
    interruption() {
      const interruption = new AbortController();
      process.once('SIGINT', () => interruption.abort());
      return interruption.signal;
    },
    inferTable: draftContract,
    checkContenders: (plan) =>
      checkContenders(plan, {
        cache: config.cache,
        requirements: join(config.packageRoot, 'trainers', 'python', 'requirements.txt'),
        modelsDir: config.models,
        environment: config.environment,
        ...(config.python ? { python: config.python } : {}),
      }),
    diagnose: () =>
      diagnose({
        modelsDir: config.models,
        home: config.home,
        python: config.python,
        temporal: async () => {
          await connect();
          const { address, namespace } = temporalTarget(config, stack);
          return `${address}, namespace ${namespace}`;
        },
        database: async () => {
          const stores = await openStores(config, databaseUrl);
          const models = await stores.definitions.models().finally(() => stores.close());
          return models.length > 0 ? `deployed: ${models.join(', ')}` : 'no model deployed yet';
        },
        servingUrl: config.servingUrl ?? stack?.servingUrl,
        temporalCommand: async () => {
          const { temporalCliPath: cliPath, cache, environment } = config;
          const found = presentTemporal({ cache, environment, ...(cliPath ? { cliPath } : {}) });
          return found ? `${found.path} (${found.how})` : 'none yet; the first start obtains it';
        },
        artifacts: async () => {
          const { artifacts } = await files();
          return championArtifacts(await stores(), artifacts);
        },
      }),
  };
}

/** What reports that read artifacts work with. */
interface ArtifactFiles {
  readonly artifacts: ArtifactStore;
  readonly engine: Engine;
  /** An empty folder of this command. */
  readonly tempDir: string;
}

/** The store that ARTIFACT_STORE names, else that of the stack that runs here. */
async function openArtifactFiles(
  config: Config,
  stack: ReturnType<typeof readStack>,
): Promise<ArtifactFiles & { readonly close: () => Promise<void> }> {
  const artifactStore = config.environment['ARTIFACT_STORE'] ? config.artifactStore : stack?.artifactStore;
  const artifacts = createArtifactStore({ ...config, ...(artifactStore === undefined ? {} : { artifactStore }) });
  const tempDir = await mkdtemp(join(tmpdir(), 'understudy-reports-'));
  const engine = await openEngine(tempDir);
  return {
    ...{ artifacts, engine, tempDir },
    async close() {
      engine.close();
      await rm(tempDir, { recursive: true, force: true });
    },
  };
}

/** Of an engine in this process. */
const MEMORY_MB = 1024;

async function openEngine(tempDir: string): Promise<Engine> {
  const { createEngine } = await import('../data/engine.js');
  return createEngine({ threads: 1, memoryLimitMb: MEMORY_MB, tempDir: join(tempDir, 'spill') });
}

async function draftContract(path: string, options: Readonly<Record<string, string>>): Promise<ContractDraft> {
  const tempDir = await mkdtemp(join(tmpdir(), 'understudy-infer-'));
  const engine = await openEngine(tempDir);
  try {
    const { inferTable } = await import('../data/infer/infer.js');
    const draft = await inferTable(engine, { path: resolve(path), tempDir, ...inferOptions(options) });
    return { text: draftText(draft, path), document: draft, rows: draft.rows, partial: draft.partial };
  } finally {
    engine.close();
    await rm(tempDir, { recursive: true, force: true });
  }
}

/** Environment and profile first, then the stack that runs here. Fails with TEMPORAL_UNAVAILABLE when there is neither. */
function temporalTarget(
  { temporal, home }: Config,
  stack: ReturnType<typeof readStack>,
): Parameters<typeof connectTemporal>[0] {
  if (temporal.external && temporal.address) {
    return { address: temporal.address, namespace: temporal.namespace, options: temporal.connectionOptions };
  }
  if (stack) return stack.temporal;
  throw new UnderstudyError('TEMPORAL_UNAVAILABLE', `No stack is running in ${home}, and TEMPORAL_ADDRESS is not set.`);
}

async function openStores({ home }: Config, databaseUrl: string | undefined): Promise<Stores> {
  if (!databaseUrl) {
    throw new UnderstudyError('DATABASE_UNAVAILABLE', `No stack is running in ${home}, and DATABASE_URL is not set.`, {
      remedy: 'Run: npx understudy start (or set DATABASE_URL).',
    });
  }
  return createStores(databaseUrl);
}

/** Ctrl-C reaches the program through the terminal; this process waits for it to end in its own order. */
function runProgram(file: string, args: readonly string[]): Promise<number> {
  const ignore = (): void => undefined;
  const child = spawn(process.execPath, [file, ...args], { stdio: 'inherit' });
  process.on('SIGINT', ignore);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      process.off('SIGINT', ignore);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
