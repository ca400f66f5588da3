// What stands on the report's timeline: bars of who served, and a symbol for each event, in lanes. Pure.
import { addDays, type Day } from '../../../src/domain/days';
import { localDay } from '../../../src/domain/zones';
import type { Findings, Move } from '../findings/gather';
import type { Journal } from '../story/journal';
import { COLOURS } from './draw';

/** The lanes from top to bottom. */
export const LANES = ['champion', 'cycles', 'moves', 'monitoring', 'faults'] as const;
type Lane = (typeof LANES)[number];

/** One event. */
export interface Mark {
  /** Where it stands: noon of its day, later for further events of a day and lane. */
  readonly at: string;
  readonly day: Day;
  readonly lane: Lane;
  readonly kind: string;
  /** Words beside the symbol, above or below it. */
  readonly label?: string;
  readonly side?: 'above' | 'below';
}

/** Who served from when to when. */
export interface ChampionBar {
  readonly from: string;
  readonly to: string;
  readonly days: number;
  readonly label: string;
  readonly colour: string;
  readonly lane: 'champion';
}

/** The symbol of each kind of event. */
export const KINDS: Readonly<Record<string, { readonly colour: string; readonly shape: string; readonly lane: Lane }>> =
  {
    'cycle promoted': { colour: COLOURS.good, shape: 'circle', lane: 'cycles' },
    'cycle kept the champion': { colour: COLOURS.baseRate, shape: 'circle', lane: 'cycles' },
    promotion: { colour: COLOURS.good, shape: 'triangle-up', lane: 'moves' },
    override: { colour: COLOURS.warning, shape: 'diamond', lane: 'moves' },
    fallback: { colour: COLOURS.bad, shape: 'triangle-down', lane: 'moves' },
    rollback: { colour: COLOURS.contenders[2], shape: 'triangle-left', lane: 'moves' },
    'drift alert': { colour: COLOURS.warning, shape: 'square', lane: 'monitoring' },
    'asks for a retraining': { colour: COLOURS.bad, shape: 'square', lane: 'monitoring' },
    'fault from outside': { colour: COLOURS.served, shape: 'cross', lane: 'faults' },
  };

/** Events of one day and lane stand beside each other, so many hours apart. */
const BESIDE_HOURS = 28;

/** All events, those of the same day and lane side by side in their order. */
export function marksOf(found: Findings, journal: Journal, timeZone: string): Mark[] {
  const events = [
    ...cycleMarks(found),
    ...moveMarks(found.moves, timeZone),
    ...monitoringMarks(found),
    ...faultMarks(journal),
  ];
  const seen = new Map<string, number>();
  return events.map((event) => {
    const place = `${event.lane} ${event.day}`;
    const before = seen.get(place) ?? 0;
    seen.set(place, before + 1);
    return { ...event, at: noon(event.day, before * BESIDE_HOURS) };
  });
}

function noon(day: Day, laterHours: number): string {
  return new Date(Date.parse(`${day}T12:00:00Z`) + laterHours * 3_600_000).toISOString();
}

type Event = Omit<Mark, 'at'>;

function event(day: Day, kind: string, label?: string, side: 'above' | 'below' = 'above'): Event {
  return { day, kind, lane: KINDS[kind]!.lane, ...(label === undefined ? {} : { label, side }) };
}

/** Cycles of a past logical time stand where nothing was lived, and are left out. */
function cycleMarks({ cycles, reports }: Findings): Event[] {
  const first = reports[0]?.day ?? '';
  return cycles
    .filter(({ logicalTime }) => logicalTime >= first)
    .map(({ logicalTime, decision: { verdict } }) =>
      event(logicalTime, verdict === 'promote' ? 'cycle promoted' : 'cycle kept the champion'),
    );
}

function moveMarks(moves: readonly Move[], timeZone: string): Event[] {
  return moves.flatMap(({ asOf, why }) => (why in KINDS ? [event(localDay(asOf, timeZone), why)] : []));
}

function monitoringMarks({ reports }: Findings): Event[] {
  return reports.flatMap(({ day, verdict }): Event[] => {
    switch (verdict) {
      case 'alert':
        return [event(day, 'drift alert')];
      case 'retrain':
        return [event(day, 'asks for a retraining')];
      case 'fallback':
        return [{ ...event(day, 'fallback'), lane: 'monitoring' }];
      case 'nothing':
        return [];
    }
  });
}

function faultMarks({ plan, badModel, race, redelivery, killedTraining }: Journal): Event[] {
  const killedOn = killedTraining?.cycle.split('/')[2];
  const fault = 'fault from outside';
  return [
    ...(killedOn ? [event(killedOn, fault, 'trainer killed (-9)')] : []),
    ...(badModel ? [event(badModel.day, fault, 'bad model', 'below')] : []),
    ...(plan.damaged ? [event(plan.damaged.day, fault, 'damaged file')] : []),
    ...(redelivery ? [event(redelivery.correctedOn, fault, 'corrected file', 'below')] : []),
    ...(race ? [event(race.day, fault, 'race')] : []),
  ];
}

/** As the prediction log has it: moves that were undone on the same day never show. */
export function championBars({ versions, served }: Findings): ChampionBar[] {
  const contenderOf = new Map(versions.map(({ version, contender }) => [version, contender]));
  const names = [...new Set(versions.map(({ contender }) => contender))].sort();
  const bars: (ChampionBar & { readonly version: number })[] = [];
  for (const { day, versions: ofDay } of served) {
    const version = ofDay[0];
    if (version === undefined) continue;
    const to = `${addDays(day, 1)}T00:00:00Z`;
    const last = bars.at(-1);
    if (last?.version === version) {
      bars[bars.length - 1] = { ...last, to, days: last.days + 1 };
      continue;
    }
    const contender = contenderOf.get(version) ?? '';
    const colour = COLOURS.contenders[names.indexOf(contender)] ?? COLOURS.faint;
    const from = `${day}T00:00:00Z`;
    bars.push({ from, to, days: 1, version, label: `${contender} ${version}`, colour, lane: 'champion' });
  }
  return bars;
}
