// `views`: the feature views of a deployed model, their versions, what is stored of them, and who else uses them.
import { required } from '../arguments';
import type { Command } from '../command';
import { table } from '../output';

export const views: Command = {
  name: 'views',
  summary: 'List the feature views of a model: version, owner, inputs, stored days, and models that share them.',
  arguments: ['model'],
  options: {},
  examples: ['views flight-delay'],
  async run(context, input) {
    const model = required(input, 'model');
    const found = await (await context.features()).describeViews(model);
    context.output.result({ model, views: found }, () => {
      const rows = found.map((view) => [
        view.name,
        view.version,
        view.owner || null,
        reads(view.reads),
        Object.keys(view.features).length,
        view.daysStored,
        view.rows,
        view.sharedWith.join(', ') || null,
      ]);
      const described = found.filter(({ description }) => description !== '');
      return [
        table(['view', 'version', 'owner', 'reads (days back)', 'features', 'days', 'rows', 'shared with'], rows),
        ...described.map(({ name, description }) => `${name}: ${description}`),
      ].join('\n');
    });
  },
};

function reads(all: Readonly<Record<string, number>>): string {
  return Object.entries(all)
    .map(([name, days]) => `${name} (${days})`)
    .join(', ');
}
