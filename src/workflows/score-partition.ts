// One day's predictions: its features, then every scheduled entity through the serving process, as of its own event time.
import type { Day } from '../domain/days';
import type { ChildOutcome } from '../domain/lifecycle/lifecycle';
import type { StepContext } from '../ports/activities';
import { data } from './proxies';
import { reportingTo } from './report';

export interface ScorePartitionInput extends StepContext {
  readonly day: Day;
}

export async function scorePartition(input: ScorePartitionInput): Promise<ChildOutcome> {
  return reportingTo('score', input, async () => {
    await data.featurizeDays({ ...input, days: [input.day] });
    const scored = await data.scoreDay(input);
    return {
      type: 'done',
      note: scored.version === null ? 'no champion yet' : `${scored.rows} rows by version ${scored.version}`,
    };
  });
}
