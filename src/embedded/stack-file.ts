// The file <home>/stack.json with the addresses of a running stack: written by the stack, read by the CLI, tests and the demo.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const StackFile = z.object({
  temporal: z.object({ address: z.string(), namespace: z.string(), ui: z.string().nullable() }),
  databaseUrl: z.string(),
  artifactStore: z.string(),
  servingUrl: z.string(),
  pids: z.record(z.string(), z.number()),
  startedAt: z.string(),
});
export type StackAddresses = z.infer<typeof StackFile>;

/** Addresses of the stack that runs, or ran last, in a home; null when there is none. */
export function readStack(home: string): StackAddresses | null {
  try {
    return StackFile.parse(JSON.parse(readFileSync(join(home, 'stack.json'), 'utf8')));
  } catch {
    return null;
  }
}

/** Holds the database's password, so it is for the owner only. */
export function writeStack(home: string, stack: StackAddresses): void {
  mkdirSync(home, { recursive: true });
  const scratch = join(home, `stack.json.${process.pid}`);
  writeFileSync(scratch, `${JSON.stringify(stack, null, 2)}\n`, { mode: 0o600 });
  renameSync(scratch, join(home, 'stack.json'));
}

export function removeStack(home: string): void {
  rmSync(join(home, 'stack.json'), { force: true });
}
