// The work that an arrival or a schedule leads to, in the order in which the workflows ask for it; what a finished activity gave is
// remembered, so that work that died goes on as a workflow does: with the first activity that has not reported back.
import type { Day } from '../../../src/domain/days';
import type { IngestResult, StepContext } from '../../../src/ports/activities';
import type { DeliveryFile } from './delivery-files';
import { AS_OF, PARTITIONS } from './model';
import type { DataWorker } from './place';

/** What is to be done. */
export type Order =
  | ({ readonly do: 'deliver'; readonly uri: string } & DeliveryFile)
  | { readonly do: 'ingest-missing' }
  | { readonly do: 'featurize'; readonly days: readonly Day[] };

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

/** What every activity of the model's steps is told. */
export function contextOf(model: string, definitionDigest: string): StepContext {
  return { model, definitionDigest, asOf: AS_OF };
}

/** Does what is left of the work; gives the results of its ingest. Fails as the activities fail. */
export async function perform(worker: DataWorker, context: StepContext, work: Work): Promise<readonly IngestResult[]> {
  const once = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
    if (!work.results.has(name)) work.results.set(name, await run());
    return work.results.get(name) as T;
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
      const partitions = [{ table, partition: day }];
      const request = { table, partition: day, uri };
      const { found } = await once('locateDeliveries', () =>
        worker.run('locateDeliveries', { ...context, request, exact: true }),
      );
      const results = await once('ingestDeliveries', () =>
        worker.run('ingestDeliveries', { ...context, deliveries: found }),
      );
      if (results.some(({ reopened }) => reopened)) {
        const days = await once('dependentDays', () => worker.run('dependentDays', { ...context, partitions }));
        if (days.length > 0) await once('featurizeDays', () => worker.run('featurizeDays', { ...context, days }));
      } else if (results.some(({ outcome }) => outcome === 'accepted')) {
        await once('refreshOnline', () => worker.run('refreshOnline', context));
      }
      return results;
    }
  }
}
