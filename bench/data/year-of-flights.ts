// A stack with the example on a wall clock, and the ingest-and-featurize steps that the data benchmarks time on it.
import { join } from 'node:path';
import { deploy } from '../../src/client/definitions-client';
import { loadDefinition } from '../../src/definition/catalog';
import { planDigest } from '../../src/definition/digest';
import { backfillId } from '../../src/domain/ids';
import type { Day } from '../../src/domain/days';
import { openServices, type Services } from '../../scripts/proof/services';
import { discard, makeHome, startStackProcess, type StackProcess } from '../../scripts/proof/stack-process';

export const MODEL = 'flight-delay';
export const YEAR: { readonly from: Day; readonly to: Day } = { from: '2013-01-01', to: '2013-12-31' };

/** A running stack with the example deployed and no data yet. */
export interface Year {
  readonly stack: StackProcess;
  readonly services: Services;
  /** From the message to the end of its workflow, in seconds. */
  backfill(from: Day, to: Day): Promise<number>;
  close(): Promise<void>;
}

/** Starts a stack in an empty home. The clock is the wall's, so that every day of 2013 is available. */
export async function openYear(packageRoot: string): Promise<Year> {
  const stack = await startStackProcess({ packageRoot, home: makeHome() });
  const services = await openServices(stack.addresses());
  const { stores, lifecycles, schedules, client } = services;
  const { plan } = loadDefinition(join(packageRoot, 'models'), MODEL);
  await deploy(
    { stores, lifecycles, schedules },
    { plan, digest: planDigest(plan), codeCommit: 'bench', clock: 'wall' },
  );
  let requests = 0;
  return {
    stack,
    services,
    async backfill(from, to) {
      const request = `bench-${++requests}`;
      const started = performance.now();
      await lifecycles.backfill(MODEL, { from, to, by: 'bench' }, request);
      await finished(client, backfillId(MODEL, from, to, request));
      return (performance.now() - started) / 1000;
    },
    async close() {
      await services.close();
      await discard(stack);
    },
  };
}

/** The lifecycle starts its child a moment after it has answered. */
async function finished(client: Services['client'], workflowId: string): Promise<void> {
  for (;;) {
    try {
      await client.workflow.getHandle(workflowId).result();
      return;
    } catch (error) {
      if ((error as Error).name !== 'WorkflowNotFoundError') throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
