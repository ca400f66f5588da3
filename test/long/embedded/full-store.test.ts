// A full artifact directory: work waits with STORE_FULL and goes on by itself once there is space; needs the right to mount a small file system.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Client } from '@temporalio/client';
import { problemsOf } from '../../../scripts/proof/effects';
import { openProvingGround, type ProvingGround } from '../../../scripts/proof/kills';
import { packageRootOf } from '../../../scripts/proof/stack-process';

const STORE_MB = 64;
/** Left free at first: some partitions fit, all of them do not. */
const FREE_BYTES = 64 * 1024;

const store = mkdtempSync(join(tmpdir(), 'understudy-small-store-'));
const mounted = mountSmall(store);
let ground: ProvingGround | undefined;

afterAll(async () => {
  await ground?.close();
  if (mounted) execFileSync('umount', ['--lazy', store]);
  rmSync(store, { recursive: true, force: true });
}, 60_000);

function mountSmall(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${STORE_MB}m,mode=0755`, 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Waits until an activity has failed for this reason and is waiting to be tried again. */
async function seenWaiting(client: Client, code: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  const seen = new Set<string>();
  for (;;) {
    for await (const { workflowId } of client.workflow.list({ query: 'ExecutionStatus = "Running"' })) {
      const { raw } = await client.workflow.getHandle(workflowId).describe();
      const failures = (raw.pendingActivities ?? []).map(
        ({ lastFailure }) => lastFailure?.applicationFailureInfo?.type,
      );
      for (const failure of failures) if (failure) seen.add(failure);
      if (seen.has(code)) return;
    }
    if (Date.now() > deadline)
      throw new Error(`no activity waits because of ${code} within 30 s; seen: ${[...seen].join(', ') || 'none'}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

(mounted ? it : it.skip)(
  'is waited for with STORE_FULL, and the life ends well once there is space',
  async () => {
    ground = await openProvingGround(packageRootOf(__dirname), { ARTIFACT_STORE: pathToFileURL(store).href });
    const { bavail, bsize } = statfsSync(store);
    writeFileSync(join(store, 'filler'), Buffer.alloc(bavail * bsize - FREE_BYTES));
    const living = ground.live('in-a-full-store');
    await Promise.race([seenWaiting(ground.services.client, 'STORE_FULL'), living]);
    rmSync(join(store, 'filler'));
    const effects = await living;
    expect(problemsOf(await ground.live('with-space'), effects)).toEqual([]);
  },
  150_000,
);
