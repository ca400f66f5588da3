// `status`: what a model is doing, who serves, and what waits for a person; without a model, one line for each.
import type { ScheduleTimes } from '../../client/schedules';
import { dataOwner } from '../../domain/data/data-owner';
import type { Watermark } from '../../domain/data/arrivals';
import { failureCodeOf } from '../../domain/failures';
import type { LifecycleStatus } from '../../domain/lifecycle/lifecycle';
import type { CliContext, Command } from '../command';
import { facts, table } from '../output';

const EXPECTED_SHOWN = 20;

export const status: Command = {
  name: 'status',
  summary: 'Show what a model is doing, who serves, and what waits for a person; without a model, all of them.',
  arguments: ['model?'],
  options: {},
  examples: ['status', 'status flight-delay --json'],
  async run(context, input) {
    const model = input.arguments['model'];
    if (model === undefined) return all(context);
    const { lifecycles, schedules } = await context.temporal();
    const [state, times, marks] = await Promise.all([
      lifecycles.status(model),
      nextTicks(schedules.describe(model)),
      watermarks(context, model),
    ]);
    context.output.result({ ...state, schedules: times, watermarks: marks }, () => describe(state, times, marks));
  },
};

/** A model that was started by a message alone has no Schedules; that is no failure of `status`. */
async function nextTicks(asked: Promise<ScheduleTimes[]>): Promise<ScheduleTimes[]> {
  try {
    return await asked;
  } catch (error) {
    if (failureCodeOf(error) === 'MODEL_NOT_DEPLOYED') return [];
    throw error;
  }
}

/** What a lifecycle does can be looked at without the database. */
async function watermarks(context: CliContext, model: string): Promise<Watermark[]> {
  try {
    const { definitions, watermarks: kept } = await context.stores();
    const current = await definitions.current(model);
    return await kept.list(current ? dataOwner((await definitions.load(current.digest)).plan) : model);
  } catch (error) {
    if (failureCodeOf(error) !== 'DATABASE_UNAVAILABLE') throw error;
    context.output.progress('The database does not answer: watermarks are not shown.');
    return [];
  }
}

async function all(context: CliContext): Promise<void> {
  const stores = await context.stores();
  const { lifecycles } = await context.temporal();
  const models = await stores.definitions.models();
  const rows: LifecycleStatus[] = [];
  for (const model of models) {
    try {
      rows.push(await lifecycles.status(model));
    } catch (error) {
      if (failureCodeOf(error) !== 'MODEL_NOT_DEPLOYED') throw error;
      context.output.progress(
        `${model}: recorded, but its lifecycle does not run. Run: npx understudy deploy ${model}`,
      );
    }
  }
  context.output.result({ models: rows }, () =>
    table(
      ['model', 'phase', 'health', 'champion', 'previous', 'epoch', 'now', 'open', 'approval'],
      rows.map((row) => [
        row.model,
        row.phase,
        row.health,
        champion(row),
        row.previous,
        row.epoch,
        row.now,
        row.open.length,
        waiting(row),
      ]),
    ),
  );
}

function describe(state: LifecycleStatus, times: readonly ScheduleTimes[], marks: readonly Watermark[]): string {
  const parts = [
    facts([
      ['model', state.model],
      ['phase', state.phase],
      ['health', state.health],
      ['champion', champion(state)],
      ['previous', state.previous],
      ['epoch', state.epoch],
      ['clock', `${state.clock}${state.now ? `, now ${state.now}` : ''}`],
      ['definition', state.definitionDigest],
      ['queued', state.queued],
    ]),
  ];
  if (state.open.length > 0)
    parts.push(
      table(
        ['open work', 'id', 'since'],
        state.open.map((work) => [work.kind, work.id, work.since]),
      ),
    );
  if (state.approval) parts.push(proposal(state));
  if (marks.length > 0)
    parts.push(
      table(
        ['table', 'complete through', 're-opened'],
        marks.map((mark) => [mark.table, mark.through, mark.reopened.join(', ') || null]),
      ),
    );
  if (state.expected.length > 0) parts.push(expectedOf(state));
  if (state.refused.length > 0)
    parts.push(
      table(
        ['refused message', 'why'],
        state.refused.map(({ name, why }) => [name, why]),
      ),
    );
  if (times.length > 0) {
    parts.push(
      table(
        ['schedule', 'next tick'],
        times.map((each) => [each.id, each.paused ? 'paused' : (each.next[0] ?? null)]),
      ),
    );
  }
  return parts.join('\n');
}

/** What has not come, the soonest deadline first. */
function expectedOf({ expected }: LifecycleStatus): string {
  const rows = expected
    .slice(0, EXPECTED_SHOWN)
    .map(({ table, partition, deadline, nextPoll, alerted, refused }) => [
      `${table} of ${partition}`,
      alerted ? `late since ${deadline}` : `by ${deadline}`,
      nextPoll,
      refused ?? null,
    ]);
  const more = expected.length > EXPECTED_SHOWN ? `\n… and ${expected.length - EXPECTED_SHOWN} more` : '';
  return table(['expected', 'deadline', 'next look', 'what lies there'], rows) + more;
}

/** A pending proposal in words, with the command that approves it. */
export function proposal(state: LifecycleStatus): string {
  const { approval } = state;
  if (!approval) return 'No approval is pending.';
  return facts([
    [
      'waiting for approval',
      `version ${approval.version} (${approval.contender}, ${approval.kind}) of ${approval.cycle}`,
    ],
    ['digest', approval.digest],
    ['expires', approval.expiresAt],
    ['approved by', approval.approvedBy.join(', ') || null],
    ['to approve', `npx understudy approve ${state.model} --digest ${approval.digest} --by NAME`],
  ]);
}

function champion(state: LifecycleStatus): string | null {
  return state.champion && `${state.champion.version} (${state.champion.contender})`;
}

function waiting(state: LifecycleStatus): string | null {
  return state.approval && `version ${state.approval.version}, until ${state.approval.expiresAt}`;
}
