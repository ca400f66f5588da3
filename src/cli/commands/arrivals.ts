// `arrivals`: what became of each delivery that a model was told of or found.
import type { Arrival } from '../../domain/data/arrivals';
import { count, required } from '../arguments';
import type { Command } from '../command';
import { table } from '../output';

const DEFAULT_LIMIT = 50;

export const arrivals: Command = {
  name: 'arrivals',
  summary: 'List deliveries, newest first: each one started an ingest, was merged with one, or was refused, and why.',
  arguments: ['model'],
  options: { limit: { type: 'string', value: 'N', help: `how many (default: ${DEFAULT_LIMIT})` } },
  examples: ['arrivals flight-delay', 'arrivals flight-delay --limit 500 --json'],
  async run(context, input) {
    const model = required(input, 'model');
    const stores = await context.stores();
    const found = await stores.arrivals.list(model, count(input, 'limit') ?? DEFAULT_LIMIT);
    context.output.result({ model, arrivals: found }, () =>
      found.length === 0 ? `Nothing has been delivered for "${model}" so far.` : listed(found),
    );
  },
};

function listed(found: readonly Arrival[]): string {
  return table(
    ['as of', 'by', 'table', 'partition', 'outcome', 'reason'],
    found.map((each) => [each.asOf, each.source, each.table, each.partition, each.outcome, each.reason]),
  );
}
