// A program of the tests: runs the embedded Temporal server and PostgreSQL in the home that it is given until SIGINT, as `start` does.
import { join } from 'node:path';
import { loadConfig } from '../../../src/config';
import { stopLeftOvers } from '../../../src/embedded/pid-files';
import { choosePort, LOOPBACK } from '../../../src/embedded/ports';
import { preparePostgres } from '../../../src/embedded/postgres';
import { createSupervisor } from '../../../src/embedded/supervisor';
import { prepareNamespace, temporalChild } from '../../../src/embedded/temporal';

/** What the program writes, as one line, once both work. */
export interface RunningServers {
  readonly address: string;
  readonly databaseUrl: string;
  readonly pids: Readonly<Record<string, number>>;
}

async function main([home = '', temporal = '']: readonly string[]): Promise<void> {
  const config = loadConfig({ ...process.env, UNDERSTUDY_HOME: home });
  const run = join(home, 'run');
  await stopLeftOvers(run, []);
  const supervisor = createSupervisor({ logs: join(home, 'logs'), run, onEvent: () => undefined });
  const taken = new Set<number>();
  const port = await choosePort(0, taken);
  const postgresPort = await choosePort(0, taken);
  const { child, databaseUrl } = await preparePostgres(home, config.packageRoot, postgresPort, config.environment);
  await Promise.all([
    supervisor.start(child),
    supervisor.start(
      temporalChild(
        temporal,
        home,
        { port, uiPort: await choosePort(0, taken), namespace: 'default' },
        config.environment,
      ),
    ),
  ]);
  const address = `${LOOPBACK}:${port}`;
  await prepareNamespace({ address }, 'default', true);
  const running: RunningServers = { address, databaseUrl, pids: supervisor.pids() };
  // Before the line: whoever reads it may interrupt at once.
  const interrupted = new Promise<void>((resolve) => process.once('SIGINT', () => resolve()));
  process.stdout.write(`${JSON.stringify(running)}\n`);
  await interrupted;
  await supervisor.stop();
}

void main(process.argv.slice(2));
