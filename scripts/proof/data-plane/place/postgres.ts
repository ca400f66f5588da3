// A PostgreSQL of the proof's own, in a temporary home: real processes are killed on it, the server itself is not.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../../../src/config';
import { choosePort } from '../../../../src/embedded/ports';
import { preparePostgres } from '../../../../src/embedded/postgres';
import { createSupervisor } from '../../../../src/embedded/supervisor';
import { alsoStopOnSignals } from '../../stack-process';
import { withClient } from './place';

/** Nothing of a proof has to survive a power cut. */
const FAST_AND_LOSABLE = ['-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'synchronous_commit=off'];

/** A running server. */
export interface ProofPostgres {
  /** Makes an empty database and gives its address. */
  createDatabase(name: string): Promise<string>;
  stop(): Promise<void>;
}

/** Starts it; about three seconds. Also stopped when this process is interrupted. */
export async function startProofPostgres(packageRoot: string): Promise<ProofPostgres> {
  const home = mkdtempSync(join(tmpdir(), 'understudy-proof-'));
  // As root PostgreSQL runs as another user, who must get in.
  chmodSync(home, 0o755);
  const { environment } = loadConfig({ ...process.env, UNDERSTUDY_HOME: home });
  const onEvent = (event: string): void => void process.stderr.write(`${event}\n`);
  const supervisor = createSupervisor({ logs: join(home, 'logs'), run: join(home, 'run'), onEvent });
  const stop = async (): Promise<void> => {
    takeBack();
    await supervisor.stop();
    rmSync(home, { recursive: true, force: true });
  };
  const takeBack = alsoStopOnSignals(stop);
  const { child, databaseUrl } = await preparePostgres(home, packageRoot, await choosePort(0, new Set()), environment);
  try {
    await supervisor.start({ ...child, args: [...child.args, ...FAST_AND_LOSABLE] });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    stop,
    async createDatabase(name) {
      await withClient(databaseUrl, (client) => client.query(`create database ${name}`));
      const url = new URL(databaseUrl);
      url.pathname = `/${name}`;
      return url.href;
    },
  };
}
