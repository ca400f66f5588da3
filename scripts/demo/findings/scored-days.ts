// A day's labelled rows with the served probabilities and those of each contender, from the prediction log and the monitoring's own rows.
import type { LabelledPredictions, MonitorReport } from '../../../src/domain/monitoring/monitoring';
import type { LoggedPrediction } from '../../../src/ports/stores';
import type { World } from '../stage/world';
import type { ScoredDay } from './pooled';

/** Null when the day has no labels, or nothing was served. */
export async function readScoredDay(
  { artifacts }: Pick<World, 'artifacts'>,
  report: MonitorReport,
  logged: readonly LoggedPrediction[],
): Promise<ScoredDay | null> {
  if (report.scored === null) return null;
  const rows = JSON.parse((await artifacts.get(report.scored)).toString('utf8')) as LabelledPredictions;
  const probabilities = new Map(logged.map(({ entityKey, probability }) => [entityKey, probability]));
  const served = rows.keys.map((key) => probabilities.get(key));
  // Every labelled row was served: monitoring takes no others.
  if (served.some((probability) => probability === undefined)) return null;
  const newest = report.performance.filter((entry) => entry.newest);
  return {
    day: report.day,
    labels: rows.labels,
    served: served as number[],
    byContender: Object.fromEntries(
      newest.flatMap(({ contender, version }) => {
        const probabilitiesOf = rows.byVersion[String(version)];
        return probabilitiesOf ? [[contender, probabilitiesOf] as const] : [];
      }),
    ),
    baseRateLogLoss: report.baseRateLogLoss,
  };
}
