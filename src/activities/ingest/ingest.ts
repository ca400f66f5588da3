// Ingest: find what was delivered, check it against its contract, store it once. A rejected partition is a result that is told, never a crash,
// and nothing of it is stored.
import { reachOf } from '../../data/derive/view-graph';
import { dataOwner } from '../../domain/data/data-owner';
import { checkSteps } from '../../domain/data/contracts';
import { addDays, type Day } from '../../domain/days';
import { UnderstudyError, type FailureCode } from '../../domain/failures';
import type { DuePartition } from '../../domain/lifecycle/lifecycle';
import type { ModelPlan } from '../../domain/plan/plan';
import { availableAt } from '../../domain/zones';
import type { DataActivities, Delivery, IngestResult, StepContext } from '../../ports/activities';
import { isAvailable, newestAvailable, notYet } from '../availability';
import { heartbeating } from '../boundary';
import { createDeliveryIngest } from './check-delivery';
import { createDeliveryStandings } from '../deliveries/delivery-standing';
import { createDeliveryFinder, type FindOptions, type FoundRows } from '../deliveries/deliveries';
import type { DataDependencies } from '../dependencies';
import { inDayOrder } from './in-day-order';
import { planLoader } from '../plans';

type IngestActivities = Pick<
  DataActivities,
  'locateDeliveries' | 'ingestDeliveries' | 'ingestMissing' | 'dependentDays'
>;

export function createIngestActivities(dependencies: DataDependencies): IngestActivities {
  const { stores } = dependencies;
  const { partitions } = stores;
  const loadPlan = planLoader(stores.definitions);
  const finder = createDeliveryFinder(dependencies);
  const ingestOne = createDeliveryIngest(dependencies);
  const standings = createDeliveryStandings(dependencies);

  /** A source that has no rows or no file is told as missing; one that cannot be read at all counts as rejected. */
  async function locate(
    plan: ModelPlan,
    table: string,
    partition: Day,
    options: FindOptions,
    uri?: string,
    sha256?: string,
  ): Promise<Delivery | null> {
    return deliveryOf(plan, table, partition, await finder.find(plan, table, partition, uri, sha256, options));
  }

  async function deliveryOf(
    plan: ModelPlan,
    table: string,
    partition: Day,
    { raw, fileName }: FoundRows,
  ): Promise<Delivery | null> {
    return raw && standings.of(plan, { table, partition, sha256: raw.sha256, uri: fileName });
  }

  return {
    locateDeliveries: ({ definitionDigest, asOf, request, exact }) =>
      heartbeating(async (progress, signal) => {
        const { plan } = await loadPlan(definitionDigest);
        const found: Delivery[] = [];
        const missing: DuePartition[] = [];
        for (const table of request.table ? [request.table] : Object.keys(plan.tables)) {
          const partition = exact ? request.partition : newestAvailable(plan, table, request.partition, asOf);
          if (partition < plan.snapshot.start) continue;
          if (!isAvailable(plan, table, partition, asOf)) {
            if (request.table) throw notYet(plan, table, partition, asOf);
            continue;
          }
          try {
            const options: FindOptions = { onProgress: progress, signal };
            const delivery = await locate(plan, table, partition, options, request.uri, request.sha256);
            if (delivery) found.push(delivery);
            else missing.push(due(plan, table, partition));
          } catch (error) {
            if (!(error instanceof UnderstudyError)) throw error;
            if (request.uri && error.code === 'SOURCE_UNAVAILABLE') throw notAnswering(error);
            if (request.uri) throw error;
            // A source that does not answer is looked at again later, and one that is damaged must not hold up the other tables.
            const absent = error.code === 'SOURCE_NOT_FOUND' || error.code === 'SOURCE_UNAVAILABLE';
            const damaged = error.code === 'SOURCE_UNREADABLE' && request.table === undefined;
            if (!absent && !damaged) throw error;
            missing.push({ ...due(plan, table, partition), ...(damaged ? { unreadable: true } : {}) });
          }
        }
        return { found, missing };
      }),

    ingestDeliveries: (input) =>
      heartbeating(async (progress) => {
        const { plan } = await loadPlan(input.definitionDigest);
        const results: IngestResult[] = [];
        const order = checkSteps(plan).flat();
        const inOrder = [...input.deliveries].sort((a, b) => order.indexOf(a.table) - order.indexOf(b.table));
        for (const delivery of inOrder) {
          results.push(await ingestOne(input, plan, delivery));
          progress({ done: results.length, of: input.deliveries.length });
        }
        return results;
      }),

    ingestMissing: (input) =>
      heartbeating(async (progress, signal) => {
        const { plan } = await loadPlan(input.definitionDigest);
        const stored = await storedNames(dataOwner(plan), input.partitions);
        const wanted = input.partitions.filter(
          ({ table, partition }) =>
            !stored.has(`${table}/${partition}`) && isAvailable(plan, table, partition, input.asOf),
        );
        let done = 0;
        const options: FindOptions = { onProgress: progress, signal };
        return inDayOrder(wanted, checkSteps(plan), {
          find: ({ table, partition }) => finder.find(plan, table, partition, undefined, undefined, options),
          async ingest({ table, partition }, found) {
            const result = await ingestOrReject(input, plan, table, partition, found);
            progress({ done: ++done, of: wanted.length, day: partition });
            return result;
          },
          signal,
        });
      }),

    async dependentDays({ definitionDigest, partitions: changed }) {
      const { plan } = await loadPlan(definitionDigest);
      const days = new Set<Day>();
      for (const { table, partition } of changed) {
        const reach = reachOf(plan, table);
        if (reach < 0) continue;
        const known = await partitions.newest(dataOwner(plan), plan.entity.table, partition, addDays(partition, reach));
        for (const revision of known) days.add(revision.partition);
      }
      return [...days].sort();
    },
  };

  async function ingestOrReject(
    context: StepContext,
    plan: ModelPlan,
    table: string,
    partition: Day,
    found: Promise<FoundRows>,
  ): Promise<IngestResult> {
    const rejected = (message: string, missing: boolean): IngestResult => ({
      table,
      partition,
      outcome: 'rejected',
      rows: 0,
      quarantinedRows: 0,
      reopened: false,
      message,
      warnings: [],
      ...(missing ? { missing } : {}),
    });
    try {
      const delivery = await deliveryOf(plan, table, partition, await found);
      return delivery ? await ingestOne(context, plan, delivery) : rejected('its source has no rows for the day', true);
    } catch (error) {
      const expected = error instanceof UnderstudyError && MAY_COME_LATER.includes(error.code);
      if (!expected) throw error;
      return rejected(error.message, error.code === 'SOURCE_NOT_FOUND');
    }
  }

  async function storedNames(
    model: string,
    wanted: readonly { table: string; partition: Day }[],
  ): Promise<Set<string>> {
    const names = new Set<string>();
    for (const table of new Set(wanted.map((item) => item.table))) {
      const days = wanted.filter((item) => item.table === table).map((item) => item.partition);
      days.sort();
      for (const { partition } of await partitions.newest(model, table, days[0]!, days.at(-1)!))
        names.add(`${table}/${partition}`);
    }
    return names;
  }
}

function due(plan: ModelPlan, table: string, partition: Day): DuePartition {
  return { table, partition, availableAt: availableAt(plan.tables[table]!.availableAt, partition, plan.timeZone) };
}

/** Of a source: what a cycle or a backfill tells and goes on without; whoever waits for the partition looks again. */
const MAY_COME_LATER: readonly FailureCode[] = ['SOURCE_NOT_FOUND', 'SOURCE_UNREADABLE', 'SOURCE_UNAVAILABLE'];

/** An announced address is read in the lifecycle's main loop, which must not wait for a server that is away. */
function notAnswering(error: UnderstudyError): UnderstudyError {
  const message = `${error.message}; announce the delivery again once its server answers`;
  return new UnderstudyError('SOURCE_NOT_FOUND', message, error.details, { cause: error });
}
