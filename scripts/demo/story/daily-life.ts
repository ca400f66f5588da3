// Act two: one day after the other by ticks, started as the Schedules would start them, with the faults on their days.
import { addDays, daysBetween, type Day } from '../../../src/domain/days';
import { cycleId, tickId, TASK_QUEUES } from '../../../src/domain/ids';
import { badModel } from '../faults/bad-model';
import type { Correction } from '../faults/damage';
import { DAMAGED_TABLE, redeliver } from '../faults/damaged-day';
import { killTraining } from '../faults/killed-training';
import { race } from '../faults/race';
import type { Show } from '../stage/screen';
import { MODEL, type World } from '../stage/world';
import { ticksOn, weekOf, type ScheduledTick } from './calendar';
import { count } from './first-months';
import type { Journal } from './journal';
import { approvePending, untilQuiet } from './quiet';
import { trainingShown } from './training';

/** The days to live, and what waits on them. */
export interface Season {
  readonly first: Day;
  readonly last: Day;
  /** False: the first day begins with its ingest only, because the days before it were never lived. */
  readonly goesOn: boolean;
  readonly correction: Correction | null;
}

/** Lives the season week by week; the ticks of the day after the last one bring its scores and labels. */
export async function liveSeason(world: World, journal: Journal, season: Season): Promise<void> {
  const tickDays = daysBetween(season.first, addDays(season.last, 1));
  const weeks = new Map<Day, Day[]>();
  for (const day of tickDays) weeks.set(weekOf(day), [...(weeks.get(weekOf(day)) ?? []), day]);
  let flights = 0;
  for (const days of weeks.values()) {
    await world.screen.step(`Week ${days[0]!} to ${days.at(-1)!}`, async (show) => {
      for (const day of days) {
        await liveDay(world, journal, season, day, show);
        const scored = addDays(day, -1);
        if (scored >= season.first) {
          flights += await world.stores.predictions.count(MODEL, scored);
          journal.lived.push(scored);
        }
        const { champion } = await world.lifecycles.status(MODEL);
        const name = champion ? `version ${champion.version} (${champion.contender}) serves` : 'nobody serves';
        show(
          `${day}: ${journal.lived.length} of ${tickDays.length - 1} days lived, ${count(flights)} flights scored, ${name}`,
        );
      }
    });
  }
}

async function liveDay(world: World, journal: Journal, season: Season, day: Day, show: Show): Promise<void> {
  const all = ticksOn(day, world.plan);
  const ticks = day === season.first && !season.goesOn ? all.filter(({ kind }) => kind === 'ingest') : all;
  for (const tick of ticks) await deliver(world, tick);
  if (ticks.some(({ kind }) => kind === 'retrain')) await followCycle(world, journal, day, show);
  journal.approvals += await approvePending(world);
  await faultsOf(world, journal, season, day, show);
}

/** What a Schedule does at its instant. */
async function deliver(world: World, { kind, asOf }: ScheduledTick): Promise<void> {
  await world.temporal.workflow.execute('tick', {
    taskQueue: TASK_QUEUES.control,
    workflowId: `${tickId(MODEL, kind)}-${asOf}`,
    args: [{ model: MODEL, kind, asOf }],
    staticSummary: `${kind} tick of the model ${MODEL}`,
  });
}

async function followCycle(world: World, journal: Journal, day: Day, show: Show): Promise<void> {
  const cycle = cycleId(MODEL, day, 1);
  const names = Object.keys(world.plan.contenders);
  const isPlanned = journal.plan.killTraining !== null && journal.plan.killTraining <= day;
  if (isPlanned && journal.killedTraining === null) {
    show(`${day}: waiting for the training, to kill its worker`);
    journal.killedTraining = await killTraining(world, cycle);
    const seen = journal.killedTraining;
    if (seen) {
      world.screen.note(
        `${day}: fault: training worker killed (-9) at iteration ${seen.iterationWhenKilled}; attempt ${seen.attemptAfter} began after ${seen.resumedAfterSeconds.toFixed(1)} s`,
      );
    }
  }
  await untilQuiet(world, () => {
    void trainingShown(world.temporal, cycle, names).then((text) => text && show(`${day}: weekly cycle, ${text}`));
  });
}

async function faultsOf(world: World, journal: Journal, season: Season, day: Day, show: Show): Promise<void> {
  const { damaged, badModelOn, raceOn } = journal.plan;
  const { note } = world.screen;
  if (damaged && day === addDays(damaged.day, 1)) {
    const found = (await world.stores.partitions.rejections(MODEL)).find(
      ({ table, partition }) => table === DAMAGED_TABLE && partition === damaged.day,
    );
    journal.rejection = found ? { onDay: day, message: found.message } : null;
    if (found) note(`${day}: fault: ${DAMAGED_TABLE} of ${damaged.day} rejected: ${found.message.split('\n')[0]}`);
  }
  if (damaged && season.correction && day === damaged.correctedOn) {
    show(`${day}: the corrected file of ${damaged.day} arrives`);
    journal.redelivery = await redeliver(world, damaged.day, season.correction, day);
    const { recomputed } = journal.redelivery;
    note(`${day}: corrected file of ${damaged.day} accepted; ${recomputed.length} feature partitions computed again`);
  }
  if (day === badModelOn) {
    show(`${day}: a bad model is trained and put in place by an override`);
    journal.badModel = await badModel(world, day);
    const seen = journal.badModel;
    if (seen) {
      note(
        `${day}: fault: version ${seen.bad} put in place by an override; the lifecycle fell back to version ${seen.restored}, which served again ${seen.servedAfterVerdictSeconds.toFixed(1)} s after the verdict`,
      );
    }
  }
  if (day === raceOn) {
    show(`${day}: two promotions race`);
    journal.race = await race(world, day);
    const seen = journal.race;
    if (seen)
      note(`${day}: fault: promotions of versions ${seen.versions.join(' and ')} raced; winners: ${seen.winners}`);
  }
}
