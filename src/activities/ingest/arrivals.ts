// Looking for deliveries and for what is missing: expected partitions, the delivery behind a stored one, and what a backfill has to do.
// Invariant: nothing is stored here; what is found is ingested by the steps that check it.
import { dataOwner } from '../../domain/data/data-owner';
import { daysBetween, type Day } from '../../domain/days';
import { FAILURES, UnderstudyError } from '../../domain/failures';
import type { ModelPlan } from '../../domain/plan/plan';
import type { BackfillPlan, ControlActivities, DataActivities, Delivery, PollResult } from '../../ports/activities';
import { isAvailable } from '../availability';
import { heartbeating } from '../boundary';
import { createDeliveryFinder } from '../deliveries/deliveries';
import { createDeliveryStandings } from '../deliveries/delivery-standing';
import type { ControlDependencies, DataDependencies } from '../dependencies';
import { createFeatureKeys } from '../features/wanted-features';
import { planLoader } from '../plans';

type ArrivalActivities = Pick<DataActivities, 'pollDeliveries' | 'newestDelivery' | 'planBackfill'>;

export function createArrivalActivities(dependencies: DataDependencies): ArrivalActivities {
  const { stores, artifacts } = dependencies;
  const { partitions, checks } = stores;
  const standings = createDeliveryStandings(dependencies);
  const loadPlan = planLoader(stores.definitions);
  const finder = createDeliveryFinder(dependencies);
  const featureKeys = createFeatureKeys(stores);

  async function deliveryFor(plan: ModelPlan, table: string, partition: Day): Promise<Delivery | null> {
    const { raw, fileName } = await finder.find(plan, table, partition);
    return raw && standings.of(plan, { table, partition, sha256: raw.sha256, uri: fileName });
  }

  async function daysStored(plan: ModelPlan, table: string, from: Day, to: Day): Promise<Set<Day>> {
    return new Set((await partitions.newest(dataOwner(plan), table, from, to)).map(({ partition }) => partition));
  }

  return {
    pollDeliveries: ({ definitionDigest, asOf, partitions: wanted }) =>
      heartbeating(async (progress) => {
        const { plan } = await loadPlan(definitionDigest);
        const found: Delivery[] = [];
        const stored: { table: string; partition: Day }[] = [];
        const refused: PollResult['refused'][number][] = [];
        let done = 0;
        for (const { table, partition } of wanted) {
          if (!plan.tables[table] || !isAvailable(plan, table, partition, asOf)) continue;
          if ((await daysStored(plan, table, partition, partition)).size > 0) {
            stored.push({ table, partition });
            continue;
          }
          try {
            const delivery = await deliveryFor(plan, table, partition);
            if (delivery) found.push(delivery);
          } catch (error) {
            const reason = unreadable(error);
            if (reason !== null) refused.push({ table, partition, reason });
          }
          progress({ done: ++done, of: wanted.length });
        }
        return { found, stored, refused };
      }),

    newestDelivery: ({ definitionDigest, table, partition }) =>
      heartbeating(async () => {
        const { plan } = await loadPlan(definitionDigest);
        const judged = await checks.judgements(dataOwner(plan), table, partition);
        const newest = judged.filter(({ verdict }) => verdict === 'accepted').at(-1);
        if (!newest || !(await artifacts.has(newest.sha256))) return null;
        const { sha256 } = newest;
        // Where it is what lies at the source now, messages go on naming its file.
        const there = plan.tables[table] && (await finder.find(plan, table, partition).catch(() => null));
        const uri =
          there?.raw?.sha256 === sha256 ? there.fileName : `${table} of ${partition}, delivery ${sha256.slice(0, 12)}`;
        return standings.of(plan, { table, partition, sha256, uri });
      }),

    planBackfill: ({ definitionDigest, asOf, from, to, tables }) =>
      heartbeating(async (): Promise<BackfillPlan> => {
        const { plan } = await loadPlan(definitionDigest);
        // Days before the first one of the data have no source.
        const days = daysBetween(from < plan.snapshot.start ? plan.snapshot.start : from, to);
        const lacking = new Set<Day>();
        let stored = 0;
        for (const table of tables) {
          const known = await daysStored(plan, table, from, to);
          stored += known.size;
          for (const day of days) if (!known.has(day) && isAvailable(plan, table, day, asOf)) lacking.add(day);
        }
        const features = await featureKeys.missing(plan, from, to);
        return { ingestDays: days.filter((day) => lacking.has(day)), featureDays: features.days, stored };
      }),
  };
}

/** Why something that lies there cannot be read; null: nothing is there, or its server may answer the next time. */
function unreadable(error: unknown): string | null {
  if (!(error instanceof UnderstudyError)) throw error;
  if (error.code === 'SOURCE_NOT_FOUND' || error.code === 'SOURCE_UNAVAILABLE') return null;
  if (FAILURES[error.code].retryable) throw error;
  return `${error.code}: ${error.message}`;
}

/** The record of what became of deliveries, written by the control worker. */
export function createArrivalRecords({ stores }: ControlDependencies): Pick<ControlActivities, 'recordArrivals'> {
  return { recordArrivals: ({ arrivals }) => stores.arrivals.record(arrivals) };
}
