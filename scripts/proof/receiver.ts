// The outside: a web hook's receiver that counts every alert that it is sent, repetitions too.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Alert } from '../../src/domain/lifecycle/registry';

/** A running receiver. */
export interface AlertReceiver {
  readonly url: string;
  /** Everything about a model that has come, in order, repetitions too. */
  receivedOf(model: string): readonly Alert[];
  close(): Promise<void>;
}

/** Listens on a free port of this machine. */
export async function startAlertReceiver(): Promise<AlertReceiver> {
  const received: Alert[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push(JSON.parse(Buffer.concat(chunks).toString('utf8')) as Alert);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    receivedOf: (model) => received.filter((alert) => alert.model === model),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
