// `backfill`: asks for a range of past days to be ingested and featurized, shows how far it has come, and holds or ends the one that runs.
import { randomUUID } from 'node:crypto';
import type { LifecycleClient } from '../../client/lifecycle-client';
import { UnderstudyError } from '../../domain/failures';
import { backfillId } from '../../domain/ids';
import type { BackfillProgress } from '../../domain/data/backfill';
import { printAccepted } from '../accepted';
import { day, required, sender, usage } from '../arguments';
import type { CliContext, Command, CommandInput } from '../command';
import { facts } from '../output';
import { awaitEnd, endOrUnknown, waitingText } from '../waiting';

const ACTIONS = ['pause', 'resume', 'cancel'] as const;
type Action = (typeof ACTIONS)[number];

export const backfill: Command = {
  name: 'backfill',
  summary: 'Ingest and featurize a range of past days; what is there already is not done again.',
  arguments: ['model'],
  options: {
    from: { type: 'string', value: 'DAY', help: 'first day, YYYY-MM-DD' },
    to: { type: 'string', value: 'DAY', help: 'last day, YYYY-MM-DD' },
    wait: {
      type: 'boolean',
      help: 'wait for its end, with progress on stderr, and print what it did; exit code 1 when it failed',
    },
    pause: { type: 'boolean', help: 'hold the backfill that runs, once its running steps have ended' },
    resume: { type: 'boolean', help: 'let it go on' },
    cancel: {
      type: 'boolean',
      help: 'end it once its running steps have ended; another one does only what is missing',
    },
    by: { type: 'string', value: 'NAME', help: 'who asks (default: $USER)' },
  },
  examples: ['backfill flight-delay --from 2013-01-01 --to 2013-06-30 --wait', 'backfill flight-delay --pause'],
  async run(context, input) {
    const model = required(input, 'model');
    const actions = ACTIONS.filter((action) => input.options[action] === true);
    const [action] = actions;
    if (action !== undefined) return control(context, input, model, actions.length > 1 ? undefined : action);
    const from = day(input, 'from');
    const to = day(input, 'to');
    if (from === undefined || to === undefined)
      throw usage('backfill: --from DAY and --to DAY are needed (or one of --pause, --resume, --cancel)');
    if (from > to) throw usage(`backfill: --from ${from} is after --to ${to}`);
    const by = sender(context, input);
    const { lifecycles } = await context.temporal();
    const accepted = await lifecycles.backfill(model, { from, to, by }, randomUUID());
    if (input.options['wait'] !== true) return printAccepted(context, model, accepted);
    const id = backfillId(model, from, to, accepted.id.slice('backfill/'.length));
    await waitForEnd(context, lifecycles, model, accepted.id, id);
  },
};

/** Acts on the backfill that the lifecycle runs. Fails with USAGE when there is none. */
async function control(
  context: CliContext,
  input: CommandInput,
  model: string,
  action: Action | undefined,
): Promise<void> {
  if (action === undefined || input.options['from'] !== undefined || input.options['to'] !== undefined)
    throw usage('backfill: one of --pause, --resume, --cancel at a time, without --from and --to');
  const { lifecycles } = await context.temporal();
  const open = (await lifecycles.status(model)).open.find(({ kind }) => kind === 'backfill');
  if (!open) throw new UnderstudyError('USAGE', `backfill: no backfill of ${model} is running; nothing to ${action}.`);
  await lifecycles.controlBackfill(model, open.id, action);
  context.output.result({ model, backfill: open.id, action }, () => `Asked to ${action}: ${open.id}`);
}

/** Shows its progress, then what it did; exit code 1 when it failed. */
async function waitForEnd(
  context: CliContext,
  lifecycles: LifecycleClient,
  model: string,
  request: string,
  id: string,
): Promise<void> {
  const end = await awaitEnd(context, lifecycles, model, request, async (state) => {
    const runs = state.open.some((work) => work.id === id);
    return runs ? progressLine(await lifecycles.backfillProgress(model, id)) : waitingText(state);
  });
  // One that was never started has nothing to count.
  const counts = await lifecycles.backfillProgress(model, id).catch(() => null);
  context.output.result({ model, id: request, workflow: id, end, counts }, () =>
    [endOrUnknown(end, model, id), counts && countsText(counts)].filter((text) => text !== null).join('\n'),
  );
}

/** What a backfill did, in words. */
export function countsText(counts: BackfillProgress): string {
  const { days, accepted, rows, skipped, rejected, missing, featuresComputed, featuresReused } = counts;
  return facts([
    ['days', days],
    ['partitions', `${accepted} accepted (${rows} rows), ${skipped} were there already`],
    ['not stored', `${rejected - missing} rejected, ${missing} missing`],
    ['features', `${featuresComputed} partitions computed, ${featuresReused} reused`],
  ]);
}

/** A bar, the rate, and the time that is left when the steps go on at their pace. */
export function progressLine(progress: BackfillProgress): string {
  const { done, of, doing, rowsPerSecond, partitionsPerSecond, rejected, secondsLeft } = progress;
  const percent = of === 0 ? 100 : Math.floor((100 * done) / of);
  const width = 30;
  const filled = Math.round((width * percent) / 100);
  const parts = [
    `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${String(percent).padStart(3)} %  ${doing}`,
    ...(partitionsPerSecond > 0 ? [`${partitionsPerSecond} partitions/s, ${Math.round(rowsPerSecond)} rows/s`] : []),
    ...(rejected > 0 ? [`${rejected} rejected`] : []),
    ...(secondsLeft === null || doing === 'paused' ? [] : [`about ${durationOf(secondsLeft)} left`]),
  ];
  return parts.join(', ');
}

function durationOf(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
