// `card`: one HTML page or JSON document about a version: what it is for, what it was made from, how good it is, what counts in it.
import { cardDocument, type CardDocument } from '../../dashboard/card/document';
import type { LoanDocument } from '../../dashboard/card/loan';
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
      const { explanation, decision, loan } = document;
      // Of a borrowed version the lender's, where its own model has not measured it yet.
      const isLender = loan !== null && document.metrics.length === 0;
      const metrics = isLender ? loan.metrics : document.metrics;
      const head = facts([
        ['card', page ? `${page.file}, ${Math.ceil(page.bytes / 1024)} KB` : null],
        ['version', `${model}@${version} (${document.contender}, ${document.state})`],
        ['borrowed from', loan && loan.from.join(', borrowed from ')],
        ['training report', loan && lenderText(loan)],
        ['decision', decision && `${decision.verdict}; this version ${decision.passed ? 'passed' : 'failed'}`],
        ['parameters', document.search && searchText(document.search)],
        ['what counts', explanation && mostImportant(explanation.importance.features.map(({ name }) => name))],
      ]);
      const rows = metrics.map(({ metric, holdout, truth }) => [metric, shown(holdout.value), shown(truth.value)]);
      const names = isLender
        ? ["the lender's metric", "lender's holdout", "lender's truth"]
        : ['metric', 'holdout', 'truth'];
      return [head, table(names, rows), ...(loan ? loan.unknown.map((each) => `not known: ${each}`) : [])].join('\n');
    });
  },
};

/** Whose training report it is. */
function lenderText({ from, trained }: LoanDocument): string {
  const lender = from.at(-1)!;
  return trained
    ? `that of ${lender}, trained in ${trained.cycle}`
    : `that of ${lender}, which is not recorded any more`;
}

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
