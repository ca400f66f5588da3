// One delivered partition: check, store, and compute again what depends on it when it had been seen in another form before.
import type { ChildOutcome } from '../domain/lifecycle/lifecycle';
import type { Delivery, IngestResult, StepContext } from '../ports/activities';
import { control, data } from './proxies';
import { refreshOnline } from './refresh-online';
import { reportingTo } from './report';

/** Warnings that an alert spells out. */
const MOST_WARNINGS = 10;

export interface IngestPartitionInput extends StepContext {
  readonly delivery: Delivery;
}

export async function ingestPartition(input: IngestPartitionInput): Promise<ChildOutcome> {
  return reportingTo('ingest', input, async () => {
    const [result] = await data.ingestDeliveries({ ...input, deliveries: [input.delivery] });
    if (!result) return { type: 'done', note: 'nothing delivered' };
    const name = `${result.table}/${result.partition}`;
    if (result.outcome === 'rejected') {
      await alertRejected(input, result);
      return { type: 'ingested', accepted: [], rejected: [name], reopened: [] };
    }
    if (result.warnings.length > 0) await alertWarned(input, result);
    if (result.reopened) await recomputeDependants(input, result);
    else await refreshOnline(input, `${name}/${input.delivery.sha256}/${input.delivery.follows}`, false);
    return { type: 'ingested', accepted: [name], rejected: [], reopened: result.reopened ? [name] : [] };
  });
}

/** Exactly the days whose stored features saw this partition, or would have: their keys changed, so only they are computed. */
async function recomputeDependants(input: IngestPartitionInput, result: IngestResult): Promise<void> {
  const days = await data.dependentDays({
    ...input,
    partitions: [{ table: result.table, partition: result.partition }],
  });
  if (days.length > 0) await data.featurizeDays({ ...input, days });
}

async function alertRejected(input: IngestPartitionInput, result: IngestResult): Promise<void> {
  const { delivery, model } = input;
  await control.raiseAlert({
    key: `partition-rejected/${model}/${delivery.table}/${delivery.partition}/${delivery.sha256}/${delivery.follows}`,
    model,
    severity: 'critical',
    event: 'partition.rejected',
    what: `${delivery.table} of ${delivery.partition} was rejected`,
    why: result.message,
    command: `npx understudy ingest ${model} --table ${delivery.table} --partition ${delivery.partition} --file <corrected file>`,
    asOf: input.asOf,
  });
}

async function alertWarned(input: IngestPartitionInput, { warnings }: IngestResult): Promise<void> {
  const { delivery, model } = input;
  await control.raiseAlert({
    key: `partition-warned/${model}/${delivery.table}/${delivery.partition}/${delivery.sha256}/${delivery.follows}`,
    model,
    severity: 'warning',
    event: 'partition.warned',
    what: `${delivery.table} of ${delivery.partition} was accepted with warnings`,
    why: warnings.slice(0, MOST_WARNINGS).join('; '),
    command: `npx understudy status ${model}`,
    asOf: input.asOf,
  });
}
