// Rows pushed over HTTP to the real serving parts, kept in a real database, announced by the relay and found as a delivery.
import type { Polling } from '../../../src/client/polling';
import { startPushRelay } from '../../../src/client/push-relay';
import { planDigest } from '../../../src/definition/digest';
import { csvTable, pushTable } from '../../../src/definition/builders';
import { durationMs } from '../../../src/definition/settings';
import { addDays, type Day } from '../../../src/domain/days';
import { UnderstudyError } from '../../../src/domain/failures';
import type { IngestMessage } from '../../../src/domain/lifecycle/lifecycle';
import type { ModelPlan } from '../../../src/domain/plan/plan';
import { startServing } from '../../setup/serving';
import { until } from '../serving/running-server';
import { CONTRACT, createWorkbench, planOf, type Workbench } from './workbench';

let bench: Workbench;
let serving: { readonly url: string; stop(): Promise<void> };
beforeAll(async () => {
  bench = await createWorkbench();
  serving = await startServing(bench.databaseUrl, bench.artifacts);
});
afterAll(async () => {
  await serving.stop();
  await bench.close();
});

const plan = (model: string, microBatch = '10 s'): ModelPlan =>
  planOf(pushTable({ ...CONTRACT, eventTime: 'at', microBatch }), model);
/** A deployed model of its own for each test. */
async function deployed(model: string, of: ModelPlan = plan(model)): Promise<ModelPlan> {
  await bench.stores.definitions.save(planDigest(of), of, 'test');
  await bench.stores.definitions.setCurrent(model, 'wall', planDigest(of));
  return of;
}
interface Answer {
  readonly status: number;
  readonly failure: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}
async function post(
  model: string,
  body: string,
  headers: Record<string, string> = {},
  table = 'rows',
): Promise<Answer> {
  const response = await fetch(`${serving.url}/tables/${model}/${table}/rows`, { method: 'POST', body, headers });
  const failure = response.headers.get('understudy-failure');
  return { status: response.status, failure, body: (await response.json()) as Answer['body'] };
}
const row = (id: string, at: string): string => `{"id": "${id}", "at": "${at}", "large": 12345678901234567890}`;
const linesOf = async (model: string, day: Day): Promise<string[]> => {
  const lines: string[] = [];
  for await (const line of bench.stores.pushes.rows(model, 'rows', day)) lines.push(line);
  return lines;
};

describe('a post', () => {
  it('is accepted with its rows per local day, and its rows are there in its own words', async () => {
    await deployed('accepted');
    const rows = [
      row('a', '2013-03-10T04:59:59Z'),
      row('b', '2013-03-10T00:00:00-05:00'),
      row('c', '2013-03-11T03:59:59.999Z'),
    ];
    const { status, body } = await post('accepted', `[${rows.join(',\n')}]`);
    expect(status).toBe(202);
    expect(body).toMatchObject({ model: 'accepted', table: 'rows', rows: 3, duplicate: false });
    expect(body['partitions']).toEqual({ '2013-03-09': 1, '2013-03-10': 2 });
    expect(await linesOf('accepted', '2013-03-10')).toEqual(rows.slice(1));
  });

  it('of one name is stored once, however often and by whichever way it comes', async () => {
    await deployed('repeated');
    const one = row('a', '2013-03-10T12:00:00Z');
    const same = [
      post('repeated', `[${one}]`, { 'idempotency-key': 'first' }),
      post('repeated', `[${one}]`, { 'idempotency-key': 'first' }),
      post('repeated', `{"batch": "first", "rows": [${one}]}`),
      post('repeated', `${one}\n`, { 'idempotency-key': 'first', 'content-type': 'application/x-ndjson' }),
    ];
    const answers = await Promise.all(same);
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    expect(answers.filter(({ body }) => body['duplicate'] === false)).toHaveLength(1);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body['partitions'])))).toEqual(
      new Set(['{"2013-03-10":1}']),
    );
    expect(await linesOf('repeated', '2013-03-10')).toEqual([one]);
  });

  it('of a name that had other rows is refused', async () => {
    await deployed('renamed');
    await post('renamed', `[${row('a', '2013-03-10T12:00:00Z')}]`, { 'idempotency-key': 'first' });
    const other = await post('renamed', `[${row('b', '2013-03-10T12:00:00Z')}]`, { 'idempotency-key': 'first' });
    expect([other.status, other.failure]).toEqual([400, 'REQUEST_INVALID']);
    expect(other.body['error']).toBe(
      'Batch "first" of rows was stored already, with other rows (found: 1 rows, then 1; allowed: the same post again, or another name).',
    );
  });

  it.each([
    ['no instant', '"yesterday"'],
    ['an instant without a zone', '"2013-03-10T12:00:00"'],
    ['a day that does not exist', '"2013-02-30T12:00:00Z"'],
    ['a number', '1362916800'],
  ])('with a row that has %s stores nothing', async (_, at) => {
    await deployed('halved');
    const { status, failure, body } = await post(
      'halved',
      `[${row('a', '2013-03-10T12:00:00Z')},{"id":"b","at":${at}}]`,
    );
    expect([status, failure]).toEqual([400, 'REQUEST_INVALID']);
    expect(body['error']).toBe(
      `The rows cannot be taken (found: row 2: "at" is ${at}; allowed: an instant in ISO 8601 with a zone, such as "2013-03-01T12:00:00Z"). Nothing of this post was stored.`,
    );
    expect(await linesOf('halved', '2013-03-10')).toEqual([]);
  });

  it('to a model or table that takes none is refused, and so is one that is too large', async () => {
    await deployed(
      'files',
      planOf(csvTable({ ...CONTRACT, path: 'a.csv', partitionBy: 'CAST(day AS DATE)' }), 'files'),
    );
    expect(await post('nobody', '[]')).toMatchObject({ status: 404, failure: 'MODEL_NOT_DEPLOYED' });
    expect(await post('files', '[]')).toMatchObject({ status: 404, failure: 'SOURCE_NOT_FOUND' });
    await deployed('large');
    expect(await post('large', '[]', {}, 'other')).toMatchObject({
      status: 404,
      failure: 'SOURCE_NOT_FOUND',
      body: { error: 'large takes no rows for other (found: there is no table other; allowed: rows).' },
    });
    const large = `[${row('a'.repeat(17 << 20), '2013-03-10T12:00:00Z')}]`;
    expect(await post('large', large)).toMatchObject({ status: 413, failure: 'REQUEST_TOO_LARGE' });
  });
});

describe('the delivery of a partition', () => {
  it('is all of its rows in the order of their posts, and another one when rows come', async () => {
    const late = await deployed('late');
    const find = () => bench.finder.find(late, 'rows', '2013-03-10');
    expect((await find()).raw).toBeNull();
    await post('late', `[${row('b', '2013-03-10T12:00:00Z')},${row('a', '2013-03-10T11:00:00Z')}]`);
    const first = await find();
    expect(first.fileName).toBe('pushed rows of rows');
    expect((await bench.rowsOf(first))!.map(({ __line, id, large }) => [__line, id, large])).toEqual([
      [1, 'b', '12345678901234567890'],
      [2, 'a', '12345678901234567890'],
    ]);
    expect((await find()).raw).toEqual(first.raw);
    await post('late', `[\n{"id":\n"c",\n"at": "2013-03-10T12:00:00Z"}]`);
    expect((await find()).raw?.rows).toBe(3);
  });
});

describe('the relay', () => {
  interface Told {
    readonly model: string;
    readonly message: IngestMessage;
    readonly updateId: string | undefined;
  }
  const relays: Polling[] = [];
  afterEach(async () => {
    for (const relay of relays.splice(0)) await relay.stop();
  });
  /** A relay for one model only, because the tests share a database; `take` stands at the lifecycle's door. */
  function start(
    of: ModelPlan,
    told: Told[],
    take: () => Promise<void> = () => Promise.resolve(),
    now?: () => Date,
  ): string[] {
    const problems: string[] = [];
    const { pushes } = bench.stores;
    relays.push(
      startPushRelay({
        pushes: {
          ...pushes,
          waiting: async () => (await pushes.waiting()).filter(({ model }) => model === of.name),
        },
        lifecycles: {
          async ingest(model, message, updateId) {
            await take();
            told.push({ model, message, updateId });
            return { id: '', duplicate: false };
          },
        },
        planOf: () => Promise.resolve(of),
        durationMs,
        pollMs: 20,
        onProblem: ({ message }) => void problems.push(message),
        ...(now ? { now } : {}),
      }),
    );
    return problems;
  }

  it('tells of each partition once, under the number of its newest row, and again when rows come', async () => {
    const of = await deployed('told', plan('told', '10 ms'));
    await post('told', `[${row('a', '2013-03-10T12:00:00Z')},${row('b', '2013-03-12T12:00:00Z')}]`);
    const told: Told[] = [];
    start(of, told);
    await until(() => told.length === 2);
    expect(told.map(({ message }) => message)).toEqual([
      { table: 'rows', partition: '2013-03-10' },
      { table: 'rows', partition: '2013-03-12' },
    ]);
    await until(async () => (await bench.stores.pushes.waiting()).every(({ model }) => model !== 'told'));
    await post('told', `[${row('c', '2013-03-10T13:00:00Z')}]`);
    await until(() => told.length === 3);
    expect(told[2]!.updateId).toMatch(/^push\/rows\/2013-03-10\/\d+$/);
    expect(new Set(told.map(({ updateId }) => updateId)).size).toBe(3);
  });

  it('that ended after the rows came and before it told of them tells of them when it starts again', async () => {
    const of = await deployed('ended', plan('ended', '10 ms'));
    const told: Told[] = [];
    start(of, told, () => new Promise(() => undefined));
    await post('ended', `[${row('a', '2013-03-10T12:00:00Z')}]`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    // The first relay hangs in its message for ever, as if its process had been killed there.
    relays.pop();
    expect(told).toEqual([]);
    start(of, told);
    await until(() => told.length === 1);
  });

  it('that ended between telling and noting it tells the same request again, also when rows came meanwhile', async () => {
    const of = await deployed('noted', plan('noted', '10 ms'));
    await post('noted', `[${row('a', '2013-03-10T12:00:00Z')}]`);
    const [waiting] = (await bench.stores.pushes.waiting()).filter(({ model }) => model === 'noted');
    const told: Told[] = [];
    start(of, told);
    await until(() => told.length === 1);
    expect(told[0]!.updateId).toBe(`push/rows/2013-03-10/${waiting!.through}`);
    // Noted late, after another row: that row goes on waiting.
    await post('noted', `[${row('b', '2013-03-10T12:00:00Z')}]`);
    await bench.stores.pushes.announced(waiting!);
    await until(() => told.length === 2);
  });

  it('waits for the micro-batch, and until the partition is available', async () => {
    const of = await deployed('patient', plan('patient', '1 hour'));
    const today = new Date().toISOString();
    await post('patient', `[${row('a', today)}]`);
    const told: Told[] = [];
    start(of, told);
    const soon = {
      ...of,
      tables: { rows: { ...of.tables['rows']!, source: { format: 'push', eventTime: 'at', microBatch: '1 ms' } } },
    } as ModelPlan;
    const day = addDays(today.slice(0, 10), -2);
    start(soon, told, undefined, () => new Date(`${day}T00:00:00Z`));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(told).toEqual([]);
    start(soon, told);
    await until(() => told.length === 1);
  });

  it('tries again what the lifecycle refuses, and tells the others meanwhile', async () => {
    const of = await deployed('refused', plan('refused', '1 ms'));
    await post('refused', `[${row('a', '2013-03-10T12:00:00Z')},${row('b', '2013-03-11T12:00:00Z')}]`);
    const told: Told[] = [];
    let asked = 0;
    const problems = start(of, told, () => {
      if (++asked === 1) throw new UnderstudyError('TEMPORAL_UNAVAILABLE', 'no answer');
      return Promise.resolve();
    });
    await until(() => told.length === 2);
    expect(told.map(({ message }) => message.partition)).toEqual(['2013-03-11', '2013-03-10']);
    expect(problems).toEqual(['TEMPORAL_UNAVAILABLE: no answer']);
  });
});
