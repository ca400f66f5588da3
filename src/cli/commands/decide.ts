// `approve` and `reject`: the answer of a person to a proposal, bound to the digest of exactly what was proposed.
import { UnderstudyError } from '../../domain/failures';
import type { TemporalAccess } from '../command';
import { printAccepted } from '../accepted';
import { required, sender, text } from '../arguments';
import type { Command } from '../command';
import { proposal } from './status';

const LEAST_DIGITS = 8;

export const approve = deciding('approve', 'Approve the proposal that is pending.');
export const reject = deciding('reject', 'Reject the proposal that is pending; the champion stays.');

function deciding(decision: 'approve' | 'reject', summary: string): Command {
  return {
    name: decision,
    summary,
    arguments: ['model'],
    options: {
      digest: {
        type: 'string',
        value: 'DIGEST',
        help: 'what is decided on, or its first 8 digits or more (default: the pending proposal, which is shown)',
      },
      comment: { type: 'string', value: 'TEXT', help: 'recorded with the decision' },
      by: { type: 'string', value: 'NAME', help: 'who decides (default: $USER)' },
    },
    examples: [`${decision} flight-delay --by ada --comment "looked at the slices"`],
    async run(context, input) {
      const model = required(input, 'model');
      const by = sender(context, input);
      const comment = text(input, 'comment');
      const access = await context.temporal();
      const state = await access.lifecycles.status(model);
      const given = text(input, 'digest');
      if (given === undefined && state.approval) context.output.progress(proposal(state));
      const digest = expanded(given, state.approval?.digest);
      if (digest === undefined)
        throw new UnderstudyError('NO_APPROVAL_PENDING', `No proposal of "${model}" waits for an approval.`);
      const cycle = state.approval?.cycle ?? (await cycleOf(access, model, digest));
      const message = { cycle, decision, by, digest, ...(comment ? { comment } : {}) };
      printAccepted(context, model, await access.lifecycles.decide(model, message));
    },
  };
}

/** The start of the pending proposal's digest, at least 8 digits, stands for all of it. */
export function expanded(given: string | undefined, pending: string | undefined): string | undefined {
  if (given === undefined) return pending;
  return pending !== undefined && given.length >= LEAST_DIGITS && pending.startsWith(given) ? pending : given;
}

/** Nothing is pending, but the person names a digest: the entity knows best why it is too late, so the message is sent all the same. */
async function cycleOf({ lifecycles }: TemporalAccess, model: string, digest: string): Promise<string> {
  const known = (await lifecycles.decisions(model)).find((decision) => decision.digest === digest);
  if (!known)
    throw new UnderstudyError(
      'NO_APPROVAL_PENDING',
      `No proposal of "${model}" waits for an approval, and none had the digest ${digest}.`,
    );
  return known.cycle;
}
