// Fault: two people promote two different versions at the same moment, both having seen the same epoch. One wins, the other is refused.
import type { Day } from '../../../src/domain/days';
import { failureCodeOf } from '../../../src/domain/failures';
import type { VersionState } from '../../../src/domain/lifecycle/registry';
import { untilQuiet } from '../story/quiet';
import { MODEL, OPERATOR, type World } from '../stage/world';

/** What was seen of it. */
export interface Race {
  readonly day: Day;
  readonly expectedEpoch: number;
  readonly versions: readonly number[];
  readonly winners: number;
  /** Codes with which the others were refused. */
  readonly refusals: readonly string[];
  readonly championBefore: number;
  /** The champion after the race, and after it was undone. */
  readonly championBetween: number | null;
  readonly championAfter: number | null;
}

/** Versions that have served before come first: they are known not to be bad. */
const PREFERRED: readonly VersionState[] = ['previous', 'archived', 'candidate', 'rejected'];

/** Lets two promotions race and puts the champion of before back; null when there are no two versions for it. */
export async function race(world: World, day: Day): Promise<Race | null> {
  const before = await untilQuiet(world);
  const versions = (await world.stores.registry.list(MODEL))
    .filter(({ state }) => PREFERRED.includes(state))
    .sort((a, b) => PREFERRED.indexOf(a.state) - PREFERRED.indexOf(b.state) || b.version - a.version)
    .slice(0, 2)
    .map(({ version }) => version);
  if (before.champion === null || versions.length < 2) return null;
  const results = await Promise.allSettled(
    versions.map((version) =>
      world.lifecycles.promote(MODEL, {
        version,
        expectedEpoch: before.epoch,
        by: OPERATOR,
        reason: `an exercise: a race for epoch ${before.epoch + 1}`,
        override: true,
      }),
    ),
  );
  const between = await untilQuiet(world);
  if (between.champion?.version !== before.champion.version) {
    const to = ['--to', String(before.champion.version)];
    await world.cli('rollback', MODEL, ...to, '--reason', 'the exercise is over', '--by', OPERATOR);
  }
  const after = await untilQuiet(world);
  return {
    day,
    expectedEpoch: before.epoch,
    versions,
    winners: results.filter(({ status }) => status === 'fulfilled').length,
    refusals: results.flatMap((result) => (result.status === 'rejected' ? [failureCodeOf(result.reason)] : [])),
    championBefore: before.champion.version,
    championBetween: between.champion?.version ?? null,
    championAfter: after.champion?.version ?? null,
  };
}
