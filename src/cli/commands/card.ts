// `card`: one HTML page or JSON document about a version: what it is for, what it was made from, how good it is, what counts in it.
import { cardDocument, type CardDocument } from '../../dashboard/card/document';
import { gatherCard } from '../../dashboard/card/gather';
import { cardPage } from '../../dashboard/card/page';
import { required, text } from '../arguments';
import { askedVersion } from '../asked-version';
import type { Command } from '../command';
import { facts, table } from '../output';
import { writePage } from '../write-page';

const SHOWN_FEATURES = 5;

export const card: Command = {
  name: 'card',
  summary: 'Write the model card of a version: data, metrics with intervals, importance, decision, lineage, limits.',
  arguments: ['model@version'],
  options: {
    out: {
      type: 'string',
      value: 'FILE.html',
      help: 'where to write it (default: <model>-<version>.html here; with --json: only when given)',
    },
  },
  examples: ['card flight-delay@7', 'card flight-delay@champion --out card.html', 'card flight-delay@7 --json'],
  async run(context, input) {
    const { stores, model, version } = await askedVersion(context, 'card', required(input, 'model@version'));
    const sources = { stores, reports: await context.modelReports(), comparisons: await context.decisionReports() };
    const document = cardDocument(await gatherCard(sources, model, version, new Date().toISOString()));
    const out = text(input, 'out') ?? (context.output.json ? undefined : `${model}-${version}.html`);
    const page = out === undefined ? null : { file: out, bytes: writePage('card', out, cardPage(document)) };
    context.output.result(document, () => {
      const { metrics, explanation, decision } = document;
      const head = facts([
        ['card', page ? `${page.file}, ${Math.ceil(page.bytes / 1024)} KB` : null],
        ['version', `${model}@${version} (${document.contender}, ${document.state})`],
        ['decision', decision && `${decision.verdict}; this version ${decision.passed ? 'passed' : 'failed'}`],
        ['parameters', document.search && searchText(document.search)],
        ['what counts', explanation && mostImportant(explanation.importance.features.map(({ name }) => name))],
      ]);
      const rows = metrics.map(({ metric, holdout, truth }) => [metric, shown(holdout.value), shown(truth.value)]);
      return `${head}\n${table(['metric', 'holdout', 'truth'], rows)}`;
    });
  },
};

function searchText({ study, trial }: NonNullable<CardDocument['search']>): string {
  return trial === null
    ? `study ${study}, ended before a trial was complete`
    : `found by study ${study}, trial ${trial}`;
}

function mostImportant(names: readonly string[]): string {
  return names.slice(0, SHOWN_FEATURES).join(', ');
}

function shown(value: number | null): string | null {
  return value === null ? null : value.toFixed(4);
}
