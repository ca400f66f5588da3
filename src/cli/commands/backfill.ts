// `backfill`: asks for a range of past days to be ingested and featurized, and shows how far it has come.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LifecycleClient } from '../../client/lifecycle-client';
import { backfillId } from '../../domain/ids';
import type { LifecycleStatus } from '../../domain/lifecycle';
import { printAccepted } from '../accepted';
import { day, required, sender, usage } from '../arguments';
import type { Command } from '../command';
import type { Output } from '../output';

const LOOK_EVERY_MS = 1_000;

export const backfill: Command = {
  name: 'backfill',
  summary: 'Ingest and featurize a range of past days; what is there already is not done again.',
  arguments: ['model'],
  options: {
    from: { type: 'string', value: 'DAY', help: 'first day, YYYY-MM-DD', required: true },
    to: { type: 'string', value: 'DAY', help: 'last day, YYYY-MM-DD', required: true },
    wait: { type: 'boolean', help: 'wait for its end, with progress on stderr' },
    by: { type: 'string', value: 'NAME', help: 'who asks (default: $USER)' },
  },
  examples: ['backfill flight-delay --from 2013-01-01 --to 2013-06-30 --wait'],
  async run(context, input) {
    const model = required(input, 'model');
    const from = day(input, 'from') ?? '';
    const to = day(input, 'to') ?? '';
    if (from > to) throw usage(`backfill: --from ${from} is after --to ${to}`);
    const by = sender(context, input);
    const { lifecycles } = await context.temporal();
    const accepted = await lifecycles.backfill(model, { from, to, by }, randomUUID());
    if (input.options['wait'] === true)
      await waitForEnd(lifecycles, context.output, model, backfillId(model, from, to, ''));
    printAccepted(context, model, accepted);
  },
};

/** It has ended when the lifecycle neither runs it nor has anything queued that may be it. */
async function waitForEnd(lifecycles: LifecycleClient, output: Output, model: string, idPrefix: string): Promise<void> {
  let shown = '';
  for (;;) {
    const state = await lifecycles.status(model);
    const open = state.open.find((work) => work.id.startsWith(idPrefix));
    if (!open && state.queued === 0) return;
    const line = open ? await progressOf(lifecycles, model, open.id) : waitingFor(state);
    if (line !== shown) output.progress(line);
    shown = line;
    await sleep(LOOK_EVERY_MS);
  }
}

async function progressOf(lifecycles: LifecycleClient, model: string, id: string): Promise<string> {
  const { done, of, doing } = await lifecycles.backfillProgress(model, id);
  const percent = of === 0 ? 0 : Math.floor((100 * done) / of);
  const width = 30;
  const filled = Math.round((width * percent) / 100);
  return `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${String(percent).padStart(3)} %  ${doing}`;
}

function waitingFor(state: LifecycleStatus): string {
  return `waiting for its turn (${state.phase}, ${state.queued} queued, ${state.open.map((work) => work.kind).join(', ') || 'nothing'} running)`;
}
