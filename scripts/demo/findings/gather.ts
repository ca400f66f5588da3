// Reads everything that the product recorded about the run: the material of the checks and of the reports. Reads only.
import type { Day } from '../../../src/domain/days';
import type { Evaluation } from '../../../src/domain/evaluation/evaluation';
import type { MonitorReport } from '../../../src/domain/monitoring/monitoring';
import type { AuditEntry, ModelVersion } from '../../../src/domain/lifecycle/registry';
import type { AuditLog, ModelRegistry, Outbox, PartitionStore, LoggedPrediction } from '../../../src/ports/stores';
import { inputOf, pastRun } from '../story/histories';
import { MODEL, type World } from '../stage/world';
import type { ScoredDay } from './pooled';
import { readScoredDay } from './scored-days';

type Listed<T extends (...args: never[]) => Promise<readonly unknown[]>> = Awaited<ReturnType<T>>[number];

/** A decision as recorded, with what the approvers said. */
export type RecordedDecision = Listed<ModelRegistry['decisions']>;
/** One move of the champion pointer. */
export type Move = Listed<ModelRegistry['moves']>;

/** One cycle that ended with a decision. */
export interface CycleFacts {
  readonly id: string;
  readonly logicalTime: Day;
  /** Why it was asked for. */
  readonly reason: string;
  /** Whether a verdict of the daily monitoring asked for it. */
  readonly askedByMonitoring: boolean;
  readonly seconds: number;
  /** The last decision of the cycle. */
  readonly decision: RecordedDecision;
  readonly versions: readonly { readonly version: ModelVersion; readonly evaluation: Evaluation | null }[];
  /** Who was champion after it. */
  readonly champion: number | null;
}

/** One day of predictions as logged. */
export interface ServedDay {
  readonly day: Day;
  readonly rows: number;
  readonly versions: readonly number[];
  /** Rows of the schedule of that day. */
  readonly scheduled: number;
}

/** All that was recorded. */
export interface Findings {
  readonly totals: Awaited<ReturnType<PartitionStore['totals']>>;
  readonly rejections: Awaited<ReturnType<PartitionStore['rejections']>>;
  readonly cycles: readonly CycleFacts[];
  readonly versions: readonly ModelVersion[];
  readonly moves: readonly Move[];
  readonly reports: readonly MonitorReport[];
  readonly served: readonly ServedDay[];
  readonly days: readonly ScoredDay[];
  readonly ledger: number;
  readonly audit: readonly AuditEntry[];
  readonly duplicates: Awaited<ReturnType<AuditLog['duplicates']>>;
  readonly outbox: Awaited<ReturnType<Outbox['list']>>;
}

const ALL = 1_000_000;

/** Reads all of it; one day of predictions at a time. */
export async function gather(world: World, show: (text: string) => void): Promise<Findings> {
  const { stores, plan } = world;
  const reports = await stores.monitoring.list(MODEL, plan.snapshot.start, '9999-12-31');
  const served: ServedDay[] = [];
  const days: ScoredDay[] = [];
  for (const report of reports) {
    show(`reading predictions and labels of ${report.day}`);
    const logged = await stores.predictions.list(MODEL, report.day, report.day);
    served.push(await servedDay(world, report.day, logged));
    const scored = await readScoredDay(world, report, logged);
    if (scored) days.push(scored);
  }
  show('reading decisions, moves, audit log and alerts');
  const versions = await stores.registry.list(MODEL);
  const moves = await stores.registry.moves(MODEL);
  return {
    totals: await stores.partitions.totals(MODEL),
    rejections: await stores.partitions.rejections(MODEL),
    cycles: await cyclesOf(world, versions),
    versions,
    moves,
    reports,
    served,
    days,
    ledger: await stores.ledger.count(MODEL),
    audit: await stores.audit.list(MODEL, ALL),
    duplicates: await stores.audit.duplicates(MODEL),
    outbox: await stores.outbox.list(MODEL, ALL),
  };
}

async function servedDay({ plan, stores }: World, day: Day, logged: readonly LoggedPrediction[]): Promise<ServedDay> {
  const [schedule] = await stores.partitions.newest(MODEL, plan.entity.table, day, day);
  const versions = [...new Set(logged.map(({ version }) => version))];
  return { day, rows: logged.length, versions, scheduled: schedule?.rows ?? 0 };
}

/** In the order of their decisions. A cycle that was judged again counts with its last decision. */
async function cyclesOf(world: World, versions: readonly ModelVersion[]): Promise<CycleFacts[]> {
  const { registry } = world.stores;
  const decisions = [...(await registry.decisions(MODEL, ALL))].reverse();
  const last = new Map(decisions.map((decision) => [decision.cycle, decision]));
  const cycles: CycleFacts[] = [];
  for (const decision of last.values()) {
    const id = decision.cycle;
    const run = await pastRun(world.temporal, id);
    const { reason } = await inputOf<{ readonly reason: string }>(world.temporal, id);
    const own = versions.filter(({ lineage }) => lineage.cycle === id);
    const evaluated = own.map(async (version) => ({
      version,
      evaluation: await registry.evaluation(MODEL, version.version, decision.snapshot),
    }));
    cycles.push({
      id,
      logicalTime: decision.logicalTime,
      reason,
      askedByMonitoring: reason.startsWith('monitoring of '),
      seconds: run?.closedAt ? (run.closedAt.getTime() - run.startedAt.getTime()) / 1000 : 0,
      decision,
      versions: await Promise.all(evaluated),
      champion: championAfter(decision),
    });
  }
  return cycles;
}

/** A proposal that needed an approval and did not get it changed nothing. */
function championAfter({ verdict, proposed, champion, approval }: RecordedDecision): number | null {
  const refused = approval !== null && approval.verdict !== 'approved';
  return verdict === 'promote' && proposed && !refused ? proposed.version : (champion?.version ?? null);
}
