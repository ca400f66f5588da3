// Which code runs: recorded with every definition and version, so that a result can be made again.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const GIT_TIMEOUT_MS = 5_000;

/**
 * The git commit of the checkout that holds `directory`, with `-dirty` when tracked files differ from it; where there is no checkout
 * (an installed package, a container), the version of the nearest package.json as `v0.1.0`.
 */
export async function codeCommit(directory: string): Promise<string> {
  try {
    const { stdout: commit } = await git(directory, 'rev-parse', 'HEAD');
    const { stdout: changed } = await git(directory, 'status', '--porcelain', '--untracked-files=no');
    return `${commit.trim()}${changed.trim() === '' ? '' : '-dirty'}`;
  } catch {
    return packageVersion(directory);
  }
}

function git(directory: string, ...args: string[]): Promise<{ stdout: string }> {
  return run('git', ['-C', directory, ...args], { timeout: GIT_TIMEOUT_MS });
}

async function packageVersion(directory: string): Promise<string> {
  try {
    const { version } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as { version?: string };
    if (version) return `v${version}`;
  } catch {
    // No package here; the folder above may have one.
  }
  const parent = dirname(directory);
  return parent === directory ? 'unknown' : packageVersion(parent);
}
