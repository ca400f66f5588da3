// Rows that clients push: read off the wire, dated by their event time, stored whole or not at all.
// Invariant: 202 is answered only after the commit; of a post with one bad row nothing is stored.
import { randomUUID } from 'node:crypto';
import { localDay } from '../domain/zones';
import type { Day, IsoTimestamp } from '../domain/days';
import { UnderstudyError } from '../domain/failures';
import type { ModelPlan } from '../domain/plan/plan';
import type { PushSourcePlan } from '../domain/plan/table-plan';
import type { PushReceipt, PushStore } from '../ports/push';
import type { DefinitionStore } from '../ports/stores';
import { readPost, refusal } from './push-text';

/** What pushing needs of the database. */
export interface PushDeps {
  readonly definitions: Pick<DefinitionStore, 'current' | 'load' | 'models'>;
  readonly pushes: Pick<PushStore, 'append'>;
}

/** One post. */
export interface PushRequest {
  readonly model: string;
  readonly table: string;
  readonly body: Buffer;
  readonly contentType: string | undefined;
  /** The header Idempotency-Key. */
  readonly key: string | undefined;
}

/** What the client is answered. */
export interface PushAnswer extends PushReceipt {
  readonly model: string;
  readonly table: string;
  readonly batch: string;
}

const LONGEST_BATCH = 200;
/** With a zone: an instant without one would be another one on another machine. */
const INSTANT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)$/i;

/** Takes posts of rows. Plans are read once per digest. */
export function createPushIntake({ definitions, pushes }: PushDeps): (request: PushRequest) => Promise<PushAnswer> {
  const plans = new Map<string, ModelPlan>();

  async function planOf(model: string): Promise<ModelPlan> {
    const current = await definitions.current(model);
    if (!current) {
      const deployed = (await definitions.models()).join(', ') || 'no model';
      throw new UnderstudyError('MODEL_NOT_DEPLOYED', `${model} is not deployed; deployed: ${deployed}.`, { model });
    }
    const known = plans.get(current.digest);
    if (known) return known;
    const { plan } = await definitions.load(current.digest);
    plans.set(current.digest, plan);
    return plan;
  }

  return async ({ model, table, body, contentType, key }) => {
    const plan = await planOf(model);
    const source = sourceOf(plan, table);
    const post = readPost(body.toString('utf8'), contentType);
    const batch = batchOf(post.batch, key);
    const eventTimes = post.rows.map((row, at) => eventTimeOf(row, at + 1, source.eventTime));
    const partitions: Day[] = eventTimes.map((instant) => localDay(instant, plan.timeZone));
    const receipt = await pushes.append({ model, table, batch, json: post.json, partitions, eventTimes });
    return { model, table, batch, ...receipt };
  };
}

function sourceOf(plan: ModelPlan, table: string): PushSourcePlan {
  const source = plan.tables[table]?.source;
  if (source?.format === 'push') return source;
  const taking = Object.entries(plan.tables).flatMap(([name, other]) => (other.source.format === 'push' ? [name] : []));
  const found = source ? `${table} is read from ${source.format}` : `there is no table ${table}`;
  throw new UnderstudyError(
    'SOURCE_NOT_FOUND',
    `${plan.name} takes no rows for ${table} (found: ${found}; allowed: ${taking.join(', ') || 'no table of this model takes rows'}).`,
    { model: plan.name, table },
  );
}

function batchOf(batch: unknown, key: string | undefined): string {
  if (batch !== undefined && (typeof batch !== 'string' || batch === '' || batch.length > LONGEST_BATCH))
    throw refusal(`batch is ${JSON.stringify(batch).slice(0, 80)}`, `a text of 1 to ${LONGEST_BATCH} characters`);
  if (key !== undefined && (key === '' || key.length > LONGEST_BATCH))
    throw refusal(`Idempotency-Key has ${key.length} characters`, `1 to ${LONGEST_BATCH}`);
  if (batch !== undefined && key !== undefined && batch !== key)
    throw refusal(`batch "${batch}" and Idempotency-Key "${key}"`, 'one of them, or the same in both');
  return batch ?? key ?? randomUUID();
}

function eventTimeOf(row: Readonly<Record<string, unknown>>, number: number, field: string): IsoTimestamp {
  const value = row[field];
  if (typeof value === 'string' && INSTANT.test(value)) {
    const instant = new Date(value.replace(' ', 'T').replace(/([+-]\d{2})$/, '$1:00'));
    // JavaScript reads February 30 as March 1 or 2: another partition than the client may mean.
    if (!Number.isNaN(instant.getTime()) && isDate(value.slice(0, 10))) return instant.toISOString();
  }
  throw refusal(
    `row ${number}: "${field}" is ${value === undefined ? 'missing' : JSON.stringify(value).slice(0, 80)}`,
    'an instant in ISO 8601 with a zone, such as "2013-03-01T12:00:00Z"',
  );
}

function isDate(text: string): boolean {
  const read = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(text);
}
