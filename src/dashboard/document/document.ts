// The document about a model's data: a pure function of the plan and the recorded facts. `docs --json` prints it, the page shows it.
import type { Day } from '../../domain/days';
import type { CheckOutcome, ColumnDescription } from '../../domain/data/partitions';
import type { ColumnPlan, FeatureViewPlan, ModelPlan, TablePlan } from '../../domain/plan/plan';
import type { Task } from '../../domain/evaluation/task';
import { coverageOf, summaryOf, type CoverageSummary, type DayCoverage } from './coverage';
import type { CheckFact, DataFacts, RejectionFact, TableFacts, ViewFacts } from './facts';
import { lineageOf, type Lineage } from './lineage';
import { assumptionSentence, columnRules, partitionRuleSentences } from './rule-words';
import { availabilitySentences, sourceSentence, sourceSql } from './source-words';

/** Rejections that a table lists, the newest first. */
const REJECTIONS_SHOWN = 10;

/** A column of a contract with its numbers over the range; null: none are kept. */
export interface ColumnDocument {
  readonly name: string;
  readonly type: ColumnPlan['type'];
  readonly nullable: boolean;
  readonly key: boolean;
  readonly sql: string | null;
  readonly rules: readonly string[];
  readonly numbers: ColumnDescription | null;
}

/** A check that did more than pass within the range, with the newest thing that it found. */
export interface CheckDocument {
  readonly check: string;
  readonly kind: CheckOutcome['kind'];
  readonly warned: number;
  readonly quarantined: number;
  readonly rejected: number;
  /** Rows concerned, over all deliveries. */
  readonly rows: number;
  readonly last: { readonly day: Day; readonly found: string; readonly allowed: string };
}

export interface TableDocument {
  readonly name: string;
  readonly roles: readonly string[];
  readonly source: { readonly format: string; readonly sentence: string; readonly sql: string | null };
  readonly availability: readonly string[];
  readonly columns: readonly ColumnDocument[];
  readonly key: readonly string[];
  readonly rowRules: TablePlan['rowRules'];
  readonly partitionRules: readonly string[];
  readonly assumptions: readonly {
    readonly name: string;
    readonly description: string;
    readonly sentence: string;
    readonly sql: string | null;
  }[];
  readonly watermark: Day | null;
  /** Of the range; rows are those of the newest revisions, `quarantinedRows` those that they set aside. */
  readonly totals: {
    readonly partitions: number;
    readonly rows: number;
    readonly quarantinedRows: number;
    readonly rejectedDeliveries: number;
  };
  readonly coverage: CoverageSummary;
  readonly days: readonly DayCoverage[];
  readonly checks: readonly CheckDocument[];
  readonly rejections: readonly RejectionFact[];
}

export type ViewDocument = Pick<FeatureViewPlan, 'name' | 'description' | 'owner' | 'reads' | 'features' | 'sql'> &
  ViewFacts;

/** All that the page says. */
export interface DataDocument extends Pick<
  DataFacts,
  'definitionDigest' | 'codeCommit' | 'clock' | 'madeAt' | 'asOf' | 'from' | 'to' | 'champion'
> {
  readonly model: string;
  readonly task: Task;
  readonly description: string;
  readonly timeZone: string;
  readonly entity: ModelPlan['entity'];
  readonly label: ModelPlan['label'];
  readonly tables: readonly TableDocument[];
  readonly views: readonly ViewDocument[];
  readonly lineage: Lineage;
}

const NO_TABLE: TableFacts = {
  partitions: [],
  rejections: [],
  checks: [],
  columns: {},
  watermark: null,
  deadlineMs: 0,
};
const NO_VIEW: ViewFacts = { version: null, daysStored: 0, rowsStored: 0, sharedWith: [] };

/** Puts plan and facts together. Tables and views that the facts do not name have nothing recorded. */
export function dataDocument(plan: ModelPlan, facts: DataFacts): DataDocument {
  const { definitionDigest, codeCommit, clock, madeAt, asOf, from, to, champion } = facts;
  return {
    model: plan.name,
    task: plan.task,
    description: plan.description,
    ...{ definitionDigest, codeCommit, clock, madeAt, asOf, from, to, champion },
    timeZone: plan.timeZone,
    entity: plan.entity,
    label: plan.label,
    tables: Object.entries(plan.tables).map(([name, table]) =>
      tableDocument(plan, name, table, facts, facts.tables[name] ?? NO_TABLE),
    ),
    views: plan.features.map(({ name, description, owner, reads, features, sql }) => ({
      ...{ name, description, owner, reads, features, sql },
      ...(facts.views[name] ?? NO_VIEW),
    })),
    lineage: lineageOf(plan, champion),
  };
}

function tableDocument(
  plan: ModelPlan,
  name: string,
  table: TablePlan,
  { asOf, from, to }: DataFacts,
  facts: TableFacts,
): TableDocument {
  const { start, end } = plan.snapshot;
  const rule = { availableAt: table.availableAt, timeZone: plan.timeZone, asOf, start, end: end ?? null };
  const days = coverageOf(facts, from, to, rule);
  const sum = (of: (partition: TableFacts['partitions'][number]) => number): number =>
    facts.partitions.reduce((total, partition) => total + of(partition), 0);
  return {
    name,
    roles: [...(plan.entity.table === name ? ['entity'] : []), ...(plan.label.table === name ? ['label'] : [])],
    source: {
      format: table.source.format,
      sentence: sourceSentence(table.source),
      sql: sourceSql(table.source),
    },
    availability: availabilitySentences(table, plan.timeZone),
    columns: Object.entries(table.columns).map(([column, columnPlan]) => ({
      name: column,
      type: columnPlan.type,
      nullable: columnPlan.nullable,
      key: table.key.includes(column),
      sql: columnPlan.sql ?? null,
      rules: columnRules(columnPlan),
      numbers: facts.columns[column] ?? null,
    })),
    key: table.key,
    rowRules: table.rowRules,
    partitionRules: partitionRuleSentences(table),
    assumptions: table.assumptions.map((assumption) => ({
      name: assumption.name,
      description: assumption.description,
      sentence: assumptionSentence(assumption),
      sql: assumption.check.test === 'sql' ? assumption.check.sql : null,
    })),
    watermark: facts.watermark,
    totals: {
      partitions: facts.partitions.length,
      rows: sum(({ rows }) => rows),
      quarantinedRows: sum(({ quarantinedRows }) => quarantinedRows),
      rejectedDeliveries: facts.rejections.length,
    },
    coverage: summaryOf(days),
    days,
    checks: noticedChecks(facts.checks),
    rejections: [...facts.rejections].sort((a, b) => (a.at < b.at ? 1 : -1)).slice(0, REJECTIONS_SHOWN),
  };
}

/** Checks that did more than pass, those that did it most often first. */
function noticedChecks(checks: readonly CheckFact[]): CheckDocument[] {
  const byName = new Map<string, { -readonly [K in keyof CheckDocument]: CheckDocument[K] }>();
  for (const { day, outcomes } of checks) {
    for (const { check, kind, verdict, found, allowed, rows } of outcomes) {
      if (verdict === 'passed') continue;
      const known = byName.get(check);
      const entry = known ?? {
        check,
        kind,
        warned: 0,
        quarantined: 0,
        rejected: 0,
        rows: 0,
        last: { day, found, allowed },
      };
      if (!known) byName.set(check, entry);
      entry[verdict] += 1;
      entry.rows += rows ?? 0;
      if (day >= entry.last.day) entry.last = { day, found, allowed };
    }
  }
  const times = (each: CheckDocument): number => each.warned + each.quarantined + each.rejected;
  return [...byName.values()].sort((a, b) => times(b) - times(a) || (a.check < b.check ? -1 : 1));
}
