// `borrow`: lets a model without a champion of its own serve the version of another model that its definition names.
import { UnderstudyError } from '../../domain/failures';
import { required, sender } from '../arguments';
import { loanText, serveBorrowed } from '../borrowing';
import type { Command } from '../command';

export const borrow: Command = {
  name: 'borrow',
  summary:
    "Let a model without a champion of its own serve another model's, as its definition says; again: its present one.",
  arguments: ['model'],
  options: { by: { type: 'string', value: 'NAME', help: 'who borrows (default: you)' } },
  examples: ['borrow new-model', 'borrow new-model --by ann'],
  async run(context, input) {
    const model = required(input, 'model');
    const stores = await context.stores();
    const current = await stores.definitions.current(model);
    if (!current) throw new UnderstudyError('MODEL_NOT_DEPLOYED', `"${model}" is not deployed.`, { model });
    const { plan } = await stores.definitions.load(current.digest);
    const loan = await serveBorrowed(context, plan, sender(context, input));
    context.output.result({ model, ...loan }, () => loanText(model, loan));
  },
};
