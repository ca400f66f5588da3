import { Client } from 'pg';
import { createChampionFeed } from '../../../src/stores/models/champion-feed';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { createCuttable } from './cuttable';
import { until } from './running-server';

describe('the champion feed', () => {
  let database: TestDatabase;
  let admin: Client;

  beforeAll(async () => {
    database = await createTestDatabase();
    admin = new Client({ connectionString: database.url });
    await admin.connect();
  });
  afterAll(async () => {
    await admin.end();
    await database.drop();
  });

  it('asks for a look once it is connected, tells of moves, and does both again after its connection was lost', async () => {
    const line = await createCuttable(database.url);
    const news: (string | null)[] = [];
    let lost = 0;
    const feed = createChampionFeed(line.url, { firstRetryMs: 10, longestRetryMs: 50, onLost: () => lost++ });
    feed.start((model) => news.push(model));
    await until(() => news.length === 1);
    await admin.query(`notify understudy_champion, 'flight-delay'`);
    await until(() => news.length === 2);
    await line.cut();
    await until(() => lost >= 2);
    await line.mend();
    await until(() => news.length === 3);
    await admin.query(`notify understudy_champion, 'other'`);
    await until(() => news.length === 4);
    expect(news).toEqual([null, 'flight-delay', null, 'other']);
    await feed.stop();
    await feed.stop();
    await line.cut();
    // Other suites have feeds of their own on the same server.
    const left = `select from pg_stat_activity where application_name = 'understudy champion feed' and datname = current_database()`;
    await until(async () => (await admin.query(left)).rowCount === 0);
  });

  it('can be stopped while it cannot connect', async () => {
    const line = await createCuttable(database.url);
    await line.cut();
    let lost = 0;
    const feed = createChampionFeed(line.url, { firstRetryMs: 10, onLost: () => lost++ });
    feed.start(() => undefined);
    await until(() => lost > 0);
    await feed.stop();
    const before = lost;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(lost).toBe(before);
  });
});
