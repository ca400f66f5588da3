// The run as JSON. Its keys are a contract: others read this file.
import type { Day } from '../../../src/domain/days';
import type { MetricSet, Verdict } from '../../../src/domain/evaluation/evaluation';
import type { MonitorVerdict } from '../../../src/domain/monitoring/monitoring';
import type { MoveReason } from '../../../src/domain/lifecycle/registry';
import { localDay } from '../../../src/domain/zones';
import type { ReceivedEvent } from '../stage/receiver';
import { MODEL } from '../stage/world';
import type { Journal } from '../story/journal';
import type { CycleFacts, Findings } from './gather';
import { contendersOf, pooledQuality } from './pooled';

interface SetMetrics {
  readonly logLoss: number | null;
  readonly rocAuc: number | null;
  readonly n: number;
}
interface Served {
  readonly logLoss: number | null;
  readonly rocAuc: number | null;
}

/** What `--report FILE.json` holds. Versions are integers, days are `YYYY-MM-DD`, instants ISO 8601 in UTC. */
export interface DemoReport {
  readonly model: string;
  readonly partitions: Findings['totals'];
  readonly cycles: readonly {
    readonly logicalTime: Day;
    readonly snapshot: string;
    readonly contenders: readonly {
      readonly name: string;
      readonly version: number;
      readonly trainer: string;
      readonly metrics: { readonly holdout: SetMetrics; readonly truth: SetMetrics };
    }[];
    readonly decision: { readonly verdict: Verdict; readonly reasons: readonly string[] };
    /** The one after the cycle. */
    readonly champion: number | null;
  }[];
  readonly served: Served & {
    readonly rows: number;
    readonly days: number;
    readonly byContender: Readonly<Record<string, Served>>;
  };
  readonly monitoring: readonly {
    readonly day: Day;
    readonly verdict: MonitorVerdict;
    readonly reasons: readonly string[];
  }[];
  readonly swaps: readonly {
    readonly day: Day;
    readonly from: number | null;
    readonly to: number;
    readonly why: MoveReason;
  }[];
  /** A fault that did not fit into a short run is null. */
  readonly faults: {
    readonly damagedDay: Day | null;
    readonly killedTraining: { readonly resumedAfterSeconds: number } | null;
    /** `seconds`: from the override until serving answered with the restored version. */
    readonly badModel: { readonly promotedAt: string; readonly fellBackAt: string; readonly seconds: number } | null;
    readonly race: { readonly winners: number } | null;
  };
  readonly effects: {
    readonly ledger: number;
    readonly audit: number;
    /** Events that the web hook's receiver saw exactly once. */
    readonly deliveredOnce: number;
    /** Events that it saw more often, and audit rows that say the same twice. */
    readonly duplicates: number;
  };
  readonly seconds: {
    readonly setup: number;
    readonly backfill: number;
    readonly cycles: number;
    readonly total: number;
  };
}

/** Puts the report together. */
export function demoReport(
  journal: Journal,
  found: Findings,
  events: readonly ReceivedEvent[],
  timeZone: string,
): DemoReport {
  const quality = pooledQuality(found.days, (day) => day.served);
  const { killedTraining, badModel, race } = journal;
  return {
    model: MODEL,
    partitions: found.totals,
    cycles: found.cycles.map(cycle),
    served: {
      rows: found.served.reduce((sum, { rows }) => sum + rows, 0),
      days: found.served.filter(({ rows }) => rows > 0).length,
      logLoss: quality?.logLoss ?? null,
      rocAuc: quality?.rocAuc ?? null,
      byContender: Object.fromEntries(contendersOf(found.days).map((name) => [name, contender(found, name)])),
    },
    monitoring: found.reports.map(({ day, verdict, reasons }) => ({ day, verdict, reasons })),
    swaps: found.moves.map(({ asOf, from, to, why }) => ({
      day: localDay(asOf, timeZone),
      from,
      to,
      why: why as MoveReason,
    })),
    faults: {
      damagedDay: journal.plan.damaged?.day ?? null,
      killedTraining: killedTraining && { resumedAfterSeconds: rounded(killedTraining.resumedAfterSeconds) },
      badModel: badModel && {
        promotedAt: badModel.promotedAt,
        fellBackAt: badModel.fellBackAt,
        seconds: rounded(badModel.seconds),
      },
      race: race && { winners: race.winners },
    },
    effects: {
      ledger: found.ledger,
      audit: found.audit.length,
      deliveredOnce: events.filter(({ times }) => times === 1).length,
      duplicates: events.filter(({ times }) => times > 1).length + found.duplicates.length,
    },
    seconds: {
      setup: rounded(journal.seconds.setup),
      backfill: rounded(journal.seconds.backfill),
      cycles: rounded(found.cycles.reduce((sum, { seconds }) => sum + seconds, 0)),
      total: rounded(journal.seconds.total),
    },
  };
}

function cycle({ logicalTime, decision, versions, champion }: CycleFacts): DemoReport['cycles'][number] {
  return {
    logicalTime,
    snapshot: decision.snapshot,
    contenders: versions.map(({ version, evaluation }) => ({
      name: version.contender,
      version: version.version,
      trainer: version.lineage.trainer,
      metrics: { holdout: metrics(evaluation?.holdout), truth: metrics(evaluation?.truth) },
    })),
    decision: { verdict: decision.verdict, reasons: decision.reasons },
    champion,
  };
}

function metrics(set: MetricSet | undefined): SetMetrics {
  return {
    logLoss: set?.metrics['log_loss']?.value ?? null,
    rocAuc: set?.metrics['roc_auc']?.value ?? null,
    n: set?.n ?? 0,
  };
}

function contender({ days }: Findings, name: string): Served {
  const quality = pooledQuality(days, (day) => day.byContender[name]);
  return { logLoss: quality?.logLoss ?? null, rocAuc: quality?.rocAuc ?? null };
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
