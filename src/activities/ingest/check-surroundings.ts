// What a delivery is checked against besides its contract: recent and earlier partitions of its table, partitions that it refers to, the label.
import type { CheckSurroundings, DayFile, RecentPartition } from '../../data/check/check-request';
import { durationMs } from '../../definition/settings';
import { dataOwner } from '../../domain/data/data-owner';
import { addDays, type Day } from '../../domain/days';
import type { ModelPlan, TablePlan } from '../../domain/plan/plan';
import type { PartitionRevision } from '../../domain/data/partitions';
import { targetOf } from '../../domain/evaluation/task';
import type { DataDependencies } from '../dependencies';
import { digestOf } from '../digest';

export interface SurroundingsReader {
  /** By column with `references`: the newest accepted revision of the other table up to the day; null: none. */
  referenced(
    plan: ModelPlan,
    table: string,
    partition: Day,
  ): Promise<Readonly<Record<string, PartitionRevision | null>>>;
  /** Oldest first; sketches only where the contract needs them. */
  recent(plan: ModelPlan, table: string, partition: Day): Promise<RecentPartition[]>;
  /** Digest of all partitions that a delivery is compared with: while it stays, a rejection stays. */
  comparedWith(plan: ModelPlan, table: string, partition: Day): Promise<string>;
  read(
    plan: ModelPlan,
    table: string,
    partition: Day,
    referenced: Readonly<Record<string, PartitionRevision | null>>,
  ): Promise<CheckSurroundings>;
}

export function createSurroundingsReader({ stores, artifacts }: DataDependencies): SurroundingsReader {
  const { partitions, checks } = stores;

  async function dayFile(revision: PartitionRevision): Promise<DayFile> {
    return { partition: revision.partition, path: await artifacts.localPath(revision.data) };
  }

  async function newestUpTo(model: string, table: string, day: Day): Promise<PartitionRevision | null> {
    const [last] = await partitions.statistics(model, table, addDays(day, 1), 1);
    if (!last) return null;
    const [revision] = await partitions.newest(model, table, last.partition, last.partition);
    return revision ?? null;
  }

  async function earlier(plan: ModelPlan, table: string, partition: Day): Promise<PartitionRevision[]> {
    const days = lookBackDays(plan.tables[table]!);
    if (days === 0) return [];
    return partitions.newest(dataOwner(plan), table, addDays(partition, -days), addDays(partition, -1));
  }

  async function recent(plan: ModelPlan, table: string, partition: Day): Promise<RecentPartition[]> {
    const contract = plan.tables[table]!;
    const count = contract.partitionRules.recent;
    const found = await partitions.statistics(dataOwner(plan), table, partition, count, needsSketches(contract));
    return found.reverse();
  }

  /** The label's partition of the day, where the contract looks for columns that mirror it; null: it does not, or there is none. */
  async function labelled(plan: ModelPlan, table: string, partition: Day): Promise<PartitionRevision | null> {
    if (!looksForMirrors(plan, table) || plan.label.table === table) return null;
    const [known] = await partitions.newest(dataOwner(plan), plan.label.table, partition, partition);
    return known ?? null;
  }

  async function label(plan: ModelPlan, table: string, partition: Day): Promise<CheckSurroundings['label']> {
    if (!looksForMirrors(plan, table)) return null;
    const { key } = plan.entity;
    const { sql } = plan.label;
    const target = targetOf(plan);
    if (plan.label.table === table) return { key, sql, path: null, target };
    const known = await labelled(plan, table, partition);
    return known ? { key, sql, path: (await dayFile(known)).path, target } : null;
  }

  async function sourceTypes(
    plan: ModelPlan,
    table: string,
    partition: Day,
  ): Promise<CheckSurroundings['sourceTypes']> {
    return hasTypes(plan.tables[table]!) ? checks.sourceTypes(dataOwner(plan), table, partition) : null;
  }

  return {
    async referenced(plan, table, partition) {
      const found: Record<string, PartitionRevision | null> = {};
      for (const [column, { references }] of Object.entries(plan.tables[table]!.columns)) {
        if (references) found[column] = await newestUpTo(dataOwner(plan), references.table, partition);
      }
      return found;
    },

    recent,

    async comparedWith(plan, table, partition) {
      const days = await earlier(plan, table, partition);
      const mirrored = await labelled(plan, table, partition);
      return digestOf({
        recent: await recent(plan, table, partition),
        earlier: days.map(({ partition: day, data }) => [day, data.sha256]),
        label: mirrored?.data.sha256 ?? null,
        types: await sourceTypes(plan, table, partition),
      });
    },

    async read(plan, table, partition, referenced) {
      const contract = plan.tables[table]!;
      const { freshness } = contract.partitionRules;
      const references: Record<string, DayFile | null> = {};
      for (const [column, revision] of Object.entries(referenced)) {
        references[column] = revision && (await dayFile(revision));
      }
      return {
        timeZone: plan.timeZone,
        freshWithinMs: freshness ? durationMs(freshness.within) : null,
        references,
        earlier: await Promise.all((await earlier(plan, table, partition)).map(dayFile)),
        label: await label(plan, table, partition),
        sourceTypes: await sourceTypes(plan, table, partition),
      };
    },
  };
}

function looksForMirrors(plan: ModelPlan, table: string): boolean {
  const { columns, partitionRules } = plan.tables[table]!;
  return partitionRules.labelMirror !== undefined && columns[plan.entity.key] !== undefined;
}

/** How many days before the partition the assumptions of a contract read. */
function lookBackDays({ assumptions }: TablePlan): number {
  const reach = assumptions.map(({ overDays, check }) =>
    check.test === 'same-distribution' ? overDays - 1 + check.referenceDays : overDays - 1,
  );
  return Math.max(0, ...reach);
}

function needsSketches({ columns, partitionRules }: TablePlan): boolean {
  return partitionRules.distribution !== undefined || Object.values(columns).some(({ unseen }) => unseen !== 'accept');
}

/** Whether files of this format say which type a column has. */
function hasTypes({ source }: TablePlan): boolean {
  return source.format === 'parquet';
}
