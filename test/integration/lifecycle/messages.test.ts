// Messages that are wrong: updates are refused at once with a code, signals are recorded as refused, and the entity lives on.
import { startProduct, type Product } from '../../setup/product';
import { deployTiny, type Tiny } from '../../setup/tiny-lifecycle';

let product: Product;
let model: Tiny;
beforeAll(async () => {
  product = await startProduct();
  model = await deployTiny(product, 'messages', {}, 'simulated');
});
afterAll(() => product.close());

const handle = () => product.client.workflow.getHandle('lifecycle/messages');

describe('updates', () => {
  it.each([
    ['tick', null, 'BAD_MESSAGE'],
    ['tick', ['2013-03-11'], 'BAD_MESSAGE'],
    ['tick', { kind: 'nonsense', logicalTime: '2013-03-11', asOf: '2013-03-11T05:00:00Z' }, 'BAD_MESSAGE'],
    ['tick', { kind: 'ingest', logicalTime: '2013-02-30', asOf: '2013-03-11T05:00:00Z' }, 'BAD_MESSAGE'],
    ['tick', { kind: 'ingest', logicalTime: '2013-03-11', asOf: 'today' }, 'BAD_MESSAGE'],
    ['tick', { kind: 'ingest', logicalTime: '2013-04-06', asOf: '2013-04-06T05:00:00Z' }, 'NOT_AVAILABLE_YET'],
    ['tick', { kind: 'ingest', logicalTime: '2013-04-01', asOf: '2014-01-01T05:00:00Z' }, 'NOT_AVAILABLE_YET'],
    ['retrain', { reason: 'x', by: 'ann' }, 'BAD_MESSAGE'],
    ['retrain', { reason: 7, by: 'ann', logicalTime: '2013-03-11' }, 'BAD_MESSAGE'],
    ['ingest', { partition: '2013-03-11', table: 'nonsense' }, 'BAD_MESSAGE'],
    ['ingest', { partition: '2013-03-11', uri: 'x.csv' }, 'BAD_MESSAGE'],
    ['backfill', { from: '2013-03-11', to: '2013-03-01', by: 'ann' }, 'BAD_MESSAGE'],
    ['decide', { cycle: 'c', digest: 'd', by: 'ann', decision: 'perhaps' }, 'BAD_MESSAGE'],
    ['decide', { cycle: 'c', digest: 'd', by: 'ann', decision: 'approve' }, 'NO_APPROVAL_PENDING'],
    ['decide', { cycle: 'c', digest: 'd', by: 'ann', decision: 'approve', comment: {} }, 'BAD_MESSAGE'],
    ['promote', { expectedEpoch: 0, by: 'ann', reason: 'x' }, 'BAD_MESSAGE'],
    ['promote', { version: 1, expectedEpoch: -1, by: 'ann', reason: 'x' }, 'BAD_MESSAGE'],
    ['promote', { version: 1, expectedEpoch: 0, by: 'ann', reason: 'x', holdFallbackUntil: 'soon' }, 'BAD_MESSAGE'],
    ['rollback', { by: 'ann' }, 'BAD_MESSAGE'],
    ['configure', { definitionDigest: 7 }, 'BAD_MESSAGE'],
    ['configure', { definitionDigest: 'f'.repeat(64) }, 'MODEL_NOT_DEPLOYED'],
  ])('refuses %s %j within a second with its code', async (name, message, code) => {
    const sentAt = Date.now();
    const failed = handle().executeUpdate(name, { args: [message] });
    await expect(failed).rejects.toMatchObject({ cause: { type: code } });
    expect(Date.now() - sentAt).toBeLessThan(1_000);
  });

  it('leave no trace in the state when they are refused', async () => {
    expect(await model.status()).toMatchObject({ queued: 0, open: [], now: null, health: 'good' });
  });
});

describe('signals', () => {
  const refusedOf = async (send: () => Promise<void>, count = 1) => {
    const before = (await model.status()).refused.length;
    await send();
    const { refused } = await model.until((status) => status.refused.length >= Math.min(20, before + count), 5_000);
    return refused.slice(-count);
  };

  it.each([
    ['approve', null],
    ['approve', ['ann']],
    ['approve', { by: 7, digest: true }],
    ['reject', 'no'],
    ['dataArrived', { table: 'orders' }],
    ['dataArrived', { table: 'nonsense', partition: '2013-03-11', uri: 'x', sha256: 'y' }],
    ['labelsArrived', 12],
    ['childFinished', null],
    ['childFinished', { id: 'cycle/messages/2013-03-11' }],
    ['childFinished', { id: 'cycle/messages/2013-03-11', outcome: { type: 'nonsense' } }],
    ['nonsense', { by: 'ann' }],
  ])('records %s %j as refused', async (name, message) => {
    const [refused] = await refusedOf(() => handle().signal(name, message));
    expect(refused?.name).toBe(name);
    expect(refused?.why.length).toBeGreaterThan(10);
  });

  it('records a payload in an unknown encoding as refused', async () => {
    const payload = { metadata: { encoding: Buffer.from('binary/nonsense') }, data: Buffer.from('x') };
    const [refused] = await refusedOf(async () => {
      await product.client.workflowService.signalWorkflowExecution({
        namespace: product.namespace,
        workflowExecution: { workflowId: 'lifecycle/messages' },
        signalName: 'approve',
        input: { payloads: [payload] },
      });
    });
    expect(refused).toEqual({ name: 'approve', why: expect.stringContaining('unknown encoding') as string });
  });

  it('keep at most the last twenty refusals', async () => {
    for (let n = 0; n < 25; n++) await handle().signal('approve', n);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await model.status()).refused).toHaveLength(20);
  });

  it('leave the entity alive: it still carries out a request', async () => {
    await model.tick('retrain', '2013-03-11', '2013-03-11T08:00:00Z');
    await model.atRest();
    expect((await model.proposal()).contender).toBe('main');
  });

  it('with a report that has no outcome do not wedge an entity whose child is open', async () => {
    const training = product.hold('train');
    await model.tick('retrain', '2013-03-16', '2013-03-16T08:00:00Z');
    await training.reached;
    await handle().signal('childFinished', { kind: 'cycle', id: 'cycle/messages/2013-03-16' });
    await handle().signal('childFinished', {
      id: 'cycle/messages/2013-03-16',
      outcome: { type: 'ingested', reopened: 'x' },
    });
    training.release();
    await model.atRest();
    expect((await model.proposal()).cycle).toBe('cycle/messages/2013-03-16');
  });
});
