// What the views of some days would be computed from now, and the keys that this gives: known before anything is computed.
// Invariant: needs metadata only, a few queries for any number of days; no engine and no artifact.
import { reachOf, viewLevels, viewNamed } from '../../data/derive/view-graph';
import { bindablePartitions, featureKey } from '../../data/derive/view-inputs';
import { dataOwner } from '../../domain/data/data-owner';
import { addDays, daysBetween, type Day, type IsoTimestamp } from '../../domain/days';
import { UnderstudyError } from '../../domain/failures';
import type { PartitionRevision } from '../../domain/data/partitions';
import type { FeatureViewPlan, ModelPlan } from '../../domain/plan/plan';
import type { Stores } from '../../ports/stores';

/** A view on a day with the inputs that it sees now, and the key that they give. */
export interface WantedFeatures {
  readonly key: string;
  readonly view: FeatureViewPlan;
  readonly day: Day;
  /** Accepted partitions of tables. */
  readonly inputs: readonly PartitionRevision[];
  /** Features of other views, in the order of view and day. */
  readonly inner: readonly WantedFeatures[];
}

/** What of a range of days is not computed yet. */
export interface MissingFeatures {
  /** Days with a partition of the entity table of which a view is missing. */
  readonly days: readonly Day[];
  /** Days without a partition of the entity table: there is nothing to compute from. */
  readonly withoutEntities: readonly Day[];
  /** Feature partitions that are missing, of so many. */
  readonly missing: number;
  readonly of: number;
}

/** Asks which features there should be. */
export interface FeatureKeys {
  /**
   * What the views of these days would be computed from now; days without a partition of the entity table are left out.
   * @param asOf - revisions that became available later are not seen. Default: the newest ones.
   */
  wanted(plan: ModelPlan, days: readonly Day[], asOf?: IsoTimestamp): Promise<WantedFeatures[]>;
  /** What a range of days lacks, both ends included: one query for each table, and one for all keys. */
  missing(plan: ModelPlan, from: Day, to: Day): Promise<MissingFeatures>;
}

/** See {@link FeatureKeys}. */
export function createFeatureKeys({ partitions, features }: Pick<Stores, 'partitions' | 'features'>): FeatureKeys {
  async function wanted(plan: ModelPlan, days: readonly Day[], asOf?: IsoTimestamp): Promise<WantedFeatures[]> {
    const revisions = await newestRevisions(plan, days, asOf);
    return wantedOf(plan, days, (table, day) => revisions.get(`${table}/${day}`));
  }

  async function newestRevisions(
    plan: ModelPlan,
    days: readonly Day[],
    asOf: IsoTimestamp | undefined,
  ): Promise<Map<string, PartitionRevision>> {
    const sorted = [...days].sort();
    const revisions = new Map<string, PartitionRevision>();
    if (sorted.length === 0) return revisions;
    // The entities of the days before decide whether a view that is read has a partition there.
    const furthest = Math.max(0, ...Object.keys(plan.tables).map((table) => reachOf(plan, table)));
    const read = Object.keys(plan.tables).flatMap((table) => {
      const reach = table === plan.entity.table ? furthest : reachOf(plan, table);
      return reach < 0 ? [] : [{ table, from: addDays(sorted[0]!, -reach) }];
    });
    await Promise.all(
      read.map(async ({ table, from }) => {
        for (const revision of await partitions.newest(dataOwner(plan), table, from, sorted.at(-1)!, asOf))
          revisions.set(`${table}/${revision.partition}`, revision);
      }),
    );
    return revisions;
  }

  return {
    wanted,
    async missing(plan, from, to) {
      const days = daysBetween(from, to);
      const all = await wanted(plan, days);
      const absent = new Set(await features.missing(all.map(({ key }) => key)));
      const withEntities = new Set(all.map(({ day }) => day));
      const lacking = new Set(all.filter(({ key }) => absent.has(key)).map(({ day }) => day));
      return {
        days: days.filter((day) => lacking.has(day)),
        withoutEntities: days.filter((day) => !withEntities.has(day)),
        missing: absent.size,
        of: all.length,
      };
    },
  };
}

/** Digest of the partition of the entity table that features are computed for: it is always among what they see. */
export function entityDigest({ entity }: ModelPlan, { inputs, day, view }: WantedFeatures): string {
  const found = inputs.find(({ table, partition }) => table === entity.table && partition === day);
  if (found) return found.data.sha256;
  throw new UnderstudyError('INTERNAL', `view ${view.name} does not see ${entity.table} of ${day}`);
}

/** The same of known revisions: pure. Inner views are followed as far as they reach. */
function wantedOf(
  plan: ModelPlan,
  days: readonly Day[],
  revisionOf: (table: string, day: Day) => PartitionRevision | undefined,
): WantedFeatures[] {
  viewLevels(plan); // refuses cycles
  const made = new Map<string, WantedFeatures | null>();
  return days.flatMap((day) => plan.features.flatMap((view) => make(view, day) ?? []));

  function make(view: FeatureViewPlan, day: Day): WantedFeatures | null {
    const name = `${view.name}/${day}`;
    let found = made.get(name);
    if (found === undefined) {
      found = revisionOf(plan.entity.table, day) ? combine(view, day) : null;
      made.set(name, found);
    }
    return found;
  }

  function combine(view: FeatureViewPlan, day: Day): WantedFeatures {
    const inputs: PartitionRevision[] = [];
    const inner: WantedFeatures[] = [];
    for (const { table, partition } of bindablePartitions(plan, view, day)) {
      const read = viewNamed(plan, table);
      const features = read && make(read, partition);
      const revision = read ? undefined : revisionOf(table, partition);
      if (features) inner.push(features);
      if (revision) inputs.push(revision);
    }
    const key = featureKey(plan, view, day, [
      ...inputs.map(({ table, partition, data }) => ({ table, partition, sha256: data.sha256 })),
      ...inner.map((each) => ({ table: each.view.name, partition: each.day, sha256: each.key })),
    ]);
    return { key, view, day, inputs, inner };
  }
}
