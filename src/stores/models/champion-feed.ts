// News of champion moves from PostgreSQL: LISTEN on a connection of its own.
// Invariant: a lost connection is made again with back-off and never becomes an unhandled 'error' event of the process.
import { Client } from 'pg';
import type { ChampionFeed, ChampionNews } from '../../ports/champion-feed';
import { CHAMPION_CHANNEL } from './champions';

/** Settings of the feed; all have defaults. */
export interface ChampionFeedOptions {
  /** The first wait before connecting again, doubled each time, in milliseconds. Default 100. */
  readonly firstRetryMs?: number;
  /** The longest wait, in milliseconds. Default 5,000. */
  readonly longestRetryMs?: number;
  /** Is told of each lost or failed connection. Default: nobody. */
  readonly onLost?: (error: Error | undefined) => void;
}

/** The feed of the database at this address. */
export function createChampionFeed(databaseUrl: string, options: ChampionFeedOptions = {}): ChampionFeed {
  const { firstRetryMs = 100, longestRetryMs = 5_000, onLost = () => undefined } = options;
  let client: Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let failures = 0;

  async function connect(onChange: (news: ChampionNews) => void): Promise<void> {
    const current = new Client({
      connectionString: databaseUrl,
      connectionTimeoutMillis: 10_000,
      application_name: 'understudy champion feed',
      keepAlive: true,
    });
    client = current;
    let lost = false;
    const reconnect = (error?: Error) => {
      // A dying connection can report an error and its end: one new connection for both.
      if (lost || stopped) return;
      lost = true;
      onLost(error);
      void current.end().catch(() => undefined);
      timer = setTimeout(
        () => void connect(onChange),
        Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(failures++, 20)),
      );
    };
    current.on('error', reconnect);
    current.on('end', () => reconnect());
    current.on('notification', ({ payload }) => {
      if (!stopped) onChange(payload === undefined || payload === '' ? null : payload);
    });
    try {
      await current.connect();
      await current.query(`listen ${CHAMPION_CHANNEL}`);
      failures = 0;
      // Moves that were committed while nobody listened.
      if (!stopped && !lost) onChange(null);
    } catch (error) {
      reconnect(error as Error);
    }
  }

  return {
    start(onChange) {
      if (!stopped && !client) void connect(onChange);
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await client?.end().catch(() => undefined);
    },
  };
}
