// One day's look at data, predictions and labels; the verdict is judged in the activity, the lifecycle acts on it.
import type { Day } from '../domain/days';
import type { ChildOutcome } from '../domain/lifecycle/lifecycle';
import type { StepContext } from '../ports/activities';
import { data } from './proxies';
import { reportingTo } from './report';

export interface MonitorModelInput extends StepContext {
  readonly day: Day;
  /** A person asked to hold automatic fallback for now. */
  readonly holdFallback: boolean;
  /** The day was re-opened: it is looked at once more. */
  readonly again: boolean;
}

export async function monitorModel(input: MonitorModelInput): Promise<ChildOutcome> {
  return reportingTo('monitor', input, async () => {
    const { verdict, reason } = await data.monitorDay(input);
    return { type: 'monitored', day: input.day, verdict, reason };
  });
}
