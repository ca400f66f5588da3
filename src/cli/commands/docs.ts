// `docs`: one HTML page about a model's data: tables, contracts, views, lineage, coverage by day, quality over time.
import { dataDocument, type DataDocument } from '../../dashboard/document/document';
import { gatherFacts } from '../../dashboard/document/gather';
import { dataPage } from '../../dashboard/page/page';
import { day, required, text } from '../arguments';
import type { CliContext, Command, CommandInput } from '../command';
import { facts, table } from '../output';
import { writePage } from '../write-page';

export const docs: Command = {
  name: 'docs',
  summary: "Write one HTML page about a model's data: contracts, lineage, coverage by day, quality over time.",
  arguments: ['model'],
  options: {
    from: { type: 'string', value: 'DAY', help: 'first day, YYYY-MM-DD (default: of the data; at most 366 days)' },
    to: { type: 'string', value: 'DAY', help: 'last day, YYYY-MM-DD (default: the newest)' },
    out: {
      type: 'string',
      value: 'FILE.html',
      help: 'where to write it (default: <model>-data.html here; with --json: only when given)',
    },
  },
  examples: ['docs flight-delay', 'docs flight-delay --from 2013-03-01 --to 2013-03-31 --out march.html'],
  async run(context, input) {
    const document = await documentOf(context, input);
    const out = text(input, 'out') ?? (context.output.json ? undefined : `${document.model}-data.html`);
    const page = out === undefined ? null : { file: out, bytes: writePage('docs', out, dataPage(document)) };
    context.output.result(document, () => {
      const head = facts([
        ['page', page ? `${page.file}, ${Math.ceil(page.bytes / 1024)} KB` : null],
        ['days', `${document.from} to ${document.to}, as of ${document.asOf}`],
      ]);
      const rows = document.tables.map(({ name, totals, coverage, watermark }) => [
        ...[name, watermark, totals.partitions, totals.rows, totals.quarantinedRows],
        ...[coverage.counts.missing, coverage.counts.rejected, coverage.counts.reopened],
      ]);
      const names = ['table', 'complete through', 'days', 'rows', 'set aside', 'missing', 'rejected', 're-opened'];
      return `${head}\n${table(names, rows)}`;
    });
  },
};

async function documentOf(context: CliContext, input: CommandInput): Promise<DataDocument> {
  const [from, to] = [day(input, 'from'), day(input, 'to')];
  const { plan, facts: found } = await gatherFacts(
    {
      stores: await context.stores(),
      describeSketches: context.describeSketches,
      describeViews: async (model) => (await context.features()).describeViews(model),
    },
    required(input, 'model'),
    {
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      now: new Date().toISOString(),
    },
  );
  return dataDocument(plan, found);
}
