// Opens a Temporal client: a connection that answers within seconds, or one sentence about what does not answer.
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { UnderstudyError } from '../domain/failures';

/** Where Temporal is. `options` are what `@temporalio/envconfig` read (TLS, key, headers); `address` wins over theirs. */
export interface TemporalTarget {
  /** `host:port`. */
  readonly address: string;
  readonly namespace: string;
  readonly options?: Omit<ConnectionOptions, 'address'>;
}

/** A client with the connection that it owns. */
export interface ConnectedClient {
  readonly client: Client;
  close(): Promise<void>;
}

/** A local server answers in milliseconds and a cluster within one second; more than this is absence. */
const CONNECT_TIMEOUT_MS = 5_000;

/** Connects, or fails with TEMPORAL_UNAVAILABLE when no server answers within 5 s. */
export async function connectTemporal(target: TemporalTarget): Promise<ConnectedClient> {
  try {
    const connection = await Connection.connect({
      ...target.options,
      address: target.address,
      connectTimeout: CONNECT_TIMEOUT_MS,
    });
    return {
      client: new Client({ connection, namespace: target.namespace }),
      close: () => connection.close(),
    };
  } catch (cause) {
    throw new UnderstudyError(
      'TEMPORAL_UNAVAILABLE',
      `No Temporal server answers at ${target.address} within ${CONNECT_TIMEOUT_MS / 1000} s.`,
      { address: target.address },
      { cause },
    );
  }
}
