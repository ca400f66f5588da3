// `promote` and `rollback`: a person moves the champion by name and with a reason.
import { printAccepted } from '../accepted';
import { count, required, sender, text, usage } from '../arguments';
import type { Command, OptionSpec } from '../command';

const REASON: OptionSpec = { type: 'string', value: 'TEXT', help: 'why; recorded in the audit log', required: true };
const BY: OptionSpec = { type: 'string', value: 'NAME', help: 'who decides (default: $USER)' };

export const promote: Command = {
  name: 'promote',
  summary: 'Put a version in front of users.',
  arguments: ['model'],
  options: {
    version: { type: 'string', value: 'V', help: 'the version' },
    contender: { type: 'string', value: 'NAME', help: 'the newest version of this contender, instead of --version' },
    override: { type: 'boolean', help: 'also one that its gates did not let through; the automatic fallback stays on' },
    'hold-fallback-until': {
      type: 'string',
      value: 'INSTANT',
      help: 'no automatic fallback before this instant, such as 2013-08-01T00:00:00Z',
    },
    epoch: { type: 'string', value: 'N', help: 'the epoch that you looked at (default: the one of now)' },
    reason: REASON,
    by: BY,
  },
  examples: ['promote flight-delay --version 7 --reason "chosen by hand" --by ada'],
  async run(context, input) {
    const model = required(input, 'model');
    const version = count(input, 'version');
    const contender = text(input, 'contender');
    if ((version === undefined) === (contender === undefined))
      throw usage('promote: give either --version V or --contender NAME');
    const hold = text(input, 'hold-fallback-until');
    if (hold !== undefined && (Number.isNaN(Date.parse(hold)) || !/^\d{4}-\d{2}-\d{2}/.test(hold))) {
      throw usage(
        `promote: --hold-fallback-until: found "${hold}", allowed is an instant such as 2013-08-01T00:00:00Z`,
      );
    }
    const by = sender(context, input);
    const givenEpoch = count(input, 'epoch');
    const { lifecycles } = await context.temporal();
    const expectedEpoch = givenEpoch ?? (await lifecycles.status(model)).epoch;
    const accepted = await lifecycles.promote(model, {
      ...(version === undefined ? {} : { version }),
      ...(contender === undefined ? {} : { contender }),
      expectedEpoch,
      by,
      reason: required(input, 'reason'),
      ...(input.options['override'] === true ? { override: true } : {}),
      ...(hold === undefined ? {} : { holdFallbackUntil: new Date(hold).toISOString() }),
    });
    printAccepted(context, model, accepted);
  },
};

export const rollback: Command = {
  name: 'rollback',
  summary: 'Put the previous version, or an earlier one, back in front of users.',
  arguments: ['model'],
  options: {
    to: { type: 'string', value: 'V', help: 'the version (default: the previous one)' },
    reason: REASON,
    by: BY,
  },
  examples: ['rollback flight-delay --reason "complaints since noon" --by ada'],
  async run(context, input) {
    const model = required(input, 'model');
    const to = count(input, 'to');
    const by = sender(context, input);
    const { lifecycles } = await context.temporal();
    const message = { by, reason: required(input, 'reason'), ...(to === undefined ? {} : { to }) };
    printAccepted(context, model, await lifecycles.rollback(model, message));
  },
};
