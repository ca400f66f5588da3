// Act one: half a year of past days is backfilled, the first cycle trains its contenders, and a person approves the first champion.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { UnderstudyError } from '../../../src/domain/failures';
import { cycleId, lifecycleId } from '../../../src/domain/ids';
import type { DecideMessage, PendingApproval } from '../../../src/domain/lifecycle/lifecycle';
import { killTraining } from '../faults/killed-training';
import { MODEL, OPERATOR, type World } from '../stage/world';
import type { Journal } from './journal';
import { untilQuiet } from './quiet';
import { trainingShown } from './training';

const FROM = '2013-01-01';
const TO = '2013-06-30';
/** The logical time of the first cycle, and the first day that is lived. */
export const SEASON_START = '2013-07-01';
const BAR_WIDTH = 32;
/** Each look at the progress costs the backfill a query. */
const PROGRESS_MS = 500;

/** Ingests and featurizes January to June, with a progress bar. */
export async function backfillMonths(world: World, journal: Journal): Promise<void> {
  const startedAt = performance.now();
  await world.screen.step(`Backfill ${FROM} to ${TO}`, async (show) => {
    await world.lifecycles.backfill(MODEL, { from: FROM, to: TO, by: OPERATOR });
    for (;;) {
      const { open, queued } = await world.lifecycles.status(MODEL);
      const work = open.find(({ kind }) => kind === 'backfill');
      if (!work && queued === 0) break;
      if (work) show(await progressBar(world, work.id, startedAt));
      await sleep(PROGRESS_MS);
    }
    const { ingested, rows } = await world.stores.partitions.totals(MODEL);
    const rate = Math.round(rows / ((performance.now() - startedAt) / 1000));
    world.screen.note(`${ingested} partitions with ${count(rows)} rows stored, ${count(rate)} rows a second`);
  });
  journal.backfill = { from: FROM, to: TO };
  journal.seconds.backfill = (performance.now() - startedAt) / 1000;
}

async function progressBar(world: World, id: string, startedAt: number): Promise<string> {
  const { done, of, doing } = await world.lifecycles.backfillProgress(MODEL, id);
  const share = of === 0 ? 0 : done / of;
  const filled = Math.round(BAR_WIDTH * share);
  const perSecond = (done / 2 / ((performance.now() - startedAt) / 1000)).toFixed(1);
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${Math.floor(100 * share)} %, ${doing}, ${perSecond} days a second`;
}

/** The first cycle, asked for on the command line. Its champion is approved by an update, and the equivalent `temporal` command is shown. */
export async function firstCycle(world: World, journal: Journal): Promise<void> {
  await world.screen.step(`First cycle, as of ${SEASON_START}`, async (show) => {
    await world.cli('retrain', MODEL, '--at', SEASON_START, '--reason', 'first cycle', '--by', OPERATOR);
    const cycle = cycleId(MODEL, SEASON_START, 1);
    const killed = journal.plan.killTraining === SEASON_START ? killTraining(world, cycle) : null;
    await sleep(200);
    const names = Object.keys(world.plan.contenders);
    const { approval } = await untilQuiet(world, () => {
      void trainingShown(world.temporal, cycle, names).then((text) => show(text ?? 'preparing data, evaluating'));
    });
    journal.killedTraining = (await killed) ?? journal.killedTraining;
    if (!approval)
      throw new UnderstudyError(
        'NO_APPROVAL_PENDING',
        `${cycle} proposed no champion: see npx understudy decisions ${MODEL}`,
      );
    await approve(world, journal, approval);
  });
}

async function approve(world: World, journal: Journal, approval: PendingApproval): Promise<void> {
  const { cycle, digest, version, contender } = approval;
  const message: DecideMessage = {
    cycle,
    digest,
    decision: 'approve',
    by: OPERATOR,
    comment: 'better than the base rate',
  };
  await world.lifecycles.decide(MODEL, message, `approve-${randomUUID()}`);
  const { address, namespace } = world.stack.addresses.temporal;
  const temporalCommand = [
    `temporal workflow update execute --address ${address} --namespace ${namespace}`,
    `--workflow-id ${lifecycleId(MODEL)} --name decide --input '${JSON.stringify(message)}'`,
  ].join(' ');
  const { champion } = await untilQuiet(world);
  journal.firstApproval = { cycle, version, digest, temporalCommand };
  world.screen.note(
    `version ${champion?.version ?? version} (${contender}) is champion: approved by an update of lifecycle/${MODEL}; the same by hand:`,
  );
  world.screen.note(temporalCommand);
}

/** A whole number with thousands separated. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}
