// The demo's own folder: emptied for a clean run, with its own copy of the models, so that source files can be damaged there.
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UnderstudyError } from '../../../src/domain/failures';
import { readLive, stopLeftOvers } from '../../../src/embedded/pid-files';

/** Settings of a person's own services: the demo starts everything itself, in its own folder. */
const FOREIGN = [
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'TEMPORAL_PROFILE',
  'TEMPORAL_API_KEY',
  'DATABASE_URL',
  'ARTIFACT_STORE',
  'SERVING_URL',
] as const;

/**
 * Makes the folder ready: without `keep` what an earlier run left there is removed, after its processes were stopped.
 * @throws UnderstudyError STACK_NOT_OBTAINED - another demo runs there.
 */
export async function prepareHome(home: string, models: string, keep: boolean): Promise<string> {
  const run = join(home, 'run');
  const other = readLive(run, 'supervisor');
  if (other)
    throw new UnderstudyError(
      'STACK_NOT_OBTAINED',
      `another demo runs in ${home} (process ${other.pid}); wait for its end or stop it`,
    );
  await stopLeftOvers(run, []);
  if (!keep) rmSync(home, { recursive: true, force: true });
  const copy = join(home, 'models');
  mkdirSync(home, { recursive: true });
  rmSync(copy, { recursive: true, force: true });
  cpSync(models, copy, { recursive: true });
  return copy;
}

/** The environment of everything that the demo starts. */
export function demoEnvironment(
  outer: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  const kept = Object.entries(outer).filter(([name]) => !(FOREIGN as readonly string[]).includes(name));
  return { ...Object.fromEntries(kept), ...own };
}
