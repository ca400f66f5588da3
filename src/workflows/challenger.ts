// One contender of one cycle: train → check parity and signature → save as candidate → evaluate.
import { isCancellation, log, patched, setCurrentDetails, sleep } from '@temporalio/workflow';
import type { SnapshotRef } from '../domain/partitions';
import type { TrainRequest, TrainResult } from '../domain/training';
import type { CycleContext } from '../ports/activities';
import { describeFailure } from './failure';
import { data, explainVersion, trainOn } from './proxies';

export interface ChallengerInput extends CycleContext {
  readonly contender: string;
  readonly queue: string;
  readonly snapshot: SnapshotRef;
}

export type ChallengerResult =
  | { readonly ok: true; readonly contender: string; readonly version: number }
  | { readonly ok: false; readonly contender: string; readonly code: string; readonly message: string };

export async function challenger(input: ChallengerInput): Promise<ChallengerResult> {
  const request = await data.prepareTraining(input);
  setCurrentDetails(`training ${request.trainer} on ${input.queue}`);
  const result = await train(input.queue, request);
  setCurrentDetails(`trained in ${result.seconds.toFixed(1)} s, saving`);
  const { version } = await data.saveCandidate({ ...input, request, result });
  const evaluation = await data.evaluateVersion({ ...input, version, snapshot: input.snapshot });
  setCurrentDetails(`version ${version}: log loss ${evaluation.logLoss?.toFixed(4) ?? 'unknown'} on the holdout`);
  if (patched('explained-versions')) await explain(input, version);
  return { ok: true, contender: input.contender, version };
}

/** A version that could not be explained is judged all the same; its card says so, and `npx understudy card` tries again. */
async function explain({ model, definitionDigest, asOf }: ChallengerInput, version: number): Promise<void> {
  try {
    await explainVersion({ model, definitionDigest, asOf, version });
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('the version was not explained', { model, version, ...describeFailure(error) });
  }
}

/** How long a training waits for space before it looks again. */
const FULL_STORE_PAUSE = '30 s';

/** A crash of native code is tried a few times only; a full store is waited for, however long it takes a person to free it. */
async function train(queue: string, request: TrainRequest): Promise<TrainResult> {
  for (;;) {
    try {
      return await trainOn(queue).train(request);
    } catch (error) {
      if (describeFailure(error).code !== 'STORE_FULL') throw error;
      await sleep(FULL_STORE_PAUSE);
    }
  }
}
