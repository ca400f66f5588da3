import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startAlertRelay, type AlertLine } from '../../../src/client/alert-relay';
import type { Polling } from '../../../src/client/polling';
import { createWebHook, webHookSignature } from '../../../src/client/web-hook';
import type { Stores } from '../../../src/ports/stores';
import { createStores } from '../../../src/stores/stores';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { alert } from '../stores/fixtures';
import { until } from './running-server';

const SECRET = 'a secret of some length';

interface Post {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe('alerts from the outbox', () => {
  let database: TestDatabase;
  let stores: Stores;
  let receiver: Server;
  let url: string;
  let posts: Post[];
  /** Statuses of the next answers; 204 when there is none left. */
  let statuses: number[];
  let relay: Polling | undefined;

  beforeEach(async () => {
    posts = [];
    statuses = [];
    database = await createTestDatabase();
    stores = await createStores(database.url, { outbox: { firstRetryMs: 20 } });
    receiver = createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => {
        posts.push({ headers: request.headers, body });
        response.writeHead(statuses.shift() ?? 204).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  });
  afterEach(async () => {
    await relay?.stop();
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
    await stores.close();
    await database.drop();
  });

  const raise = (key: string) => stores.transaction((tx) => stores.outbox.add(tx, alert('flights', key)));

  it('reach a receiver that fails twice, once, signed, and stand in the log once', async () => {
    statuses = [500, 302];
    const lines: AlertLine[] = [];
    const problems: string[] = [];
    relay = startAlertRelay({
      outbox: stores.outbox,
      deliver: { log: (line) => lines.push(line), webHook: createWebHook({ url, secret: SECRET }) },
      pollMs: 10,
      onProblem: ({ message }) => problems.push(message),
    });
    await raise('fell back');
    await raise('fell back');
    await until(async () => posts.length > 0 && (await stores.outbox.pending()) === 0);
    await new Promise((resolve) => setTimeout(resolve, 100));

    expect(posts).toHaveLength(3);
    expect(problems).toEqual([
      'The web hook answered with status 500; a delivery is a 2xx.',
      'The web hook answered with status 302; a delivery is a 2xx.',
    ]);
    for (const { headers, body } of posts) {
      const timestamp = String(headers['understudy-timestamp']);
      expect(headers['understudy-signature']).toBe(webHookSignature(SECRET, timestamp, body));
      expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(30);
    }
    expect(new Set(posts.map(({ headers }) => headers['understudy-event-id'])).size).toBe(1);
    const [row] = await stores.outbox.list('flights', 10);
    expect(row).toMatchObject({ attempts: 3, lastError: null, alert: { key: 'fell back' } });
    expect(JSON.parse(posts[2]!.body)).toEqual({ id: row!.id, ...alert('flights', 'fell back') });
    expect(lines).toEqual([{ id: row!.id, ...alert('flights', 'fell back') }]);
  });

  it('stand in the log alone when there is no web hook', async () => {
    const lines: AlertLine[] = [];
    relay = startAlertRelay({ outbox: stores.outbox, deliver: { log: (line) => lines.push(line) }, pollMs: 10 });
    for (const key of ['a', 'b', 'c']) await raise(key);
    await until(async () => (await stores.outbox.pending()) === 0);
    expect(lines.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
    expect(posts).toHaveLength(0);
  });

  it('wait for a receiver that is not there, and say so', async () => {
    const problems: string[] = [];
    await new Promise((resolve) => receiver.close(resolve));
    const webHook = createWebHook({ url, secret: SECRET });
    relay = startAlertRelay({
      outbox: stores.outbox,
      deliver: { log: () => undefined, webHook },
      pollMs: 10,
      onProblem: ({ message }) => problems.push(message),
    });
    await raise('a');
    await until(() => problems.length > 0);
    await relay.stop();
    expect(problems[0]).toBe('The web hook cannot be reached (ECONNREFUSED).');
    expect(await stores.outbox.pending()).toBe(1);
  });

  it('survive that the database is gone for a while', async () => {
    const problems: string[] = [];
    let gone = true;
    relay = startAlertRelay({
      outbox: {
        deliverDue: (limit, deliver) =>
          gone ? Promise.reject(new Error('gone')) : stores.outbox.deliverDue(limit, deliver),
      },
      deliver: { log: () => undefined, webHook: createWebHook({ url }) },
      pollMs: 10,
      onProblem: ({ message }) => problems.push(message),
    });
    await raise('a');
    await until(() => problems.length > 1);
    gone = false;
    await until(() => posts.length === 1);
    expect(posts[0]!.headers['understudy-signature']).toBeUndefined();
  });
});
