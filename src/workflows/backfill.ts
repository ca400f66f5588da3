// Ingests and featurizes a range of days with bounded parallelism; what is stored already is not done again, so it can be repeated at will.
import { condition, setCurrentDetails, setHandler } from '@temporalio/workflow';
import { daysBetween, type Day } from '../domain/days';
import type { ChildOutcome } from '../domain/lifecycle';
import type { IngestResult, StepContext } from '../ports/activities';
import { progressQuery } from './messages';
import { control, data } from './proxies';
import { reportingTo } from './report';

export interface BackfillInput extends StepContext {
  readonly from: Day;
  readonly to: Day;
  readonly tables: readonly string[];
  readonly by: string;
}

/** Days of one activity: long enough to make orchestration small, short enough for progress and cheap retries. */
const DAYS_PER_STEP = 10;
/** The data worker runs two engine tasks at once on two cores. */
const STEPS_AT_ONCE = 2;

export async function backfill(input: BackfillInput): Promise<ChildOutcome> {
  const days = daysBetween(input.from, input.to);
  const progress = { done: 0, of: days.length * 2, doing: 'reading' };
  setHandler(progressQuery, () => progress);
  return reportingTo('backfill', input, async () => {
    const results: IngestResult[] = [];
    progress.doing = 'ingest';
    await inSteps(days, async (step) => {
      const partitions = step.flatMap((partition) => input.tables.map((table) => ({ table, partition })));
      results.push(...(await data.ingestMissing({ ...input, partitions })));
      advance(step.length);
    });
    progress.doing = 'featurize';
    await inSteps(days, async (step) => {
      await data.featurizeDays({ ...input, days: step });
      advance(step.length);
    });
    const rejected = results.filter((result) => result.outcome === 'rejected');
    if (rejected.length > 0) await alertRejected(input, rejected);
    return { type: 'done', note: `${results.length - rejected.length} partitions stored, ${rejected.length} rejected` };
  });

  function advance(count: number): void {
    progress.done += count;
    setCurrentDetails(`${progress.doing}: ${progress.done} of ${progress.of}`);
  }
}

/** Steps in order, at most STEPS_AT_ONCE under way. The first failure ends it once the running steps have ended. */
async function inSteps(days: readonly Day[], work: (step: Day[]) => Promise<void>): Promise<void> {
  let running = 0;
  let failure: { error: unknown } | undefined;
  for (let at = 0; at < days.length && !failure; at += DAYS_PER_STEP) {
    await condition(() => running < STEPS_AT_ONCE);
    running++;
    void work(days.slice(at, at + DAYS_PER_STEP))
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => {
        running--;
      });
  }
  await condition(() => running === 0);
  if (failure) throw failure.error;
}

async function alertRejected(input: BackfillInput, rejected: readonly IngestResult[]): Promise<void> {
  const shown = rejected.slice(0, 5).map((result) => `${result.table} of ${result.partition}: ${result.message}`);
  await control.raiseAlert({
    key: `backfill-rejected/${input.model}/${input.from}/${input.to}/${input.by}`,
    model: input.model,
    severity: 'warning',
    event: 'partition.rejected',
    what: `${rejected.length} partitions of the backfill ${input.from} to ${input.to} were rejected`,
    why: shown.join('; '),
    command: `npx understudy ingest ${input.model} --table ${rejected[0]!.table} --partition ${rejected[0]!.partition} --file <corrected file>`,
    asOf: input.asOf,
  });
}
