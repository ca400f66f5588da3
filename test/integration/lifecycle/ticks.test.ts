// Scheduled work: ticks once each, in the order of their instants on a simulated clock, held by a pause, and retrainings that monitoring asks for.
import { addDays, daysBetween } from '../../../src/domain/days';
import { startProduct, type Product } from '../../setup/product';
import { deployTiny } from '../../setup/tiny-lifecycle';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.close());

const never = { approval: { when: 'never' } } as const;

describe('ticks', () => {
  it('count once per kind and logical time, also in a new run of the entity', async () => {
    const model = await deployTiny(product, 'once', {}, 'simulated');
    const send = () => model.tick('ingest', '2013-03-01', '2013-03-01T06:00:00Z');
    expect((await send()).duplicate).toBe(false);
    await model.atRest();
    await product.client.workflow.getHandle(model.id).executeUpdate('tick', {
      args: [{ kind: 'score', logicalTime: '2013-03-01', asOf: '2013-03-02T06:00:00Z' }],
    });
    await model.continueAsNew();
    expect((await send()).duplicate).toBe(true);
  });

  it('reach the lifecycle through the workflow that a Schedule starts, with the logical time of their kind', async () => {
    const model = await deployTiny(product, 'scheduled', {}, 'simulated');
    const run = (kind: string) =>
      product.client.workflow.execute('tick', {
        taskQueue: 'understudy',
        workflowId: `tick/scheduled/${kind}-2013-03-02T06:30:00Z`,
        args: [{ model: 'scheduled', kind, asOf: '2013-03-02T06:30:00Z' }],
      });
    expect(await run('ingest')).toEqual({ id: 'tick/ingest/2013-03-02', duplicate: false });
    expect(await run('score')).toEqual({ id: 'tick/score/2013-03-01', duplicate: false });
    const { now } = await model.atRest();
    expect(now).toBe('2013-03-02T06:30:00.000Z');
  });

  it('run in the order of their instants on a simulated clock, one after the other', async () => {
    const model = await deployTiny(product, 'ordered', {}, 'simulated');
    await product.lifecycles.pause('ordered');
    await model.tick('ingest', '2013-03-02', '2013-03-02T06:00:00Z');
    await model.tick('ingest', '2013-03-01', '2013-03-01T08:00:00+02:00');
    await model.tick('ingest', '2013-02-28', '2013-02-28T06:00:00.500Z');
    expect((await model.status()).queued).toBe(3);
    await product.lifecycles.resume('ordered');
    await model.atRest();
    const { events } = await product.client.workflow.getHandle(model.id).fetchHistory();
    const started = (events ?? []).flatMap(({ startChildWorkflowExecutionInitiatedEventAttributes: child }) => {
      const [, , table, day] = child?.workflowId?.split('/') ?? [];
      return table === 'orders' ? [day] : [];
    });
    expect(started).toEqual(['2013-02-28', '2013-03-01', '2013-03-02']);
  });

  it('are not needed: requests of people move a simulated clock to when their days are available, and never back', async () => {
    const model = await deployTiny(product, 'moved', {}, 'simulated');
    const now = async () => (await model.atRest()).now;
    await model.retrain('2013-03-01');
    expect(await now()).toBe('2013-03-01T12:00:00.000Z');
    await model.backfill('2013-02-20', '2013-03-04');
    expect(await now()).toBe('2013-03-05T12:00:00.000Z');
    await model.backfill('2013-02-20', '2013-02-21');
    expect(await now()).toBe('2013-03-05T12:00:00.000Z');
    expect(await product.stores.partitions.newest('moved', 'orders', '2013-03-03', '2013-03-04')).toHaveLength(2);
  });

  it('tell of a source that has nothing for the day', async () => {
    const model = await deployTiny(product, 'missing-source');
    await model.tick('ingest', '2013-05-01', '2013-05-01T06:00:00Z');
    await model.atRest();
    await model.until(() => product.alerts.of('missing-source', 'source.missing').length === 2);
  });
});

describe('a pause', () => {
  it('refuses requests of people, keeps ticks for later, and ends with resume', async () => {
    const model = await deployTiny(product, 'paused');
    expect((await product.lifecycles.pause('paused')).duplicate).toBe(false);
    expect((await product.lifecycles.pause('paused')).duplicate).toBe(true);
    const request = product.lifecycles.retrain('paused', { logicalTime: '2013-03-11', reason: 'x', by: 'ann' });
    await expect(request).rejects.toMatchObject({ code: 'PAUSED' });
    await model.tick('ingest', '2013-03-01', '2013-03-01T06:00:00Z');
    expect(await model.status()).toMatchObject({ phase: 'paused', queued: 1, open: [] });
    await product.lifecycles.resume('paused');
    expect((await model.atRest()).phase).toBe('idle');
    expect(await product.stores.partitions.totals('paused')).toMatchObject({ ingested: 2 });
  });
});

describe('monitoring', () => {
  it('asks for a retraining once while one is in flight or within the cooldown', async () => {
    // Every day counts as bad, so that every look at one asks for a retraining.
    const bad = { worseThanBaseRateBy: -10, k: 1, n: 3, minRows: 20 };
    const fallback = { truthMargin: 0.05, minDays: 2, minRows: 60 };
    const monitoring = {
      fallback,
      performance: bad,
      retrainCooldown: '3 days',
      drift: { currentDays: 3, referenceDays: 7, minRows: 60 },
    };
    const model = await deployTiny(product, 'asks', { ...never, monitoring }, 'simulated');
    await model.tick('retrain', '2013-03-11', '2013-03-11T08:00:00Z');
    await model.atRest();
    const days = daysBetween('2013-03-11', '2013-03-16');
    for (const day of days) {
      const next = addDays(day, 1);
      await model.tick('ingest', day, `${day}T07:00:00Z`);
      await model.tick('score', day, `${next}T06:00:00Z`);
      await model.tick('ingest', next, `${next}T06:30:00Z`);
      await model.tick('monitor', day, `${next}T09:00:00Z`);
    }
    await model.atRest();
    const reports = await product.stores.monitoring.list('asks', '2013-03-11', '2013-03-16');
    expect(reports.map(({ verdict }) => verdict)).toEqual(days.map(() => 'retrain'));
    expect(await product.stores.predictions.count('asks', '2013-03-12')).toBe(40);
    const decisions = await product.stores.registry.decisions('asks', 10);
    const cycles = decisions.map(({ logicalTime }) => logicalTime).sort();
    expect(cycles).toEqual(['2013-03-11', '2013-03-12', '2013-03-15']);
  });
});
