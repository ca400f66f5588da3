// What a delivery is checked against besides its contract: recent and earlier partitions of its table, partitions that it refers to, the label.
import type { CheckSurroundings, DayFile, RecentPartition } from '../data/check/check-request';
import { durationMs } from '../definition/settings';
import { addDays, type Day } from '../domain/days';
import type { ModelPlan, TablePlan } from '../domain/plan';
import type { PartitionRevision } from '../domain/partitions';
import type { DataDependencies } from './dependencies';

export interface SurroundingsReader {
  /** By column with `references`: the newest accepted revision of the other table up to the day; null: none. */
  referenced(
    plan: ModelPlan,
    table: string,
    partition: Day,
  ): Promise<Readonly<Record<string, PartitionRevision | null>>>;
  /** Oldest first; sketches only where the contract needs them. */
  recent(plan: ModelPlan, table: string, partition: Day): Promise<RecentPartition[]>;
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

  async function earlier(model: string, table: string, contract: TablePlan, partition: Day): Promise<DayFile[]> {
    const days = lookBackDays(contract);
    if (days === 0) return [];
    const found = await partitions.newest(model, table, addDays(partition, -days), addDays(partition, -1));
    return Promise.all(found.map(dayFile));
  }

  async function label(plan: ModelPlan, table: string, partition: Day): Promise<CheckSurroundings['label']> {
    const { columns, partitionRules } = plan.tables[table]!;
    const { key } = plan.entity;
    if (!partitionRules.labelMirror || !columns[key]) return null;
    const { sql } = plan.label;
    if (plan.label.table === table) return { key, sql, path: null };
    const [known] = await partitions.newest(plan.name, plan.label.table, partition, partition);
    return known ? { key, sql, path: (await dayFile(known)).path } : null;
  }

  return {
    async referenced(plan, table, partition) {
      const found: Record<string, PartitionRevision | null> = {};
      for (const [column, { references }] of Object.entries(plan.tables[table]!.columns)) {
        if (references) found[column] = await newestUpTo(plan.name, references.table, partition);
      }
      return found;
    },

    async recent(plan, table, partition) {
      const contract = plan.tables[table]!;
      const { recent } = contract.partitionRules;
      const found = await partitions.statistics(plan.name, table, partition, recent, needsSketches(contract));
      return found.reverse();
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
        earlier: await earlier(plan.name, table, contract, partition),
        label: await label(plan, table, partition),
        sourceTypes: hasTypes(contract) ? await checks.sourceTypes(plan.name, table, partition) : null,
      };
    },
  };
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
