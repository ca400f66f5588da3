// The services of a running stack as an operator reaches them: Temporal, the database, and the messages of lifecycles.
import type { Client } from '@temporalio/client';
import { connectTemporal } from '../../src/client/connection';
import { createLifecycleClient, type LifecycleClient } from '../../src/client/lifecycle-client';
import { createScheduleClient, type ScheduleClient } from '../../src/client/schedules';
import type { StackAddresses } from '../../src/embedded/stack-file';
import type { Stores } from '../../src/ports/stores';
import { createDatabase, type Database } from '../../src/stores/database';
import { createStores } from '../../src/stores/stores';

/** Connections to one stack; they find their servers again after a kill, because ports stay. */
export interface Services {
  readonly client: Client;
  readonly lifecycles: LifecycleClient;
  readonly schedules: ScheduleClient;
  readonly stores: Stores;
  readonly database: Database;
  close(): Promise<void>;
}

/** Connects to everything of a stack. */
export async function openServices({ temporal, databaseUrl }: StackAddresses): Promise<Services> {
  const connected = await connectTemporal(temporal);
  const { client } = connected;
  const stores = await createStores(databaseUrl);
  const database = createDatabase(databaseUrl, { poolSize: 2 });
  return {
    client,
    lifecycles: createLifecycleClient(client, { timeoutMs: 20_000 }),
    schedules: createScheduleClient(client),
    stores,
    database,
    async close() {
      await stores.close();
      await database.close();
      await connected.close();
    },
  };
}

const AGAIN_AFTER_MS = 50;

/** Does something until it succeeds: a server that was just killed answers again soon. Fails with the last failure when the time is over. */
export async function patiently<T>(work: () => Promise<T>, withinMs: number): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
    }
  }
}
