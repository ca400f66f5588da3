// The timeline of the report: who served, what cycles decided, what monitoring said, how the champion moved, and the faults.
import type { TopLevelSpec } from 'vega-lite';
import { addDays, type Day } from '../../../src/domain/days';
import { localDay } from '../../../src/domain/zones';
import type { Findings, Move } from '../findings/gather';
import type { Journal } from '../story/journal';
import { COLOURS } from './draw';

const WIDTH = 860;
const LANES = ['champion', 'cycles', 'moves', 'monitoring', 'faults'] as const;
const LANE_HEIGHT = 46;

interface Mark {
  readonly day: Day;
  readonly lane: (typeof LANES)[number];
  readonly kind: string;
  readonly colour: string;
  readonly shape: string;
  readonly label?: string;
}

/** What a symbol means, for the words beside the plot. */
export const KINDS: Readonly<
  Record<string, { readonly colour: string; readonly shape: string; readonly lane: Mark['lane'] }>
> = {
  promoted: { colour: COLOURS.good, shape: 'triangle-up', lane: 'cycles' },
  'kept the champion': { colour: COLOURS.faint, shape: 'circle', lane: 'cycles' },
  promotion: { colour: COLOURS.good, shape: 'triangle-up', lane: 'moves' },
  override: { colour: COLOURS.warning, shape: 'diamond', lane: 'moves' },
  fallback: { colour: COLOURS.bad, shape: 'triangle-down', lane: 'moves' },
  rollback: { colour: COLOURS.contenders[2], shape: 'triangle-left', lane: 'moves' },
  'drift alert': { colour: COLOURS.warning, shape: 'square', lane: 'monitoring' },
  'asks for a retraining': { colour: COLOURS.bad, shape: 'square', lane: 'monitoring' },
  fault: { colour: COLOURS.bad, shape: 'cross', lane: 'faults' },
};

/** Draws the lived time, one lane for each kind of event. */
export function timelinePlot(found: Findings, journal: Journal, timeZone: string): TopLevelSpec {
  const first = found.reports[0]?.day ?? journal.lived[0]!;
  const end = addDays(found.reports.at(-1)?.day ?? journal.lived.at(-1)!, 1);
  const kinds = Object.keys(KINDS);
  const marks = [
    ...cycleMarks(found),
    ...moveMarks(found.moves, timeZone),
    ...monitoringMarks(found),
    ...faultMarks(journal),
  ];
  const bars = championBars(found, first, end);
  const lane = {
    type: 'nominal',
    sort: LANES,
    scale: { domain: LANES },
    title: null,
    axis: { ticks: false, domain: false, grid: true, labelFontSize: 12 },
  } as const;
  const x = (field: string): object => ({
    field,
    type: 'temporal',
    scale: { domain: [first, end] },
    axis: { title: null, format: '%b %-d', tickCount: { interval: 'week', step: 1 }, grid: true },
  });
  return {
    width: WIDTH,
    height: LANES.length * LANE_HEIGHT,
    layer: [
      {
        data: { values: bars },
        mark: { type: 'bar', height: 22, cornerRadius: 3, stroke: 'white', strokeWidth: 1 },
        encoding: {
          x: x('from'),
          x2: { field: 'to' },
          y: { field: 'lane', ...lane },
          color: { field: 'colour', type: 'nominal', scale: null },
        },
      },
      {
        data: { values: bars.filter(({ days }) => days >= 3) },
        mark: { type: 'text', align: 'left', dx: 5, fontSize: 11, fontWeight: 600, color: 'white' },
        encoding: { x: x('from'), y: { field: 'lane', ...lane }, text: { field: 'label' } },
      },
      {
        data: { values: marks },
        mark: { type: 'point', filled: true, size: 110, opacity: 0.95 },
        encoding: {
          x: x('day'),
          y: { field: 'lane', ...lane },
          color: {
            field: 'kind',
            type: 'nominal',
            scale: { domain: kinds, range: kinds.map((kind) => KINDS[kind]!.colour) },
            legend: { title: null, orient: 'bottom', columns: 5, symbolSize: 110, symbolStrokeWidth: 0 },
          },
          shape: {
            field: 'kind',
            type: 'nominal',
            scale: { domain: kinds, range: kinds.map((kind) => KINDS[kind]!.shape) },
          },
        },
      },
      {
        data: { values: marks.filter(({ label }) => label !== undefined) },
        mark: { type: 'text', align: 'left', dx: 9, dy: 0, fontSize: 11, color: COLOURS.text },
        encoding: { x: x('day'), y: { field: 'lane', ...lane }, text: { field: 'label' } },
      },
    ],
  } as unknown as TopLevelSpec;
}

function mark(day: Day, kind: keyof typeof KINDS & string, label?: string): Mark {
  const { colour, shape, lane } = KINDS[kind]!;
  return { day, kind, colour, shape, lane, ...(label === undefined ? {} : { label }) };
}

/** Cycles of a past logical time stand where nothing was lived, and are left out. */
function cycleMarks({ cycles, reports }: Findings): Mark[] {
  const first = reports[0]?.day ?? '';
  return cycles
    .filter(({ logicalTime }) => logicalTime >= first)
    .map(({ logicalTime, decision }) =>
      mark(logicalTime, decision.verdict === 'promote' ? 'promoted' : 'kept the champion'),
    );
}

function moveMarks(moves: readonly Move[], timeZone: string): Mark[] {
  return moves.flatMap(({ asOf, why }) => (why in KINDS ? [mark(localDay(asOf, timeZone), why)] : []));
}

function monitoringMarks({ reports }: Findings): Mark[] {
  return reports.flatMap(({ day, verdict }) => {
    if (verdict === 'alert') return [mark(day, 'drift alert')];
    if (verdict === 'retrain') return [mark(day, 'asks for a retraining')];
    return verdict === 'fallback' ? [{ ...mark(day, 'fallback'), lane: 'monitoring' as const }] : [];
  });
}

function faultMarks({ plan, badModel, race, redelivery, killedTraining }: Journal): Mark[] {
  const killedOn = killedTraining?.cycle.split('/')[2];
  return [
    ...(plan.damaged ? [mark(plan.damaged.day, 'fault', 'damaged file')] : []),
    ...(redelivery ? [mark(redelivery.correctedOn, 'fault', 'corrected')] : []),
    ...(killedOn ? [mark(killedOn, 'fault', 'kill -9')] : []),
    ...(badModel ? [mark(badModel.day, 'fault', 'bad model')] : []),
    ...(race ? [mark(race.day, 'fault', 'race')] : []),
  ];
}

interface ChampionBar {
  readonly from: Day;
  readonly to: Day;
  readonly days: number;
  readonly label: string;
  readonly colour: string;
  readonly lane: 'champion';
}

/** Who served from when to when, as the prediction log has it: moves that were undone on the same day never show. */
function championBars(found: Findings, first: Day, end: Day): ChampionBar[] {
  const contenderOf = new Map(found.versions.map(({ version, contender }) => [version, contender]));
  const names = [...new Set(found.versions.map(({ contender }) => contender))].sort();
  const bars: ChampionBar[] = [];
  for (const { day, versions } of found.served.filter(({ day: of }) => of >= first)) {
    const version = versions[0];
    const last = bars.at(-1);
    if (version === undefined) continue;
    const label = `v${version}`;
    if (last?.label === label) bars[bars.length - 1] = { ...last, to: addDays(day, 1), days: last.days + 1 };
    else {
      const colour = COLOURS.contenders[names.indexOf(contenderOf.get(version) ?? '')] ?? COLOURS.faint;
      bars.push({ from: day, to: addDays(day, 1), days: 1, label, colour, lane: 'champion' });
    }
  }
  return bars.map((bar) => ({ ...bar, to: bar.to > end ? end : bar.to }));
}
