// `plan`: what deploying and backfilling a definition would do to the data, before it is done.
import { planDifferences, type PlanDifference } from '../../client/plan-differences';
import { loadDefinition } from '../../definition/catalog';
import { dataOwner } from '../../domain/data/data-owner';
import type { Day } from '../../domain/days';
import type { ModelPlan } from '../../domain/plan/plan';
import { localDay } from '../../domain/zones';
import type { PlannedChanges, RowCount } from '../../ports/features';
import type { Stores } from '../../ports/stores';
import { day, required, usage } from '../arguments';
import type { Command } from '../command';
import { table } from '../output';

/** Something would be computed: refused by the rule that --check asks for. */
const EXIT_CHANGES = 4;

export const plan: Command = {
  name: 'plan',
  summary: 'Show what a definition would ingest, compute, reuse and drop, before it is deployed; changes nothing.',
  arguments: ['model'],
  options: {
    from: { type: 'string', value: 'DAY', help: "first day, YYYY-MM-DD (default: the definition's snapshot.start)" },
    to: {
      type: 'string',
      value: 'DAY',
      help: 'last day (default: snapshot.end, else the newest stored day, else today)',
    },
    check: { type: 'boolean', help: `exit with ${EXIT_CHANGES} when anything would be ingested or computed` },
  },
  examples: ['plan flight-delay', 'plan flight-delay --from 2013-01-01 --to 2013-06-30 --json'],
  async run(context, input) {
    const { plan: definition } = loadDefinition(context.modelsDir, required(input, 'model'));
    const stores = await context.stores();
    const from = day(input, 'from') ?? definition.snapshot.start;
    const to = day(input, 'to') ?? (await lastDay(stores, definition));
    if (from > to) throw usage(`plan: --from ${from} is after --to ${to}`);
    const current = await stores.definitions.current(definition.name);
    const deployed = current && (await stores.definitions.load(current.digest)).plan;
    const { differences, unchanged } = planDifferences(deployed, definition);
    const changes = await (await context.features()).planChanges(definition, deployed, { from, to });
    const document = { model: definition.name, deployed: deployed !== null, differences, unchanged, ...changes };
    context.output.result(document, () => describe(definition.name, deployed !== null, differences, changes));
    if (input.options['check'] === true && changes.anything) context.setExitCode(EXIT_CHANGES);
  },
};

async function lastDay(stores: Stores, definition: ModelPlan): Promise<Day> {
  if (definition.snapshot.end !== undefined) return definition.snapshot.end;
  const newest = await Promise.all(
    Object.keys(definition.tables).map((name) => stores.online.newestPartition(dataOwner(definition), name)),
  );
  const stored = newest.filter((found) => found !== null).sort();
  return stored.at(-1) ?? localDay(new Date().toISOString(), definition.timeZone);
}

function describe(
  model: string,
  isDeployed: boolean,
  differences: readonly PlanDifference[],
  { from, to, tables, views, anything }: PlannedChanges,
): string {
  const fields = isDeployed
    ? `${differences.length} fields differ from the deployed definition${differences.length > 0 ? `: ${differences.map(({ path }) => path).join(', ')}` : ''}`
    : `"${model}" is not deployed`;
  const tableRows = tables.map((each) => [
    each.table,
    each.change,
    shown(each.stored),
    shown(each.toIngest),
    shown(each.toCheckAgain),
  ]);
  const viewRows = views.map((each) => [
    each.view,
    each.change,
    each.version,
    shown(each.toCompute),
    shown(each.toReuse),
    shown(each.noLongerUsed),
  ]);
  return [
    `${model}, ${from} to ${to}: ${fields}.`,
    table(['table', 'change', 'stored', 'to ingest', 'to check again'], tableRows),
    table(['view', 'change', 'version', 'to compute', 'to reuse', 'no longer used'], viewRows),
    anything
      ? `Days, and rows in brackets (~: estimated from the median day; ?: no day is stored yet). Do it with: npx understudy deploy ${model} && npx understudy backfill ${model} --from ${from} --to ${to}`
      : 'Nothing would be ingested or computed.',
  ].join('\n');
}

function shown({ days, rows, estimated }: RowCount): string | null {
  if (days === 0) return null;
  if (estimated && rows === 0) return `${days} (?)`;
  return `${days} (${estimated ? '~' : ''}${rows})`;
}
