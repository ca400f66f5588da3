// The work that an arrival, a schedule or a person leads to, in the order in which the workflows ask for it; what a finished activity gave is
// remembered, so that work that died goes on as a workflow does: with the first activity that has not reported back.
import type { Day } from '../../../../src/domain/days';
import type { SnapshotRef } from '../../../../src/domain/data/partitions';
import type { CycleContext, Delivery, IngestResult, StepContext } from '../../../../src/ports/activities';
import { AS_OF, CYCLE_DAY, PARTITIONS, STRANGE_RULE, type Partition } from './model';
import type { DataWorker } from './place';

/** What is to be done. */
export type Order =
  /** Without `uri`: what lies where the path template looks. */
  | ({ readonly do: 'deliver'; readonly uri?: string } & Partition)
  | { readonly do: 'ingest-missing' }
  | { readonly do: 'featurize'; readonly days: readonly Day[] }
  /** A person lets in the rows with strange values. */
  | ({ readonly do: 'release' } & Partition)
  | { readonly do: 'fix-snapshot' }
  | { readonly do: 'compact' };

/** An order with the results of the activities that have ended. */
export interface Work {
  readonly order: Order;
  readonly results: Map<string, unknown>;
}

/** New work. */
export function workFor(order: Order): Work {
  return { order, results: new Map() };
}

/** Whether an activity of the work has ended and told its result. */
export function hasEnded(work: Work, activity: string): boolean {
  return work.results.has(activity);
}

/** The snapshot that the work has fixed; null: none yet. */
export function fixedBy(work: Work): SnapshotRef | null {
  const fixed = work.results.get('fixSnapshot') as { readonly snapshot: SnapshotRef } | undefined;
  return fixed?.snapshot ?? null;
}

/** What every activity of the model's steps is told. */
export function contextOf(model: string, definitionDigest: string): StepContext {
  return { model, definitionDigest, asOf: AS_OF };
}

/** What the steps of the one cycle are told. */
export function cycleOf(context: StepContext): CycleContext {
  return { ...context, cycle: `cycle/${context.model}/${CYCLE_DAY}`, logicalTime: CYCLE_DAY };
}

/** Does what is left of the work; gives the results of its ingest. Fails as the activities fail. */
export async function perform(worker: DataWorker, context: StepContext, work: Work): Promise<readonly IngestResult[]> {
  const once = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
    if (!work.results.has(name)) work.results.set(name, await run());
    return work.results.get(name) as T;
  };
  /** As the workflow `ingestPartition` does. */
  const ingest = async ({ table, day }: Partition, deliveries: readonly Delivery[]): Promise<IngestResult[]> => {
    const partitions = [{ table, partition: day }];
    const results = await once('ingestDeliveries', () => worker.run('ingestDeliveries', { ...context, deliveries }));
    if (results.some(({ reopened }) => reopened)) {
      const days = await once('dependentDays', () => worker.run('dependentDays', { ...context, partitions }));
      if (days.length > 0) await once('featurizeDays', () => worker.run('featurizeDays', { ...context, days }));
    } else if (results.some(({ outcome }) => outcome !== 'rejected')) {
      await once('refreshOnline', () => worker.run('refreshOnline', context));
    }
    return results;
  };
  const { order } = work;
  switch (order.do) {
    case 'featurize':
      await once('featurizeDays', () => worker.run('featurizeDays', { ...context, days: order.days }));
      return [];
    case 'ingest-missing': {
      const partitions = PARTITIONS.map(({ table, day }) => ({ table, partition: day }));
      return once('ingestMissing', () => worker.run('ingestMissing', { ...context, partitions }));
    }
    case 'deliver': {
      const { table, day, uri } = order;
      const request = { table, partition: day, ...(uri === undefined ? {} : { uri }) };
      const { found } = await once('locateDeliveries', () =>
        worker.run('locateDeliveries', { ...context, request, exact: true }),
      );
      return ingest(order, found);
    }
    case 'release': {
      const { table, day } = order;
      const verdict = { verdict: 'released', by: 'ann', reason: 'they are right' } as const;
      const rows = { model: context.model, table, partition: day, rule: STRANGE_RULE[table], asOf: AS_OF };
      await once('recordQuarantineVerdict', () => worker.run('recordQuarantineVerdict', { ...rows, ...verdict }));
      const newest = await once('newestDelivery', () =>
        worker.run('newestDelivery', { ...context, table, partition: day }),
      );
      return newest === null ? [] : ingest(order, [newest]);
    }
    case 'fix-snapshot':
      await once('fixSnapshot', () => worker.run('fixSnapshot', cycleOf(context)));
      return [];
    case 'compact':
      await once('compactFeatures', () => worker.run('compactFeatures', context));
      return [];
  }
}
