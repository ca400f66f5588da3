// Fault: a person puts a bad model in front of users by an override. The lifecycle compares it on the truth set and falls back by itself.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Day, IsoTimestamp } from '../../../src/domain/days';
import { rolloutId } from '../../../src/domain/ids';
import { activitiesOf } from '../story/histories';
import { untilQuiet } from '../story/quiet';
import { MODEL, OPERATOR, type World } from '../stage/world';
import { pythonContender } from './killed-training';
import { watchServing, type VersionSeen } from './serving-watch';

/** A cycle of two weeks in January: hardly anything to learn from, and nothing of the summer. */
const LOGICAL_TIME = '2013-02-01';

/** What was seen of it. */
export interface BadModel {
  readonly day: Day;
  readonly bad: number;
  readonly restored: number;
  readonly promotedAt: IsoTimestamp;
  readonly fellBackAt: IsoTimestamp;
  /** When the truth-set comparison had its verdict. */
  readonly verdictAt: IsoTimestamp | null;
  /** From the verdict until serving answered with the restored version. */
  readonly servedAfterVerdictSeconds: number;
  /** From the override until serving answered with the restored version. */
  readonly seconds: number;
  /** Whether serving was seen to answer with the bad version in between. */
  readonly badWasServed: boolean;
  readonly stateOfBad: string;
  readonly reason: string;
}

/** Trains a bad version, overrides with it, and watches the fallback; null when no version came of the training or nothing fell back. */
export async function badModel(world: World, day: Day): Promise<BadModel | null> {
  const before = await untilQuiet(world);
  const reason = 'an exercise: two weeks of January';
  await world.cli('retrain', MODEL, '--at', LOGICAL_TIME, '--reason', reason, '--by', OPERATOR);
  await sleep(200);
  await untilQuiet(world);
  const bad = await versionOf(world);
  if (bad === null || before.champion === null) return null;

  const watch = watchServing(world.stack.addresses.servingUrl, MODEL);
  const override = ['--override', '--reason', 'it looked good on my machine', '--by', OPERATOR];
  await world.cli('promote', MODEL, '--version', String(bad), ...override);
  await untilQuiet(world);
  await sleep(1_000);
  const seen = await watch.stop();

  const moves = await world.stores.registry.moves(MODEL);
  const promoted = moves.findLast(({ why, to }) => why === 'override' && to === bad);
  const back = moves.findLast(({ why, from }) => why === 'fallback' && from === bad);
  if (!promoted || !back) return null;
  const judged = (await activitiesOf(world.temporal, rolloutId(MODEL, promoted.epoch))).findLast(
    ({ type }) => type === 'compareOnTruth',
  );
  const restoredMs = answeredAgain(seen, String(back.to), Date.parse(promoted.at));
  const since = (instant: number): number => (restoredMs - instant) / 1000;
  return {
    day,
    bad,
    restored: back.to,
    promotedAt: promoted.at,
    fellBackAt: back.at,
    verdictAt: judged?.completedAt?.toISOString() ?? null,
    servedAfterVerdictSeconds: since(judged?.completedAt?.getTime() ?? NaN),
    seconds: since(Date.parse(promoted.at)),
    badWasServed: seen.some(({ version }) => version === String(bad)),
    stateOfBad: (await world.stores.registry.load(MODEL, bad)).state,
    reason: back.reason,
  };
}

/** The bad cycle's version of the contender that the trees are; else any of it that its gates refused. */
async function versionOf(world: World): Promise<number | null> {
  const versions = (await world.stores.registry.list(MODEL)).filter(
    ({ lineage, state }) => lineage.logicalTime === LOGICAL_TIME && state === 'rejected',
  );
  const trees = pythonContender(world.plan);
  return (versions.findLast(({ contender }) => contender === trees) ?? versions.at(-1))?.version ?? null;
}

/** When the version was first seen after the instant, following anything else. */
function answeredAgain(seen: readonly VersionSeen[], version: string, afterMs: number): number {
  return seen.findLast((each) => each.version === version && each.atMs >= afterMs)?.atMs ?? NaN;
}
