// The demo's claims, each checked against what was recorded and seen. A claim that does not hold makes the run fail.
import { addDays, daysBetween } from '../../../src/domain/days';
import { instantOf } from '../../../src/domain/zones';
import type { AlertReceiver } from '../stage/receiver';
import { MODEL } from '../stage/world';
import { dayOfWeek } from '../story/calendar';
import type { Journal } from '../story/journal';
import { faultChecks } from './fault-checks';
import type { Findings } from './gather';
import { pooledBaseRate, pooledQuality } from './pooled';

/** One claim and what was found. */
export interface Check {
  readonly claim: string;
  readonly holds: boolean;
  readonly found: string;
}

/** What the checks look at. */
export interface Evidence {
  readonly journal: Journal;
  readonly found: Findings;
  readonly receiver: AlertReceiver;
  /** The version that serving answers with at the end; null: it did not answer. */
  readonly servedAtEnd: string | null;
  /** The champion and the number of moves as the lifecycle itself has them. */
  readonly championAtEnd: number | null;
  readonly epochAtEnd: number;
  readonly timeZone: string;
  /** Alerts that were still to be delivered at the end. */
  readonly undelivered: number;
}

/** A check from a claim and the places that contradict it. */
export function none(claim: string, contradictions: readonly string[], otherwise: string): Check {
  const holds = contradictions.length === 0;
  const shown = contradictions.slice(0, 3).join('; ');
  const more = contradictions.length > 3 ? ` and ${contradictions.length - 3} more` : '';
  return { claim, holds, found: holds ? otherwise : `${shown}${more}` };
}

/** All checks that apply to the run. */
export function checkAll(evidence: Evidence): Check[] {
  return [
    ...backfillChecks(evidence),
    ...lifeChecks(evidence),
    ...faultChecks(evidence),
    ...swapChecks(evidence),
    ...effectChecks(evidence),
  ];
}

function backfillChecks({ journal: { backfill, firstApproval }, found }: Evidence): Check[] {
  const checks: Check[] = [];
  if (backfill) {
    const { from, to } = backfill;
    const rejected = found.rejections.filter(({ partition }) => partition >= from && partition <= to);
    const days = daysBetween(from, to).length;
    checks.push(
      none(
        `every day from ${from} to ${to} was backfilled`,
        rejected.map(({ table, partition, message }) => `${table} of ${partition}: ${message}`),
        `${days} days, nothing rejected`,
      ),
    );
  }
  if (firstApproval) {
    const cycle = found.cycles.find(({ id }) => id === firstApproval.cycle);
    const { approval, candidates } = cycle?.decision ?? {};
    const gates = candidates?.find(({ version }) => version === firstApproval.version)?.gates ?? [];
    const baseRate = gates.filter(({ gate }) => gate === 'base-rate');
    checks.push({
      claim: 'the first champion was approved by an update bound to the digest that was shown',
      holds: approval?.verdict === 'approved' && cycle?.decision.digest === firstApproval.digest,
      found: approval ? `${approval.verdict} by ${approval.by}` : 'no approval is recorded',
    });
    checks.push({
      claim: 'the first champion beats the base rate on holdout and truth set',
      holds: baseRate.length === 2 && baseRate.every(({ passed }) => passed),
      found: baseRate.map(({ on, value, threshold }) => `${on} ${number(value)} < ${number(threshold)}`).join(', '),
    });
  }
  return checks;
}

function lifeChecks({ journal: { lived }, found, timeZone }: Evidence): Check[] {
  const served = new Map(found.served.map((day) => [day.day, day]));
  const reports = new Map(found.reports.map((report) => [report.day, report]));
  const mondays = lived.map((day) => addDays(day, 1)).filter((day) => dayOfWeek(day) === 1);
  const cycles = new Set(found.cycles.map(({ logicalTime }) => logicalTime));
  const rows = lived.reduce((sum, day) => sum + (served.get(day)?.rows ?? 0), 0);
  const quality = pooledQuality(found.days, (day) => day.served);
  const baseRate = pooledBaseRate(found.days);
  return [
    none(
      'every scheduled flight of every day was scored by the serving process, once',
      lived.flatMap((day) => {
        const { rows: logged = 0, scheduled = 0 } = served.get(day) ?? {};
        return logged === scheduled && scheduled > 0 ? [] : [`${day}: ${logged} of ${scheduled}`];
      }),
      `${rows} flights of ${lived.length} days`,
    ),
    none(
      'each day was served by its champion alone',
      lived.flatMap((day) => {
        const champion = championWhenScored(found, day, timeZone);
        const versions = served.get(day)?.versions ?? [];
        return versions.length === 1 && versions[0] === champion
          ? []
          : [`${day}: versions ${versions.join(', ')}, champion ${champion}`];
      }),
      `${new Set(lived.flatMap((day) => served.get(day)?.versions ?? [])).size} versions served`,
    ),
    none(
      'labels came a day later and every day was monitored with them',
      lived.flatMap((day) => {
        const report = reports.get(day);
        return report && report.labelledRows > 0 && report.performance.length > 0
          ? []
          : [`${day}: ${report?.labelledRows ?? 0} labelled rows`];
      }),
      `${lived.length} reports, ${quality?.rows ?? 0} labelled rows`,
    ),
    none(
      'a training cycle was decided each Monday',
      mondays.filter((day) => !cycles.has(day)),
      `${mondays.length} Mondays`,
    ),
    {
      claim: 'what served was better than the base rate over the whole time',
      holds: quality !== null && baseRate !== null && quality.logLoss < baseRate,
      found: `log loss ${number(quality?.logLoss)} against ${number(baseRate)}`,
    },
  ];
}

/** The score tick of the day after sees the moves before it: its instant is early on that day, before any other work of it. */
function championWhenScored({ moves }: Findings, day: string, timeZone: string): number | null {
  const before = instantOf(addDays(day, 1), '02:00', timeZone);
  return moves.findLast(({ asOf }) => asOf < before)?.to ?? null;
}

function swapChecks({ found, servedAtEnd, championAtEnd, epochAtEnd }: Evidence): Check[] {
  const { moves } = found;
  const promoted = found.cycles.flatMap(({ id, champion, decision }) =>
    decision.verdict === 'promote' && champion !== null ? [{ id, champion }] : [],
  );
  return [
    none(
      'the champion moved one epoch at a time, from the champion before',
      moves.flatMap(({ epoch, from }, index) =>
        epoch === index + 1 && from === (moves[index - 1]?.to ?? null) ? [] : [`epoch ${epoch} from version ${from}`],
      ),
      `${moves.length} moves, epoch ${epochAtEnd}`,
    ),
    none(
      'every promotion that was decided and allowed was carried out',
      promoted.filter(({ champion }) => !moves.some(({ to }) => to === champion)).map(({ id }) => id),
      `${promoted.length} of ${found.cycles.length} cycles promoted`,
    ),
    {
      claim: 'database, lifecycle and serving name the same champion at the end',
      holds:
        championAtEnd !== null &&
        moves.at(-1)?.to === championAtEnd &&
        servedAtEnd === String(championAtEnd) &&
        moves.length === epochAtEnd,
      found: `database ${moves.at(-1)?.to ?? 'none'}, lifecycle ${championAtEnd ?? 'none'}, serving ${servedAtEnd ?? 'none'}`,
    },
  ];
}

function effectChecks({ journal, found, receiver, undelivered }: Evidence): Check[] {
  const own = found.outbox.filter(({ id }) => id > journal.outboxBefore);
  const times = new Map(receiver.events().map((event) => [event.id, event.times]));
  const keys = new Set(found.outbox.map(({ alert }) => alert.key));
  return [
    none(
      'every alert reached the web hook exactly once, signed',
      [
        ...own
          .filter(({ id }) => times.get(id) !== 1)
          .map(({ id, alert }) => `${alert.event} ${id}: ${times.get(id) ?? 0} times`),
        ...(receiver.badSignatures() > 0 ? [`${receiver.badSignatures()} posts with a wrong signature`] : []),
        ...(undelivered > 0 ? [`${undelivered} alerts undelivered`] : []),
      ],
      `${own.length} events`,
    ),
    none(
      'every move of the champion has one audit row and one alert',
      found.moves.flatMap(({ epoch, to, why }) => {
        const rows = found.audit.filter(
          ({ action, subject, details }) =>
            action === `champion.${why}` && subject === `version/${to}` && details['epoch'] === epoch,
        );
        return rows.length === 1 && keys.has(`champion-moved/${MODEL}/${epoch}`)
          ? []
          : [`epoch ${epoch}: ${rows.length} audit rows`];
      }),
      `${found.moves.length} moves`,
    ),
    none(
      'no effect happened twice',
      found.duplicates.map(({ action, subject, times: count }) => `${action} of ${subject}: ${count} times`),
      `${found.ledger} effects in the ledger, ${found.audit.length} audit rows`,
    ),
  ];
}

/** A log loss as it is shown. */
export function number(value: number | null | undefined): string {
  return value === null || value === undefined ? 'unknown' : value.toFixed(4);
}
