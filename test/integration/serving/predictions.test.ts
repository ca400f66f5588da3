/** @jest-environment ./test/setup/host-arrays-environment.js */
import { createCuttable, type Cuttable } from './cuttable';
import { loggedRow, rowsOf, send } from './requests';
import { startServer, until, type RunningServer } from './running-server';
import { MODEL, createSmallModel, expected, type SmallModel } from './small-model';

describe('the log of predictions', () => {
  let small: SmallModel;
  let line: Cuttable;
  let server: RunningServer;
  const infer = (body: string) => send('POST', `${server.url}/v2/models/${MODEL}/infer`, body);
  const logged = (partition: string) => small.stores.predictions.list(MODEL, partition, partition);

  beforeAll(async () => {
    small = await createSmallModel();
    await small.addVersions(2);
    await small.promote(1);
    line = await createCuttable(small.databaseUrl);
    server = await startServer(small, {
      databaseUrl: line.url,
      pollMs: 200,
      writer: { capacityRows: 10, firstRetryMs: 20, longestRetryMs: 200 },
    });
  });
  afterAll(async () => {
    await server.stop();
    await line.cut();
    await small.close();
  });

  it('holds each prediction with its version and instant, once per entity', async () => {
    const inputs = [
      { name: 'temp', shape: [2], datatype: 'FP64', data: [0.5, null] },
      { name: 'carrier', shape: [2], datatype: 'BYTES', data: ['UA', 'never seen'] },
      { name: 'entity_key', shape: [2], datatype: 'BYTES', data: ['a', 'b'] },
      { name: 'as_of', shape: [2], datatype: 'BYTES', data: ['2013-07-01T06:00:00-04:00', '2013-07-01T11:30:00Z'] },
    ];
    const body = JSON.stringify({ parameters: { partition: '2013-07-01' }, inputs });
    expect((await infer(body)).json).toMatchObject({ parameters: { logged: true } });
    expect((await infer(body)).status).toBe(200);
    await until(() => server.writer.state().written === 4);
    const close = (value: number) => expect.closeTo(value, 6) as number;
    expect(await logged('2013-07-01')).toEqual([
      {
        model: MODEL,
        version: 1,
        partition: '2013-07-01',
        entityKey: 'a',
        asOf: '2013-07-01T10:00:00.000Z',
        probability: close(expected(1, 0.5, 'UA')),
      },
      {
        model: MODEL,
        version: 1,
        partition: '2013-07-01',
        entityKey: 'b',
        asOf: '2013-07-01T11:30:00.000Z',
        probability: close(expected(1)),
      },
    ]);
  });

  it('says that nothing was to be logged by saying nothing, and takes now where no instant is given', async () => {
    expect((await infer(rowsOf([{ temp: 1, carrier: 'AA' }]))).json['parameters']).toBeUndefined();
    await infer(loggedRow('c', '2013-07-02'));
    await until(async () => (await logged('2013-07-02')).length === 1);
    expect((await logged('2013-07-02'))[0]).toMatchObject({ entityKey: 'c', asOf: '2013-07-01T12:00:00.000Z' });
  });

  it('gives up the one row that the database refuses, and none beside it', async () => {
    // PostgreSQL has no year 0, so only the row in the middle fails.
    const answers = await Promise.all([
      infer(loggedRow('d', '2013-07-03')),
      infer(loggedRow('bad', '0000-01-01')),
      infer(loggedRow('e', '2013-07-03')),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    await until(() => server.writer.state().queued === 0);
    expect(server.writer.state()).toMatchObject({ rejected: 1, refused: 0 });
    expect((await logged('2013-07-03')).map(({ entityKey }) => entityKey)).toEqual(['d', 'e']);
  });

  it('serves on without the database, keeps predictions up to its limit, and writes and follows when it is back', async () => {
    await line.cut();
    await until(() => !server.champions.access().reachable);
    for (let n = 0; n < 10; n++) {
      expect((await infer(loggedRow(`away-${n}`, '2013-07-04'))).json).toMatchObject({ parameters: { logged: true } });
    }
    expect((await infer(loggedRow('one too many', '2013-07-04'))).json).toMatchObject({
      model_version: '1',
      parameters: { logged: false },
    });
    expect((await send('GET', `${server.url}/v2/health/ready`)).json).toMatchObject({
      ready: true,
      database: { reachable: false },
      predictions: { queued: 10, refused: 1 },
    });
    expect(server.lines).toContainEqual(
      expect.objectContaining({
        level: 'error',
        message: 'the queue of predictions is full; predictions are answered but not logged',
      }),
    );
    await small.promote(2);
    await line.mend();
    await until(async () => (await infer(rowsOf([{ temp: null, carrier: null }]))).json['model_version'] === '2');
    await until(async () => (await logged('2013-07-04')).length === 10);
    expect(server.champions.access()).toEqual({ known: true, reachable: true, problem: null });
  });
});
