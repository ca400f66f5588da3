// One contender of one cycle: train → check parity and signature → save as candidate → evaluate.
import { setCurrentDetails } from '@temporalio/workflow';
import type { SnapshotRef } from '../domain/partitions';
import type { CycleContext } from '../ports/activities';
import { data, trainOn } from './proxies';

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
  const result = await trainOn(input.queue).train(request);
  setCurrentDetails(`trained in ${result.seconds.toFixed(1)} s, saving`);
  const { version } = await data.saveCandidate({ ...input, request, result });
  const evaluation = await data.evaluateVersion({ ...input, version, snapshot: input.snapshot });
  setCurrentDetails(`version ${version}: log loss ${evaluation.logLoss?.toFixed(4) ?? 'unknown'} on the holdout`);
  return { ok: true, contender: input.contender, version };
}
