// A contender with a person's settings on one snapshot: trained, saved as an experiment and evaluated like any challenger, the champion beside it.
// Invariant: it decides nothing and moves nothing.
import { ApplicationFailure, executeChild, ParentClosePolicy } from '@temporalio/workflow';
import type { ExperimentMark, ExperimentResult } from '../domain/evaluation/experiments';
import { challengerId } from '../domain/ids';
import type { challenger, ChallengerInput } from './challenger';
import { tellsWhatItDoes } from './doing';
import { data } from './proxies';

export interface ExperimentInput extends ChallengerInput {
  readonly experiment: ExperimentMark;
  /** Evaluated on the same snapshot; null: there is none. */
  readonly championVersion: number | null;
}

export async function experiment({ championVersion, ...input }: ExperimentInput): Promise<ExperimentResult> {
  const tell = tellsWhatItDoes();
  const { model, contender, snapshot, experiment: mark } = input;
  const settings = mark.settings.join(', ') || 'as defined';
  tell(`${contender} (${settings}) on snapshot ${snapshot.id.slice(0, 12)}`);
  const [result] = await Promise.all([
    executeChild<typeof challenger>('challenger', {
      workflowId: challengerId(input.cycle, contender),
      args: [input],
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      staticSummary: `${model}: experiment with ${contender}`,
    }),
    championVersion === null ? null : data.evaluateVersion({ ...input, version: championVersion }),
  ]);
  if (!result.ok) throw ApplicationFailure.nonRetryable(result.message, result.code);
  tell(`version ${result.version}: ${contender} (${settings})`);
  return { version: result.version };
}
