// `contributions`: how the prediction for one entity comes about, feature by feature.
import { count, required } from '../arguments';
import { askedVersion } from '../asked-version';
import type { Command } from '../command';
import { facts, table } from '../output';

const DEFAULT_FEATURES = 15;

export const contributions: Command = {
  name: 'contributions',
  summary: "Show which part each feature has in a version's prediction for one entity.",
  arguments: ['model@version'],
  options: {
    key: { type: 'string', value: 'KEY', required: true, help: "the entity's key" },
    limit: {
      type: 'string',
      value: 'N',
      help: `how many features, the largest parts first (default: ${DEFAULT_FEATURES})`,
    },
  },
  examples: ['contributions flight-delay --key 2013-07-01-UA-1545-EWR', 'contributions flight-delay@7 --key K --json'],
  async run(context, input) {
    const { model, version } = await askedVersion(context, 'contributions', required(input, 'model@version'));
    const found = await (await context.modelReports()).contributions(model, version, required(input, 'key'));
    context.output.result(found, () => {
      const head = facts([
        ['prediction', `${found.probability.toFixed(4)} for ${found.key}, by ${model}@${version} (${found.contender})`],
        ['log-odds', `${found.logOdds.toFixed(4)} = ${found.base.toFixed(4)} (the mean) + the parts below`],
        ['method', found.method],
      ]);
      const limit = count(input, 'limit') ?? DEFAULT_FEATURES;
      const [shownOnes, others] = [found.features.slice(0, limit), found.features.slice(limit)];
      const rows = shownOnes.map(({ feature, value, contribution }) => [
        feature,
        typeof value === 'number' ? String(Number(value.toPrecision(6))) : value,
        signed(contribution),
      ]);
      // The parts add up to the prediction only with those that are not shown.
      if (others.length > 0) {
        const rest = others.reduce((total, { contribution }) => total + contribution, 0);
        rows.push([`the other ${others.length}`, null, signed(rest)]);
      }
      return `${head}\n${table(['feature', 'value', 'part of the log-odds'], rows)}`;
    });
  },
};

function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(4)}`;
}
