// A web hook's receiver: what people outside of the product have been told, counted by event id.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Alert } from '../../src/domain/lifecycle/registry';

export interface Receiver {
  readonly url: string;
  /** Everything that came, in order, repetitions too. */
  readonly received: readonly (Alert & { readonly id: number })[];
  /** Of one model, by event name. */
  of(model: string, event: string): (Alert & { readonly id: number })[];
  close(): Promise<void>;
}

/** Listens on a free port of this machine. */
export async function startReceiver(): Promise<Receiver> {
  const received: (Alert & { id: number })[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push(JSON.parse(Buffer.concat(chunks).toString('utf8')) as Alert & { id: number });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    received,
    of: (model, event) => received.filter((alert) => alert.model === model && alert.event === event),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
