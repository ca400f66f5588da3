// One contender of one cycle: search for parameters where it asks for that → train → check parity and signature → save as candidate → evaluate → explain.
import { executeChild, isCancellation, log, ParentClosePolicy, patched, setCurrentDetails } from '@temporalio/workflow';
import type { ExperimentMark } from '../domain/evaluation/experiments';
import { tuneId } from '../domain/ids';
import type { SnapshotRef } from '../domain/data/partitions';
import type { TrainRequest } from '../domain/training/training';
import type { TuningResult, TuningSettings } from '../domain/training/tuning';
import type { CycleContext } from '../ports/activities';
import { describeFailure } from './failure';
import { data, explainVersion } from './proxies';
import { train } from './train';
import type { tuneModel } from './tune-model';

export interface ChallengerInput extends CycleContext {
  readonly contender: string;
  readonly queue: string;
  readonly snapshot: SnapshotRef;
  /** Of an experiment: its version is kept apart from candidates. */
  readonly experiment?: ExperimentMark;
}

export type ChallengerResult =
  | { readonly ok: true; readonly contender: string; readonly version: number }
  | { readonly ok: false; readonly contender: string; readonly code: string; readonly message: string };

export async function challenger(input: ChallengerInput): Promise<ChallengerResult> {
  const { tuning, ...asWritten } = await data.prepareTraining(input);
  const tuned = tuning && (await tune(input, asWritten, tuning));
  const request: TrainRequest = tuned ? { ...asWritten, params: { ...asWritten.params, ...tuned.params } } : asWritten;
  setCurrentDetails(`training ${request.trainer} on ${input.queue}`);
  const result = await train(input.queue, request);
  setCurrentDetails(`trained in ${result.seconds.toFixed(1)} s, saving`);
  const { version } = await data.saveCandidate({
    ...input,
    request,
    result,
    ...(tuned ? { tuning: { study: tuned.study, trial: tuned.trial } } : {}),
  });
  const evaluation = await data.evaluateVersion({ ...input, version, snapshot: input.snapshot });
  const loss = evaluation.logLoss?.toFixed(4) ?? 'unknown';
  const lossName = request.task === 'regression' ? 'scaled squared error' : 'log loss';
  setCurrentDetails(`version ${version}: ${lossName} ${loss} on the holdout`);
  if (patched('explained-versions')) await explain(input, version);
  return { ok: true, contender: input.contender, version };
}

async function tune(input: ChallengerInput, request: TrainRequest, tuning: TuningSettings): Promise<TuningResult> {
  const workflowId = tuneId(input.cycle, input.contender);
  setCurrentDetails(`searching for parameters: ${workflowId}`);
  return executeChild<typeof tuneModel>('tuneModel', {
    workflowId,
    args: [{ ...input, request, tuning }],
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    staticSummary: `${input.model}: parameters of ${input.contender} for ${input.logicalTime}`,
  });
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
