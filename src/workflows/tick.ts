// What a Schedule starts: hands its scheduled instant to the lifecycle. Holds no logic of its own.
import { workflowInfo } from '@temporalio/workflow';
import type { TickKind } from '../domain/ids';
import type { IsoTimestamp } from '../domain/days';
import type { Accepted } from '../domain/lifecycle/lifecycle';
import { control } from './proxies';

export interface TickInput {
  readonly model: string;
  readonly kind: TickKind;
  /** Default: the instant that the Schedule was due, or the start of this workflow when there is no Schedule. */
  readonly asOf?: IsoTimestamp;
}

export async function tick(input: TickInput): Promise<Accepted> {
  return control.deliverTick({ model: input.model, kind: input.kind, asOf: input.asOf ?? scheduledInstant() });
}

function scheduledInstant(): IsoTimestamp {
  const info = workflowInfo();
  const scheduled = info.searchAttributes['TemporalScheduledStartTime']?.[0];
  return scheduled instanceof Date ? scheduled.toISOString() : info.startTime.toISOString();
}
