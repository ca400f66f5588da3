// The plots of the report as Vega-Lite specifications: quality by week, daily level, drift. Pure functions of what was found.
import type { TopLevelSpec } from 'vega-lite';
import type { Day } from '../../../src/domain/days';
import type { MonitorReport } from '../../../src/domain/monitoring/monitoring';
import type { ModelPlan } from '../../../src/domain/plan/plan';
import { contendersOf, qualityByWeek, type ScoredDay } from '../findings/pooled';
import { weekOf } from '../story/calendar';
import { COLOURS } from './draw';

const WIDTH = 860;
/** Marks each Monday, as far as there are days. */
export function dayAxis(days: readonly Day[], title: string | null = null): object {
  const mondays = [...new Set(days.map(weekOf))].filter((monday) => monday >= (days[0] ?? ''));
  return { title, format: '%b %-d', values: mondays, labelFlush: false, grid: true };
}

/** From no change over the alert's threshold to another distribution. */
const HEAT = ['#eef2f7', '#fde68a', '#f59e0b', '#dc2626', '#7f1d1d'] as const;
export const SERVED = 'what served';
export const BASE_RATE = 'base rate';

/** Log loss by week: what served, each contender as if it had always served, and the base rate. */
export function weeklyLossPlot(days: readonly ScoredDay[]): TopLevelSpec {
  const names = contendersOf(days);
  const always = (name: string): string => `${name}, had it always served`;
  const values = qualityByWeek(days).flatMap(({ week, rows, served, byContender, baseRateLogLoss }) => [
    { week, rows, series: SERVED, loss: served.logLoss },
    ...names.flatMap((name) => {
      const quality = byContender[name];
      return quality ? [{ week, rows, series: always(name), loss: quality.logLoss }] : [];
    }),
    ...(baseRateLogLoss === null ? [] : [{ week, rows, series: BASE_RATE, loss: baseRateLogLoss }]),
  ]);
  const domain = [SERVED, ...names.map(always), BASE_RATE];
  const range = [COLOURS.served, ...COLOURS.contenders.slice(0, names.length), COLOURS.baseRate];
  const y = {
    field: 'loss',
    type: 'quantitative',
    scale: { zero: false, nice: true },
    title: 'log loss (lower is better)',
  } as const;
  const x = {
    field: 'week',
    type: 'temporal',
    axis: dayAxis(
      qualityByWeek(days).map(({ week }) => week),
      'week that begins on',
    ),
  } as const;
  const color = {
    field: 'series',
    type: 'nominal',
    scale: { domain, range },
    legend: { title: null, orient: 'top', columns: 4 },
  } as const;
  const of = (test: string): object => ({ filter: test });
  return {
    width: WIDTH,
    height: 300,
    data: { values },
    encoding: { x, y, color },
    layer: [
      {
        transform: [of(`datum.series === '${BASE_RATE}'`)],
        mark: { type: 'line', strokeWidth: 2, strokeDash: [5, 4] },
      },
      {
        transform: [of(`datum.series === '${SERVED}'`)],
        mark: { type: 'line', strokeWidth: 6, opacity: 0.85, strokeCap: 'round' },
      },
      {
        transform: [of(`datum.series !== '${SERVED}' && datum.series !== '${BASE_RATE}'`)],
        mark: { type: 'line', strokeWidth: 2, point: { size: 34, filled: true } },
      },
    ],
  } as unknown as TopLevelSpec;
}

/** What happened and what was predicted, day by day. */
export function levelPlot(reports: readonly MonitorReport[]): TopLevelSpec {
  const names = { actual: 'flights that were late', predicted: 'mean predicted probability' };
  const values = reports.flatMap(({ day, lateShare, performance }) => {
    const champion = performance.find(({ role }) => role === 'champion');
    return [
      ...(lateShare === null ? [] : [{ day, series: names.actual, share: lateShare }]),
      ...(champion ? [{ day, series: names.predicted, share: champion.meanPrediction }] : []),
    ];
  });
  return {
    width: WIDTH,
    height: 180,
    data: { values },
    mark: { type: 'line', strokeWidth: 2, interpolate: 'monotone' },
    encoding: {
      x: { field: 'day', type: 'temporal', axis: dayAxis(reports.map(({ day }) => day)) },
      y: { field: 'share', type: 'quantitative', axis: { format: '.0%', tickCount: 5 }, title: 'share of flights' },
      color: {
        field: 'series',
        type: 'nominal',
        scale: { domain: [names.actual, names.predicted], range: [COLOURS.contenders[1], COLOURS.served] },
        legend: { title: null, orient: 'top' },
      },
    },
  } as unknown as TopLevelSpec;
}

interface DriftCell {
  readonly day: Day;
  readonly name: string;
  readonly psi: number | null;
}

/** Steps of colour, from stable over the alert's threshold to another distribution. */
function bandsOf(psiAlert: number): readonly { readonly name: string; readonly below: number }[] {
  const steps = [psiAlert / 2, psiAlert, 4 * psiAlert, 16 * psiAlert];
  return [
    ...steps.map((below, index) => ({
      name: index === 0 ? `below ${below}` : `${steps[index - 1]} to ${below}`,
      below,
    })),
    { name: `${steps.at(-1)} and more`, below: Infinity },
  ];
}

/** Population stability index: judged features and the predictions above, seasonal features below, against the four weeks before. */
export function driftPlot(reports: readonly MonitorReport[], plan: ModelPlan): TopLevelSpec {
  const { psiAlert, seasonal } = plan.monitoring.drift;
  const bands = bandsOf(psiAlert);
  const bandOf = (psi: number): string => bands.find(({ below }) => psi < below)!.name;
  const features = reports.flatMap(({ day, drift }) =>
    drift.map((each) => ({ day, name: each.feature, psi: each.psi })),
  );
  const predictions = reports.map(({ day, predictionPsi }) => ({ day, name: 'predictions', psi: predictionPsi }));
  const judged = [...predictions, ...features.filter(({ name }) => !seasonal.includes(name))];
  const shown = features.filter(({ name }) => seasonal.includes(name));
  const order = (rows: readonly { readonly name: string }[]): string[] => [...new Set(rows.map(({ name }) => name))];
  const map = (values: readonly DriftCell[], sort: string[], title: string, last: boolean): object => ({
    width: WIDTH - 70,
    height: { step: 15 },
    title: { text: title, anchor: 'start', fontSize: 12, color: COLOURS.text },
    data: {
      values: values.flatMap((row) => (row.psi === null ? [] : [{ ...row, band: bandOf(row.psi) }])),
    },
    mark: { type: 'rect' },
    encoding: {
      x: {
        field: 'day',
        type: 'ordinal',
        timeUnit: 'utcyearmonthdate',
        axis: last
          ? {
              title: null,
              format: '%b %-d',
              labelAngle: 0,
              labelOverlap: true,
              labelExpr: "utcday(datum.value) === 1 ? utcFormat(datum.value, '%b %-d') : ''",
              ticks: false,
            }
          : null,
        scale: { paddingInner: 0 },
      },
      y: { field: 'name', type: 'nominal', sort, title: null, axis: { ticks: false, domain: false } },
      color: {
        field: 'band',
        type: 'nominal',
        scale: { domain: bands.map(({ name }) => name), range: [...HEAT] },
        legend: { title: 'PSI', symbolType: 'square', symbolSize: 160, symbolStrokeWidth: 0 },
      },
    },
  });
  return {
    vconcat: [
      map(judged, order(judged), 'judged', shown.length === 0),
      ...(shown.length > 0
        ? [map(shown, order(shown), 'change with the season or the weather: shown, never judged', true)]
        : []),
    ],
    spacing: 18,
    resolve: { scale: { color: 'shared' } },
  } as unknown as TopLevelSpec;
}
