// `npm run demo`: half a year of one model's life in minutes, faults included; exit code 0 only when every claim was verified.
import { join, relative } from 'node:path';
import { FAILURES, UnderstudyError } from '../../src/domain/failures';
import { addDays, type Day } from '../../src/domain/days';
import { localDay } from '../../src/domain/zones';
import { readDemoOptions, WHOLE_SEASON_DAYS, type DemoOptions } from './arguments';
import { conclude } from './conclude';
import { damageDay } from './faults/damage';
import { createScreen } from './stage/screen';
import { demoHome, MODEL, openWorld, type World } from './stage/world';
import { liveSeason, type Season } from './story/daily-life';
import { leftOut, planFaults } from './story/fault-plan';
import { backfillMonths, firstCycle, SEASON_START } from './story/first-months';
import { createJournal, type Journal } from './story/journal';

const INTERRUPTED = 130;
let closeAll = (): Promise<void> => Promise.resolve();
let interrupted = false;

async function main(): Promise<number> {
  const startedAt = performance.now();
  const since = (instant: number): number => (performance.now() - instant) / 1000;
  const options = readDemoOptions(process.argv.slice(2), process.cwd());
  const screen = createScreen();
  const onOpening = (close: () => Promise<void>): void => void (closeAll = close);
  const title = 'Start Temporal, PostgreSQL, trainer, workers and serving; deploy on a simulated clock';
  const world = await screen.step(title, async (show) => {
    const opened = await openWorld({ screen, keep: options.keep, show, onOpening });
    await opened.cli('deploy', MODEL, '--clock', 'simulated');
    return opened;
  });
  const { temporal, servingUrl } = world.stack.addresses;
  screen.note(
    `Temporal UI ${temporal.ui ?? temporal.address}, serving ${servingUrl}, data in ${relative(process.cwd(), world.config.home)}`,
  );

  const status = await world.lifecycles.status(MODEL);
  const goesOn = status.champion !== null && status.now !== null;
  const season = seasonOf(world, options, goesOn ? localDay(status.now, world.plan.timeZone) : null);
  const faults = planFaults(season.first, addDays(season.last, 1), !goesOn, world.plan.snapshot.truthSet.everyNthDay);
  const [newest] = await world.stores.outbox.list(MODEL, 1);
  const journal = createJournal(faults, newest?.id ?? 0);
  journal.seconds.setup = since(startedAt);
  const missing = leftOut(faults);
  screen.note(
    `${season.first} to ${season.last} will be lived${missing.length > 0 ? `; too short for: ${missing.join(', ')}` : ''}`,
  );
  const correction = faults.damaged ? damageDay(world.modelFolder, faults.damaged.day) : null;

  if (!goesOn) {
    await backfillMonths(world, journal);
    await firstCycle(world, journal);
  }
  await liveSeason(world, journal, { ...season, correction });
  return finish(world, journal, options, startedAt);
}

/** The days that are lived: the season, fewer when asked for, and never beyond the end of the data. */
function seasonOf({ plan }: World, { days }: DemoOptions, today: Day | null): Season {
  const first = today ?? SEASON_START;
  const end = plan.snapshot.end ?? first;
  const last = addDays(first, (days ?? WHOLE_SEASON_DAYS) - 1);
  if (first >= end)
    throw new UnderstudyError(
      'USAGE',
      `demo: --keep: the data end on ${end}, and all of them were lived; run without --keep`,
    );
  return { first, last: last < end ? last : end, goesOn: today !== null, correction: null };
}

async function finish(of: World, journal: Journal, options: DemoOptions, startedAt: number): Promise<number> {
  const close = async (): Promise<void> => {
    await of.screen.step('Stop everything in order', () => of.close());
    journal.seconds.total = (performance.now() - startedAt) / 1000;
  };
  return (await conclude(of, journal, options, close)) ? 0 : 1;
}

/** Ctrl-C: stops everything in order; a second one is left to the system. */
function onInterrupt(): void {
  if (interrupted) process.exit(INTERRUPTED);
  interrupted = true;
  process.stdout.write('\nStopping everything; press Ctrl-C again to leave at once\n');
  void closeAll().finally(() => process.exit(INTERRUPTED));
}

process.on('SIGINT', onInterrupt);
process.on('SIGTERM', onInterrupt);
process.on('uncaughtException', (error) => void failed(error));
main().then((code) => process.exit(code), failed);

async function failed(error: unknown): Promise<void> {
  if (interrupted) return;
  interrupted = true;
  await closeAll().catch(() => undefined);
  const code = error instanceof UnderstudyError ? error.code : 'INTERNAL';
  const remedy = code === 'USAGE' ? '' : `\nThe logs of all processes are in ${join(demoHome(), 'logs')}`;
  process.stderr.write(`demo: ${code}: ${(error as Error).message}${remedy}\n`);
  process.exit(Math.max(1, FAILURES[code].exit));
}
