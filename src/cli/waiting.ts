// Waits for the end of what a person asked a lifecycle for, and says how it ended.
import { setTimeout as sleep } from 'node:timers/promises';
import type { LifecycleClient } from '../client/lifecycle-client';
import { FAILURES, type FailureCode } from '../domain/failures';
import type { LifecycleStatus } from '../domain/lifecycle/lifecycle';
import type { EndedWork } from '../domain/lifecycle/ended-work';
import type { CliContext } from './command';

const LOOK_EVERY_MS = 1_000;

/**
 * The end of the request that was accepted under this id; of one that merged with running work, that work's. Null: nothing of it is under way
 * and its end is not remembered. `onLook` is given every state that is seen before the end.
 */
export async function endOfRequest(
  lifecycles: Pick<LifecycleClient, 'status'>,
  model: string,
  request: string,
  onLook: (state: LifecycleStatus) => Promise<void> | void,
): Promise<EndedWork | null> {
  for (;;) {
    const state = await lifecycles.status(model);
    const found = endIn(state, request);
    if (found !== undefined) return found;
    await onLook(state);
    await sleep(LOOK_EVERY_MS);
  }
}

/** As {@link endOfRequest}; shows `lineOf` each state as progress whenever it changes, and asks for exit code 1 when the end is a failure. */
export async function awaitEnd(
  { output, setExitCode }: Pick<CliContext, 'output' | 'setExitCode'>,
  lifecycles: Pick<LifecycleClient, 'status'>,
  model: string,
  request: string,
  lineOf: (state: LifecycleStatus) => Promise<string> | string = waitingText,
): Promise<EndedWork | null> {
  let shown = '';
  const end = await endOfRequest(lifecycles, model, request, async (state) => {
    const line = await lineOf(state);
    if (line !== shown) output.progress(line);
    shown = line;
  });
  if (isFailure(end)) setExitCode(1);
  return end;
}

/** How it ended; null: under this id nothing is remembered. */
export function endOrUnknown(end: EndedWork | null, model: string, id: string): string {
  return end ? endText(end) : `${id}: its end is not known; see npx understudy status ${model}`;
}

/** Undefined: it has not ended. */
function endIn({ ended, open, queued }: LifecycleStatus, request: string): EndedWork | null | undefined {
  const own = ended.find((work) => work.request === request);
  if (own?.into !== undefined && open.some(({ id }) => id === own.into)) return undefined;
  const joined = own?.into === own?.id ? ended.find((work) => work.id === own?.id && work.end !== 'merged') : undefined;
  if (own) return joined ?? own;
  return queued === 0 && !open.some((work) => work.request === request) ? null : undefined;
}

/** Whether a command that waited for this end should end with exit code 1. */
export function isFailure(end: EndedWork | null): boolean {
  return end === null || end.end === 'failed' || end.end === 'not-moved';
}

/** One line, and for a failure its remedy. */
export function endText(end: EndedWork): string {
  const { id, end: how, code, sentence } = end;
  const remedy = code !== null && code in FAILURES ? `\n${FAILURES[code as FailureCode].remedy}` : '';
  return `${id}: ${how}${code === null ? '' : `: ${code}`}: ${sentence}${remedy}`;
}

/** What a request waits for, in one line. */
export function waitingText({ phase, queued, open }: LifecycleStatus): string {
  return `${phase}, ${queued} queued, running: ${open.map(({ id }) => id).join(', ') || 'nothing'}`;
}
