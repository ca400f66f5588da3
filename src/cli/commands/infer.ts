// `infer`: drafts a table's contract from a file; needs no server and no database.
import type { Command } from '../command';

export const infer: Command = {
  name: 'infer',
  summary: 'Draft the contract of a table from a file, offline: types, bounds, key, day, with statistics as comments.',
  arguments: ['file'],
  options: {
    format: { type: 'string', value: 'FORMAT', help: 'csv, tsv, jsonl or parquet; default: by the name' },
    encoding: { type: 'string', value: 'ENCODING', help: 'utf-8 (default), latin-1 or utf-16' },
    delimiter: { type: 'string', value: 'CHARACTER', help: 'default: a comma, for tsv a tab' },
    null: {
      type: 'string',
      value: 'TEXT',
      help: 'how the file writes a missing value; default: the most frequent usual way',
    },
  },
  examples: ['infer models/flight-delay/data/weather.csv.gz', 'infer orders.jsonl --json'],
  async run({ output, inferTable }, input) {
    const options = Object.fromEntries(Object.entries(input.options).map(([name, value]) => [name, String(value)]));
    const draft = await inferTable(input.arguments['file']!, options);
    if (draft.partial)
      output.progress(`Read the first ${draft.rows.toLocaleString('en-US')} rows only; the file has more.`);
    output.result(draft.document, () => draft.text);
  },
};
