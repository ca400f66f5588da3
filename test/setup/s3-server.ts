// A real S3-compatible server for tests: versitygw on a folder, as a process of its own on a free port.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { loadConfig } from '../../src/config';
import { choosePort, isFree, LOOPBACK } from '../../src/embedded/ports';

const VERSION = '1.8.0';
const MODULE = 'github.com/versity/versitygw/cmd/versitygw';
const BUILD_WITHIN_MS = 240_000;

/** A running server. */
export interface S3Server {
  readonly endpoint: string;
  /** Its objects as files: `<bucket>/<key>`. */
  readonly folder: string;
  /** What the AWS SDK reads. */
  readonly variables: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/**
 * The server's binary: VERSITYGW_PATH, else PATH, else the cache, else built into the cache where Go is installed.
 * Null, after one loud sentence, when there is none: then the tests that need it are left out.
 */
export function obtainS3Server(env: NodeJS.ProcessEnv = process.env): string | null {
  const given = env['VERSITYGW_PATH'];
  if (given) return given;
  const onPath = (env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'versitygw'));
  const cached = join(loadConfig(env).cache, `versitygw-${VERSION}`, 'versitygw');
  const found = [...onPath, cached].find((path) => existsSync(path));
  if (found) return found;
  const problem = build(cached, env);
  if (problem === null) return cached;
  process.stderr.write(
    `S3 IS NOT TESTED: there is no versitygw (VERSITYGW_PATH is not set, none on PATH, none in ${cached}, and ${problem}).\n`,
  );
  return null;
}

/** Built beside its place and moved there, so that two test processes cannot meet a half-built one. Null: done. */
function build(target: string, env: NodeJS.ProcessEnv): string | null {
  mkdirSync(dirname(target), { recursive: true });
  const folder = mkdtempSync(join(dirname(target), 'build-'));
  try {
    const { error, status, stderr } = spawnSync('go', ['install', `${MODULE}@v${VERSION}`], {
      env: { ...env, GOBIN: folder },
      timeout: BUILD_WITHIN_MS,
      encoding: 'utf8',
    });
    if (error) return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'Go is not installed' : error.message;
    if (status !== 0) return `go install failed: ${stderr.trim().split('\n').at(-1)}`;
    renameSync(join(folder, 'versitygw'), target);
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts a server with these buckets; the caller stops it. */
export async function startS3Server(binary: string, buckets: readonly string[]): Promise<S3Server> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-s3-'));
  for (const part of ['data', 'sidecar']) mkdirSync(join(folder, part));
  for (const bucket of buckets) mkdirSync(join(folder, 'data', bucket));
  const port = await choosePort(0, new Set());
  const credentials = { key: 'understudy-test', secret: 'understudy-test-secret' };
  // Metadata in a folder of their own: not every file system of a test machine has extended attributes.
  const args = ['--port', `${LOOPBACK}:${port}`, '--quiet', 'posix', '--sidecar', join(folder, 'sidecar')];
  const server = spawn(binary, [...args, join(folder, 'data')], {
    env: { PATH: process.env['PATH'], ROOT_ACCESS_KEY: credentials.key, ROOT_SECRET_KEY: credentials.secret },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  server.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const deadline = performance.now() + 20_000;
  while (await isFree(port)) {
    if (server.exitCode !== null || performance.now() > deadline) throw new Error(`versitygw does not start: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    endpoint: `http://${LOOPBACK}:${port}`,
    folder: join(folder, 'data'),
    variables: {
      AWS_ACCESS_KEY_ID: credentials.key,
      AWS_SECRET_ACCESS_KEY: credentials.secret,
      AWS_ENDPOINT_URL_S3: `http://${LOOPBACK}:${port}`,
    },
    async stop() {
      server.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
