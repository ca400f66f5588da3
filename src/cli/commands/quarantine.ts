// `quarantine`: rows that checks set aside, as a place to work: what is there, why, and a person's verdict on it.
import { resolve } from 'node:path';
import { dataOwner } from '../../domain/data/data-owner';
import type { Day } from '../../domain/days';
import { UnderstudyError } from '../../domain/failures';
import type { QuarantineDecision, QuarantineEntry } from '../../ports/quarantine';
import { actionOf, count, day, required, sender, text, usage } from '../arguments';
import type { CliContext, Command, CommandInput } from '../command';
import { facts, table } from '../output';

const ACTIONS = ['list', 'show', 'release', 'discard'] as const;
const DEFAULT_LIMIT = 100;

export const quarantine: Command = {
  name: 'quarantine',
  summary: 'Work with rows that were set aside: list, show, release, or discard them.',
  arguments: ['action', 'model'],
  options: {
    table: { type: 'string', value: 'NAME', help: 'one table' },
    partition: { type: 'string', value: 'DAY', help: 'one day, YYYY-MM-DD' },
    rule: { type: 'string', value: 'NAME', help: 'one rule' },
    reason: { type: 'string', value: 'TEXT', help: 'why; for release and discard' },
    by: { type: 'string', value: 'NAME', help: 'who decides (default: $USER)' },
    limit: {
      type: 'string',
      value: 'N',
      help: `lines at most, the newest days first (default: ${DEFAULT_LIMIT}); with --out: rows (default: all)`,
    },
    out: { type: 'string', value: 'FILE', help: 'for show, with --table: write all rows, as .csv, .jsonl or .parquet' },
  },
  examples: [
    'quarantine list flight-delay',
    'quarantine show flight-delay --table outcomes --partition 2013-07-04',
    'quarantine show flight-delay --table outcomes --partition 2013-07-04 --out bad.csv',
    'quarantine release flight-delay --table outcomes --partition 2013-07-04 --rule dep_delay_range --reason "blizzard"',
  ],
  async run(context, input) {
    switch (actionOf(input, 'quarantine', ACTIONS)) {
      case 'list':
        return list(context, input);
      case 'show':
        return text(input, 'out') === undefined ? show(context, input) : writeRows(context, input);
      case 'release':
        return decide(context, input, 'released');
      case 'discard':
        return decide(context, input, 'discarded');
    }
  },
};

async function list(context: CliContext, input: CommandInput): Promise<void> {
  const model = required(input, 'model');
  const entries = newestFirst(await entriesOf(context, input)).slice(0, count(input, 'limit') ?? DEFAULT_LIMIT);
  context.output.result({ model, entries }, () => {
    if (entries.length === 0) return `Nothing is in the quarantine of "${model}".`;
    return table(
      ['table', 'partition', 'rule', 'rows', 'state', 'decided by', 'reason'],
      entries.map(({ table, partition, rule, rows, state, verdict }) => [
        ...[table, partition, rule, verdict?.verdict === 'released' ? verdict.rows : rows, stateOf(rows, state)],
        verdict?.by ?? null,
        verdict?.reason ?? null,
      ]),
    );
  });
}

async function show(context: CliContext, input: CommandInput): Promise<void> {
  const model = required(input, 'model');
  const found = await entriesOf(context, input);
  const entries = newestFirst(found).slice(0, count(input, 'limit') ?? DEFAULT_LIMIT);
  context.output.result({ model, entries }, () => {
    if (entries.length === 0) return `Nothing of that is in the quarantine of "${model}".`;
    return entries.map(describe).join('\n\n');
  });
}

function describe(entry: QuarantineEntry): string {
  const { table, partition, rule, revision, rows, samples, data, state, verdict } = entry;
  const head = facts([
    ['partition', `${table} of ${partition}, revision ${revision}`],
    ['rule', rule],
    ['rows', rows],
    ['state', stateOf(rows, state)],
    [
      'decided',
      verdict && `${verdict.verdict} by ${verdict.by} at ${verdict.at}, ${verdict.rows} rows: ${verdict.reason}`,
    ],
    ['all rows', data && `${data.uri}, Parquet (in an artifact folder: ${data.sha256.slice(0, 2)}/${data.sha256})`],
  ]);
  return [head, ...samples.map((sample) => `  ${sample}`)].join('\n');
}

const FORMATS = { csv: 'csv', jsonl: 'jsonl', parquet: 'parquet' } as const;

/** All rows as they were delivered, not the samples. */
async function writeRows(context: CliContext, input: CommandInput): Promise<void> {
  const model = required(input, 'model');
  const name = needed(input, 'table');
  const out = needed(input, 'out');
  const ending = /\.([a-z]+)$/i.exec(out)?.[1]?.toLowerCase() ?? '';
  const format = FORMATS[ending as keyof typeof FORMATS];
  if (format === undefined) throw usage(`--out: found "${out}", allowed is a name with .csv, .jsonl or .parquet`);
  const kept = newestFirst(await entriesOf(context, input)).filter(({ rows, data }) => rows > 0 && data !== null);
  if (kept.length === 0) {
    throw usage(`quarantine show: nothing of that is in the quarantine of "${model}", so ${out} was not written`);
  }
  const digests = new Map(kept.map(({ partition, data }) => [partition, data!.sha256]));
  const rules = [...new Set(kept.map(({ rule }) => rule))].sort();
  const reports = await context.artifactReports();
  const rows = await reports.exportQuarantine({
    partitions: [...digests].map(([partition, sha256]) => ({ partition, sha256 })),
    ...{ rules, limit: count(input, 'limit') ?? null, format, outPath: resolve(out) },
  });
  const days = digests.size;
  context.output.result({ model, table: name, out, format, rows, partitions: [...digests.keys()], rules }, () => {
    return `${rows} rows of ${name} of ${days} ${days === 1 ? 'day' : 'days'} in ${out}, under: ${rules.join(', ')}.`;
  });
}

async function decide(context: CliContext, input: CommandInput, verdict: QuarantineDecision): Promise<void> {
  const model = required(input, 'model');
  const message = {
    table: needed(input, 'table'),
    partition: day(input, 'partition') ?? needed(input, 'partition'),
    rule: needed(input, 'rule'),
    reason: needed(input, 'reason'),
    verdict,
    by: sender(context, input),
  };
  const { lifecycles } = await context.temporal();
  const accepted = await lifecycles.quarantine(model, message);
  const what = `the rows of ${message.table} of ${message.partition} under ${message.rule}`;
  context.output.result({ model, ...message, ...accepted }, () =>
    verdict === 'released'
      ? `Released: ${what}.\nThe partition is checked again with them, and what depends on it is computed again. Follow it with: npx understudy status ${model}`
      : `Discarded: ${what}. They stay out of the data; the quarantine keeps them as evidence.`,
  );
}

/** Entries that the options ask for. Fails with MODEL_NOT_DEPLOYED, and with USAGE for a table that the model does not have. */
async function entriesOf(context: CliContext, input: CommandInput): Promise<QuarantineEntry[]> {
  const model = required(input, 'model');
  const stores = await context.stores();
  const current = await stores.definitions.current(model);
  if (!current) throw new UnderstudyError('MODEL_NOT_DEPLOYED', `"${model}" is not deployed.`, { model });
  const wanted = text(input, 'table');
  const { plan } = await stores.definitions.load(current.digest);
  if (wanted !== undefined) {
    const known = Object.keys(plan.tables);
    if (!known.includes(wanted)) throw usage(`--table: found "${wanted}", allowed is one of ${known.join(', ')}`);
  }
  const partition: Day | undefined = day(input, 'partition');
  const entries = await stores.quarantine.list(dataOwner(plan), {
    ...(wanted === undefined ? {} : { table: wanted }),
    ...(partition === undefined ? {} : { from: partition, to: partition }),
  });
  const rule = text(input, 'rule');
  return rule === undefined ? entries : entries.filter((entry) => entry.rule === rule);
}

function newestFirst(entries: readonly QuarantineEntry[]): QuarantineEntry[] {
  return [...entries].sort((a, b) => (a.partition < b.partition ? 1 : a.partition > b.partition ? -1 : 0));
}

/** Between a release and the new revision the rows are still aside. */
function stateOf(rows: number, state: QuarantineEntry['state']): string {
  return state === 'released' && rows > 0 ? 'released, being let in' : state;
}

function needed(input: CommandInput, option: string): string {
  const value = text(input, option);
  if (value === undefined) throw usage(`quarantine ${required(input, 'action')}: --${option} is missing`);
  return value;
}
