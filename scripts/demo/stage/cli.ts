// Runs the product's own command line as a person would, in another process, and reads its JSON answer.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** Runs `understudy <args> --json` and gives what it printed. Fails with the command, its exit code and its words. */
export type Cli = <T = unknown>(...args: readonly string[]) => Promise<T>;

/** A command line with this environment. */
export function createCli(packageRoot: string, env: Readonly<Record<string, string>>): Cli {
  return (...args) =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [join(packageRoot, 'bin', 'understudy.js'), ...args, '--json'], {
        env: { ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
      child.once('error', reject);
      child.once('close', (code) => {
        if (code === 0) resolve((stdout.trim() === '' ? null : JSON.parse(stdout)) as never);
        else reject(new Error(`understudy ${args.join(' ')} ended with ${code}: ${stderr.trim()}`));
      });
    });
}
