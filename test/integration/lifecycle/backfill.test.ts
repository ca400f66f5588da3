// A backfill can be watched, held and ended, and a second one does only what is missing.
import { startProduct, type Product } from '../../setup/product';
import { deployTiny, FIRST_DAY, LAST_DAY, type Tiny } from '../../setup/tiny-lifecycle';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.close());

/** Asks for a backfill and gives its id once it runs. */
async function begin(model: Tiny, from = FIRST_DAY, to = LAST_DAY): Promise<string> {
  await product.lifecycles.backfill(model.name, { from, to, by: 'test' });
  const { open } = await model.until((status) => status.open.some(({ kind }) => kind === 'backfill'));
  return open.find(({ kind }) => kind === 'backfill')!.id;
}

const activitiesOf = async (id: string): Promise<string[]> => {
  const { events } = await product.client.workflow.getHandle(id).fetchHistory();
  return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: task }) =>
    task?.activityType?.name ? [task.activityType.name] : [],
  );
};

it('tells how far it has come, and what became of each partition', async () => {
  const model = await deployTiny(product, 'told-progress');
  const id = await begin(model);
  await model.atRest();
  const progress = await product.lifecycles.backfillProgress(model.name, id);
  expect(progress).toMatchObject({ done: 88, of: 88, doing: 'done', rejected: 0, skipped: 0, secondsLeft: 0 });
  expect(progress.rowsPerSecond).toBeGreaterThan(0);
  expect(progress.partitionsPerSecond).toBeGreaterThan(0);
  const results = await product.lifecycles.backfillResults(model.name, id);
  expect(results).toHaveLength(88);
  expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['accepted']));
});

it('has nothing to do the second time: one look answers for the whole range', async () => {
  const model = await deployTiny(product, 'unchanged');
  await model.backfill();
  const ledger = await product.stores.ledger.count('unchanged');
  const id = await begin(model);
  await model.atRest();
  expect(await activitiesOf(id)).toEqual(['planBackfill', 'refreshOnline']);
  expect(await product.lifecycles.backfillProgress(model.name, id)).toMatchObject({ done: 88, of: 88, skipped: 88 });
  expect(await product.stores.ledger.count('unchanged')).toBe(ledger);
});

it('stands still while it is paused, and goes on when it is resumed', async () => {
  const model = await deployTiny(product, 'held');
  const first = product.hold('ingestMissing');
  const id = await begin(model);
  await first.reached;
  await product.lifecycles.controlBackfill(model.name, id, 'pause');
  first.release();
  const { done } = await progressWhen(model.name, id, ({ done }) => done >= 10);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await product.lifecycles.backfillProgress(model.name, id)).toMatchObject({ done, doing: 'paused' });
  await product.lifecycles.controlBackfill(model.name, id, 'resume');
  await model.atRest();
  expect(await product.stores.partitions.totals('held')).toMatchObject({ ingested: 88 });
});

it('ends cleanly when it is cancelled, and another one does only what is missing', async () => {
  const model = await deployTiny(product, 'ended');
  const first = product.hold('ingestMissing');
  const id = await begin(model);
  await first.reached;
  await product.lifecycles.controlBackfill(model.name, id, 'cancel');
  first.release();
  const { health } = await model.atRest();
  expect(health).toBe('good');
  const { status } = await product.client.workflow.getHandle(id).describe();
  expect(status.name).toBe('CANCELLED');
  const { ingested } = await product.stores.partitions.totals('ended');
  expect(ingested).toBeGreaterThan(0);
  expect(ingested).toBeLessThan(88);

  const second = await begin(model);
  await model.atRest();
  const progress = await product.lifecycles.backfillProgress(model.name, second);
  expect(progress).toMatchObject({ done: 88, of: 88, skipped: ingested });
  expect(await product.stores.partitions.totals('ended')).toMatchObject({ ingested: 88 });
  expect(await product.stores.audit.duplicates('ended')).toEqual([]);
});

it('goes on in a new run over a range of years, with its counts', async () => {
  const model = await deployTiny(product, 'years');
  await model.backfill();
  const id = await begin(model, '2012-02-01', LAST_DAY);
  await model.atRest();
  const progress = await product.lifecycles.backfillProgress(model.name, id);
  expect(progress).toMatchObject({ doing: 'done', skipped: 88 });
  expect(progress.done).toBe(progress.of);
  expect(progress.rejected).toBe(0);
  const { events } = await product.client.workflow.getHandle(id).fetchHistory();
  expect(events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId).toBeTruthy();
});

async function progressWhen(name: string, id: string, holds: (progress: { done: number }) => boolean) {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const progress = await product.lifecycles.backfillProgress(name, id);
    if (holds(progress)) return progress;
    if (Date.now() > deadline) throw new Error(`the backfill came no further: ${JSON.stringify(progress)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
