// One move of the champion: pointer by compare-and-set, serving seen to answer with it, then champion against previous on the truth set, and its
// views online.
import type { ChildOutcome } from '../domain/lifecycle/lifecycle';
import type { MoveRequest } from '../domain/lifecycle/lifecycle-state';
import type { StepContext } from '../ports/activities';
import { describeFailure } from './failure';
import { awaitServing, control, data } from './proxies';
import { refreshOnline } from './refresh-online';
import { reportingTo } from './report';

export interface RolloutInput extends StepContext {
  readonly move: MoveRequest;
}

/** Serving polls each second and is told by the database; ten seconds is the promise of the fallback rule. */
const SERVING_WITHIN_MS = 10_000;
const REFUSALS = [
  'EPOCH_CONFLICT',
  'VERSION_NOT_ALLOWED',
  'VERSION_NOT_FOUND',
  'NO_PREVIOUS',
  'ARTIFACT_MISSING',
  'ARTIFACT_CORRUPT',
];

export async function rollout(input: RolloutInput): Promise<ChildOutcome> {
  return reportingTo('rollout', input, async () => {
    const { move, model, asOf } = input;
    let pointer;
    try {
      pointer = await control.moveChampion({ model, asOf, ...requestOf(move) });
    } catch (error) {
      const failure = describeFailure(error);
      if (REFUSALS.includes(failure.code)) return { type: 'not-moved', ...failure };
      throw error;
    }
    const { serving } = await awaitServing({ model, version: move.version, withinMs: SERVING_WITHIN_MS });
    if (!serving) await alertNotServing(input);
    const [check] = await Promise.all([
      move.checkAfter && pointer.previous !== null
        ? data.compareOnTruth({ ...input, version: move.version, previous: pointer.previous })
        : { worse: false, reason: '' },
      // An older version than previous may have views of its own, which are not online.
      refreshOnline(input, `version ${move.version}, epoch ${pointer.epoch}`, true),
    ]);
    return {
      type: 'moved',
      version: move.version,
      contender: pointer.contender,
      previous: pointer.previous,
      epoch: pointer.epoch,
      fallback: check.worse ? check.reason : null,
    };
  });
}

function requestOf(move: MoveRequest): Omit<Parameters<typeof control.moveChampion>[0], 'model' | 'asOf'> {
  const { checkAfter: _, ...request } = move;
  return request;
}

async function alertNotServing({ model, move, asOf }: RolloutInput): Promise<void> {
  await control.raiseAlert({
    key: `not-serving/${model}/${move.expectedEpoch + 1}`,
    model,
    severity: 'critical',
    event: 'champion.not-serving',
    what: `version ${move.version} is champion, but serving does not answer with it`,
    why: `no answer with the version within ${SERVING_WITHIN_MS / 1000} s`,
    command: 'npx understudy doctor',
    asOf,
  });
}
