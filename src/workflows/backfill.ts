// Ingests a range of days in day order and featurizes behind; what is stored already is not done again, so it can be repeated at will.
// Invariant: each day is checked against all days before it, however fast the steps are; a range with nothing to do costs one look; pausing
// and cancelling let running steps end, so nothing is half done.
import { continueAsNew, setHandler } from '@temporalio/workflow';
import { addDays, type Day } from '../domain/days';
import type { BackfillProgress, BackfillResult } from '../domain/data/backfill';
import type { ChildOutcome } from '../domain/lifecycle/lifecycle';
import type { IngestResult, StepContext } from '../ports/activities';
import { createPace } from './backfill/pace';
import { createTally, type Tally, type TallyState } from './backfill/tally';
import { pauseBackfillSignal, progressQuery, resultsQuery, resumeBackfillSignal } from './messages';
import { control, data } from './proxies';
import { refreshOnline } from './refresh-online';
import { EndedByCancellation, reportingTo } from './report';

export interface BackfillInput extends StepContext {
  readonly from: Day;
  readonly to: Day;
  readonly tables: readonly string[];
  readonly by: string;
  /** Carried by continue-as-new only. */
  readonly carried?: { readonly next: Day; readonly paused: boolean; readonly tally: TallyState };
}

/** Days of one activity: long enough to make orchestration small, short enough for progress and cheap retries. */
const DAYS_PER_STEP = 10;
/** Beside ingesting one step keeps the two cores of a data worker busy, after it two. */
const FEATURIZE_STEPS_AT_ONCE = 2;
/** Days of one run: its history stays below some 2,000 events, its plan below some 10 KB. */
const DAYS_PER_RUN = 400;

export async function backfill(input: BackfillInput): Promise<ChildOutcome> {
  const tally = createTally(input, input.carried?.tally);
  const pace = createPace(input.carried?.paused ?? false);
  setHandler(progressQuery, (): BackfillProgress => tally.progress(pace.state()));
  setHandler(resultsQuery, (): readonly BackfillResult[] => tally.results());
  setHandler(pauseBackfillSignal, () => pace.pause());
  setHandler(resumeBackfillSignal, () => pace.resume());
  return reportingTo('backfill', input, async () => {
    let next = input.carried?.next ?? input.from;
    const runEnds = addDays(next, DAYS_PER_RUN - 1);
    const to = runEnds < input.to ? runEnds : input.to;
    await doRange(input, next, to, tally, pace);
    next = addDays(to, 1);
    if (next <= input.to && !pace.cancelled()) {
      const carried = { next, paused: pace.state() === 'paused', tally: tally.state() };
      await continueAsNew<typeof backfill>({ ...input, carried });
    }
    // Also when all features were there: another model that shares them may have made them.
    if (!pace.cancelled()) await refreshOnline(input, `${input.from} to ${input.to}`, true);
    await pace.uncancelled(() => tellPeople(input, tally));
    tally.doing('done');
    if (!pace.cancelled()) return { type: 'done', note: tally.note() };
    // Reported as done so far; the workflow itself ends as cancelled.
    const note = `cancelled by a person: ${tally.note()}, ${tally.howFar()}; the same backfill again does only what is missing`;
    throw new EndedByCancellation({ type: 'done', note });
  });
}

type Pace = ReturnType<typeof createPace>;

async function doRange(input: BackfillInput, from: Day, to: Day, tally: Tally, pace: Pace): Promise<void> {
  const { tables } = input;
  const context = { model: input.model, definitionDigest: input.definitionDigest, asOf: input.asOf };
  tally.doing('planning');
  const plan = await pace.uncancelled(() => data.planBackfill({ ...context, from, to, tables }));
  tally.planned(from, to, plan);
  tally.doing(plan.ingestDays.length > 0 ? 'ingest' : 'featurize');
  const [first] = plan.ingestDays;
  /** Nothing that is still to be ingested can change the features of the days up to here. */
  let settled = first === undefined ? to : addDays(first, -1);

  async function ingest(): Promise<void> {
    // Rules compare a partition with those before it: two steps at once would make a verdict a matter of luck.
    await pace.inSteps(plan.ingestDays, { daysPerStep: DAYS_PER_STEP, atOnce: 1 }, async (days) => {
      const partitions = days.flatMap((partition) => tables.map((table) => ({ table, partition })));
      tally.ingested(days, await data.ingestMissing({ ...context, partitions }));
      const next = plan.ingestDays.find((day) => day > days.at(-1)!);
      settled = next === undefined ? to : addDays(next, -1);
      if (next === undefined) tally.doing('featurize');
    });
  }

  async function featurize(): Promise<void> {
    for (let begins = from; begins <= to;) {
      await pace.until(() => settled >= begins);
      if (pace.ending()) return;
      const through = settled;
      // What was ingested meanwhile changes which features there should be, also of days that were complete.
      const { featureDays } =
        plan.ingestDays.length === 0
          ? plan
          : await data.planBackfill({ ...context, from: begins, to: through, tables });
      tally.toFeaturize(begins, through, featureDays);
      const atOnce = through === to ? FEATURIZE_STEPS_AT_ONCE : 1;
      await pace.inSteps(featureDays, { daysPerStep: DAYS_PER_STEP, atOnce }, async (days) => {
        tally.featurized(days, await data.featurizeDays({ ...context, days, publish: false }));
      });
      begins = addDays(through, 1);
    }
  }

  await pace.together([ingest, featurize]);
}

/** One alert for all rejected partitions, and one for all warnings. */
async function tellPeople(input: BackfillInput, tally: Tally): Promise<void> {
  const { model, from, to, by, asOf } = input;
  const { rejected, warned, rejectedCount, warnedCount } = tally.toTell();
  const about = `partitions of the backfill ${from} to ${to}`;
  const [first] = rejected;
  if (first) {
    await control.raiseAlert({
      key: `backfill-rejected/${model}/${from}/${to}/${by}`,
      model,
      severity: 'warning',
      event: 'partition.rejected',
      what: `${rejectedCount} ${about} were rejected`,
      why: rejected.map(({ table, partition, message }) => `${table} of ${partition}: ${message}`).join('; '),
      command: `npx understudy ingest ${model} --table ${first.table} --partition ${first.partition} --file <corrected file>`,
      asOf,
    });
  }
  if (warned.length === 0) return;
  await control.raiseAlert({
    key: `backfill-warned/${model}/${from}/${to}/${by}`,
    model,
    severity: 'warning',
    event: 'partition.warned',
    what: `${warnedCount} ${about} were accepted with warnings`,
    why: warned.map(describeWarnings).join('; '),
    command: `npx understudy status ${model}`,
    asOf,
  });
}

function describeWarnings({ table, partition, warnings }: IngestResult): string {
  return `${table} of ${partition}: ${warnings.join(', ')}`;
}
