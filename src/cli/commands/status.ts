// `status`: what a model is doing, who serves, and what waits for a person; without a model, one line for each.
import type { ScheduleTimes } from '../../client/schedules';
import { failureCodeOf } from '../../domain/failures';
import type { LifecycleStatus } from '../../domain/lifecycle';
import type { CliContext, Command } from '../command';
import { facts, table } from '../output';

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
    const [state, times] = await Promise.all([lifecycles.status(model), nextTicks(schedules.describe(model))]);
    context.output.result({ ...state, schedules: times }, () => describe(state, times));
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

function describe(state: LifecycleStatus, times: readonly ScheduleTimes[]): string {
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
