// `describe`: what a table holds over any range of days, from the statistics kept with each partition; no row is read again.
import { dataOwner } from '../../domain/data/data-owner';
import type { ColumnPlan } from '../../domain/plan/plan';
import { UnderstudyError } from '../../domain/failures';
import type { ColumnDescription } from '../../domain/data/partitions';
import type { SketchedPartition } from '../../ports/partition-sketches';
import { day, required, text, usage } from '../arguments';
import type { CliContext, Command, CommandInput } from '../command';
import { facts, table } from '../output';

const BAR_WIDTH = 40;
/** Top values that are drawn; `--json` has all that are kept. */
const DRAWN_VALUES = 20;

export const describe: Command = {
  name: 'describe',
  summary:
    'Describe a table over a range of days: rows, missing and distinct values, quantiles, top values, histograms.',
  arguments: ['model', 'table'],
  options: {
    from: { type: 'string', value: 'DAY', help: 'first day, YYYY-MM-DD (default: the first one stored)' },
    to: { type: 'string', value: 'DAY', help: 'last day, YYYY-MM-DD (default: the last one stored)' },
    column: {
      type: 'string',
      value: 'NAME',
      help: 'one column, with its histogram or top values (default: all, a line each)',
    },
  },
  examples: [
    'describe flight-delay outcomes --from 2013-03-01 --to 2013-03-31',
    'describe flight-delay outcomes --column dep_delay --json',
  ],
  async run(context, input) {
    const { model, name, columns, partitions } = await askedFor(context, input);
    const sketched = partitions.filter(({ sketches }) => sketches !== null);
    const described = Object.entries(columns).flatMap(([column, plan]) => {
      const sketches = sketched.flatMap((partition) => partition.sketches?.[column] ?? []);
      return sketches.length === 0 ? [] : [{ column, type: plan.type, ...context.describeSketches(sketches) }];
    });
    const document = {
      model,
      table: name,
      from: sketched[0]?.partition ?? null,
      to: sketched.at(-1)?.partition ?? null,
      partitions: sketched.length,
      /** Stored by a release that kept no sketches; not in the numbers. */
      withoutSketches: partitions.length - sketched.length,
      rows: sketched.reduce((sum, { rows }) => sum + rows, 0),
      columns: described,
    };
    context.output.result(document, () => {
      const head = facts([
        ['table', `${name} of ${model}`],
        ['days', `${document.from ?? '–'} to ${document.to ?? '–'}, ${document.partitions} partitions`],
        ['rows', document.rows],
        ...(document.withoutSketches > 0
          ? [['left out', `${document.withoutSketches} partitions without kept statistics`] as const]
          : []),
      ]);
      const only = text(input, 'column') === undefined ? null : described[0];
      return `${head}\n${only ? columnText(only) : columnsText(described)}`;
    });
  },
};

type Described = ColumnDescription & { readonly column: string; readonly type: ColumnPlan['type'] };

/** The stored partitions and the columns that the options name. Fails with MODEL_NOT_DEPLOYED, and with USAGE for what does not exist. */
async function askedFor(context: CliContext, input: CommandInput) {
  const model = required(input, 'model');
  const name = required(input, 'table');
  const [from, to] = [day(input, 'from'), day(input, 'to')];
  if (from !== undefined && to !== undefined && from > to) throw usage(`describe: --from ${from} is after --to ${to}`);
  const stores = await context.stores();
  const current = await stores.definitions.current(model);
  if (!current) throw new UnderstudyError('MODEL_NOT_DEPLOYED', `"${model}" is not deployed.`, { model });
  const deployed = (await stores.definitions.load(current.digest)).plan;
  const { tables } = deployed;
  const plan = tables[name];
  if (!plan) throw usage(`describe: found the table "${name}", allowed is one of ${Object.keys(tables).join(', ')}`);
  const column = text(input, 'column');
  if (column !== undefined && !plan.columns[column])
    throw usage(`--column: found "${column}", allowed is one of ${Object.keys(plan.columns).join(', ')}`);
  const columns = Object.fromEntries(
    Object.entries(plan.columns).filter(([each]) => column === undefined || each === column),
  );
  const owner = dataOwner(deployed);
  const partitions: readonly SketchedPartition[] = await stores.partitionSketches.sketches(owner, name, from, to);
  return { model, name, columns, partitions };
}

function columnsText(described: readonly Described[]): string {
  return table(
    ['column', 'type', 'rows', 'missing', 'distinct', 'min', 'p50', 'max', 'mean', 'deviation', 'top values'],
    described.map((each) => [
      ...[each.column, each.type, each.count + each.nulls, each.nulls, Math.round(each.distinct)],
      ...[each.min, each.quantiles?.['p50'], each.max].map((value) => shown(value, each.type)),
      ...[each.mean, isTime(each.type) ? undefined : each.deviation].map((value) => shown(value, each.type)),
      (each.top ?? [])
        .slice(0, 3)
        .map(({ value, count }) => `${value} (${count})`)
        .join(', ') || null,
    ]),
  );
}

function columnText(each: Described): string {
  const spread = isTime(each.type) ? null : shown(each.deviation, each.type);
  const quantiles = Object.entries(each.quantiles ?? {}).map(
    ([name, value]) => `${name} ${shown(value, each.type) ?? '–'}`,
  );
  const head = facts([
    ['column', `${each.column} (${each.type})`],
    ['values', `${each.count}, ${each.nulls} missing, about ${Math.round(each.distinct)} distinct`],
    ['min, max', each.min === undefined ? null : `${shown(each.min, each.type)}, ${shown(each.max, each.type)}`],
    [
      'mean',
      each.mean === undefined
        ? null
        : `${shown(each.mean, each.type)}${spread === null ? '' : `, deviation ${spread}`}`,
    ],
    ['quantiles', quantiles.length === 0 ? null : quantiles.join(', ')],
  ]);
  const bars = [
    ...(each.histogram ?? []).map((bin) => ({
      label: `${shown(bin.from, each.type)} to ${shown(bin.to, each.type)}`,
      count: bin.count,
    })),
    ...topBars(each),
  ];
  return bars.length === 0 ? head : `${head}\n\n${histogramText(bars)}`;
}

function topBars({ top = [], others = 0 }: Described): { label: string; count: number }[] {
  const drawn = top.slice(0, DRAWN_VALUES).map(({ value, count }) => ({ label: value, count }));
  const rest = others + top.slice(DRAWN_VALUES).reduce((sum, { count }) => sum + count, 0);
  return rest > 0 ? [...drawn, { label: '(others)', count: rest }] : drawn;
}

/** Bars of text, the longest `BAR_WIDTH` wide; a bin that is not empty has at least one mark. */
export function histogramText(bars: readonly { readonly label: string; readonly count: number }[]): string {
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const labelWidth = Math.max(0, ...bars.map(({ label }) => label.length));
  const countWidth = Math.max(0, ...bars.map(({ count }) => String(Math.round(count)).length));
  return bars
    .map(({ label, count }) => {
      const marks = count === 0 ? 0 : Math.max(1, Math.round((BAR_WIDTH * count) / most));
      return `${label.padStart(labelWidth)}  ${String(Math.round(count)).padStart(countWidth)}  ${'#'.repeat(marks)}`.trimEnd();
    })
    .join('\n');
}

function isTime(type: ColumnPlan['type']): boolean {
  return type === 'date' || type === 'timestamp';
}

/** Numbers with five digits that count; epoch milliseconds of dates and timestamps as such. */
function shown(value: number | null | undefined, type: ColumnPlan['type']): string | null {
  if (value === undefined || value === null) return null;
  if (!isTime(type)) return String(Number(value.toPrecision(5)));
  const instant = new Date(value).toISOString();
  return type === 'date' ? instant.slice(0, 10) : `${instant.slice(0, 19)}Z`;
}
