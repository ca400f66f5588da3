// Starts one Temporal server and one PostgreSQL for the whole integration run, makes the workflow bundle and the Python environment, and
// shares where they are through the environment.
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { loadConfig, type Config } from '../../src/config';
import { choosePort, LOOPBACK } from '../../src/embedded/ports';
import { preparePostgres } from '../../src/embedded/postgres';
import { findPython, preparePython } from '../../src/embedded/python';
import { createSupervisor, type Supervisor } from '../../src/embedded/supervisor';
import { prepareNamespace, temporalChild } from '../../src/embedded/temporal';
import { obtainTemporal } from '../../src/embedded/temporal-binary';

/** What the teardown needs; it runs in this same process. */
export interface TestServers {
  stop(): Promise<void>;
}

declare global {
  var understudyTestServers: TestServers | undefined;
}

/** Nothing in a test run has to survive a power cut. */
const FAST_AND_LOSABLE = ['-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'max_connections=300'];

export default async function globalSetup(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'understudy-tests-'));
  // As root PostgreSQL runs as another user, who must get in.
  chmodSync(home, 0o755);
  const config = loadConfig({ ...process.env, UNDERSTUDY_HOME: home });
  const supervisor = createSupervisor({ logs: join(home, 'logs'), run: join(home, 'run'), onEvent: say });
  const servers: TestServers = {
    async stop() {
      await supervisor.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
  globalThis.understudyTestServers = servers;
  // Jest runs no teardown when it is interrupted.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void servers.stop().finally(() => process.exit(130)));
  }
  try {
    const taken = new Set<number>();
    await Promise.all([
      startTemporal(config, supervisor, taken),
      startPostgres(config, supervisor, taken),
      bundleWorkflows(config),
      makePython(config),
    ]);
  } catch (error) {
    // Jest runs no teardown after a failed setup either.
    await servers.stop();
    throw error;
  }
}

async function startTemporal(config: Config, supervisor: Supervisor, taken: Set<number>): Promise<void> {
  const { cache, environment, temporalCliPath } = config;
  const python = await findPython(config).catch(() => undefined);
  const binary = await obtainTemporal({
    cache,
    environment,
    onProgress: say,
    ...(temporalCliPath ? { cliPath: temporalCliPath } : {}),
    ...(python ? { python: python.path } : {}),
  });
  const port = await choosePort(0, taken);
  await supervisor.start(
    temporalChild(
      binary.path,
      config.home,
      { port, uiPort: await choosePort(0, taken), namespace: 'default' },
      environment,
    ),
  );
  const address = `${LOOPBACK}:${port}`;
  await prepareNamespace({ address }, 'default', true);
  process.env['UNDERSTUDY_TEST_TEMPORAL_ADDRESS'] = address;
  process.env['UNDERSTUDY_TEST_TEMPORAL_CLI'] = binary.path;
}

async function startPostgres(config: Config, supervisor: Supervisor, taken: Set<number>): Promise<void> {
  const port = await choosePort(0, taken);
  const { child, databaseUrl } = await preparePostgres(config.home, config.packageRoot, port, config.environment);
  await supervisor.start({ ...child, args: [...child.args, ...FAST_AND_LOSABLE] });
  process.env['UNDERSTUDY_TEST_DATABASE_URL'] = databaseUrl;
}

/** One bundle for all files: making it costs seconds. */
async function bundleWorkflows({ packageRoot, home }: Config): Promise<void> {
  const folder = join(packageRoot, 'src', 'workflows');
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(folder, 'index.ts'),
    payloadConverterPath: join(folder, 'payload-converter.ts'),
    logger: new DefaultLogger('ERROR'),
  });
  const path = join(home, 'workflow-bundle.js');
  writeFileSync(path, code);
  process.env['UNDERSTUDY_TEST_BUNDLE'] = path;
}

async function makePython({ cache, environment, packageRoot, python }: Config): Promise<void> {
  const requirements = join(packageRoot, 'trainers', 'python', 'requirements.txt');
  if (!existsSync(requirements)) return;
  process.env['UNDERSTUDY_TEST_PYTHON'] = await preparePython({
    cache,
    environment,
    requirements,
    onProgress: say,
    ...(python ? { python } : {}),
  });
}

function say(line: string): void {
  process.stderr.write(`set-up: ${line}\n`);
}
