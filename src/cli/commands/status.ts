// `status`: what a model is doing, who serves, and what waits for a person; without a model, one line for each.
import { openingFailures, type ServedState } from '../../client/serving-readiness';
import type { ScheduleTimes } from '../../client/schedules';
import { dataOwner } from '../../domain/data/data-owner';
import type { Watermark } from '../../domain/data/arrivals';
import { failureCodeOf } from '../../domain/failures';
import { GOOD_AGAIN } from '../../domain/lifecycle/ended-work';
import type { StudyRecord } from '../../domain/training/tuning';
import type { LifecycleStatus } from '../../domain/lifecycle/lifecycle';
import type { CliContext, Command } from '../command';
import { facts, table } from '../output';

const EXPECTED_SHOWN = 20;
const ENDED_SHOWN = 5;
/** Of a sentence in a table; --json has all of it. */
const LONGEST = 160;

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
    const [state, times, kept, served] = await Promise.all([
      lifecycles.status(model),
      nextTicks(schedules.describe(model)),
      fromDatabase(context, model),
      context.serving(),
    ]);
    const serving = served && (served.find((each) => each.model === model) ?? null);
    const healthGoodWhen = state.health === 'good' ? null : GOOD_AGAIN[state.health];
    const document = { ...state, healthGoodWhen, serving, schedules: times, ...kept };
    context.output.result(document, () => describe(state, serving, times, kept));
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

/** What the database knows besides: how far tables are complete, and searches for parameters that run. */
interface Kept {
  readonly watermarks: readonly Watermark[];
  readonly searches: readonly StudyRecord[];
}

/** What a lifecycle does can be looked at without the database. */
async function fromDatabase(context: CliContext, model: string): Promise<Kept> {
  try {
    const { definitions, watermarks: marks, studies } = await context.stores();
    const current = await definitions.current(model);
    const owner = current ? dataOwner((await definitions.load(current.digest)).plan) : model;
    const [watermarks, all] = await Promise.all([marks.list(owner), studies.list(model)]);
    return { watermarks, searches: all.filter(({ ended }) => ended === null) };
  } catch (error) {
    if (failureCodeOf(error) !== 'DATABASE_UNAVAILABLE') throw error;
    context.output.progress('The database does not answer: watermarks and searches are not shown.');
    return { watermarks: [], searches: [] };
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

function describe(
  state: LifecycleStatus,
  serving: ServedState | null,
  times: readonly ScheduleTimes[],
  { watermarks: marks, searches }: Kept,
): string {
  const parts = [
    facts([
      ['model', state.model],
      ['phase', state.phase],
      ['health', state.health],
      ...healthRows(state),
      ['champion', champion(state)],
      ['serving', servingText(state, serving)],
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
  if (searches.length > 0)
    parts.push(
      table(
        ['running search', 'contender', 'workflow', 'its trials'],
        searches.map(({ study, contender, workflow }) => [
          ...[study, contender, workflow],
          `npx understudy trials ${state.model} ${study}`,
        ]),
      ),
    );
  if (state.ended.length > 0) parts.push(endedOf(state));
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

/** Why the health is not good, and what makes it good. */
function healthRows({ health, healthReason }: LifecycleStatus): [string, string][] {
  if (health === 'good') return [];
  const why = healthReason
    ? `${healthReason.why} (since ${healthReason.since})`
    : 'not recorded: it was so before reasons were kept';
  return [
    ['  because', why],
    ['  good again with', GOOD_AGAIN[health]],
  ];
}

/** The version that answers requests, and why it is not the champion. */
function servingText({ champion }: LifecycleStatus, serving: ServedState | null): string | null {
  if (serving === null) return 'no answer';
  const failures = openingFailures(serving);
  if (serving.serving === null && failures.length === 0) return null;
  const differs = serving.serving === (champion?.version ?? null) ? '' : ' (NOT the champion)';
  return [`${serving.serving ?? 'none'}${differs}`, ...failures].join('; ');
}

/** The newest last, so that it stands where a person looks first. */
function endedOf({ ended }: LifecycleStatus): string {
  return table(
    ['ended', 'how', 'what came of it', 'as of'],
    ended
      .slice(-ENDED_SHOWN)
      .map(({ id, end, code, sentence, at }) => [
        ...[id, code === null ? end : `${end}: ${code}`],
        ...[sentence.length > LONGEST ? `${sentence.slice(0, LONGEST)}…` : sentence, at],
      ]),
  );
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
