// The demo's own receiver of alerts: a web hook on the loopback address that checks signatures and counts how often each event came.
import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { webHookSignature } from '../../../src/client/web-hook';
import type { Alert } from '../../../src/domain/lifecycle/registry';

/** What came of one event. */
export interface ReceivedEvent {
  readonly id: number;
  readonly alert: Alert;
  times: number;
}

/** A listening receiver. */
export interface AlertReceiver {
  readonly url: string;
  readonly secret: string;
  /** Events by their id, with how often each came. */
  events(): readonly ReceivedEvent[];
  /** Posts that were refused because their signature was wrong or absent. */
  badSignatures(): number;
  close(): Promise<void>;
}

/** Listens on a free port. */
export async function startReceiver(secret: string): Promise<AlertReceiver> {
  const events = new Map<number, ReceivedEvent>();
  let bad = 0;
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      if (!isSigned(request, body, secret)) {
        bad++;
        response.writeHead(401).end();
        return;
      }
      const { id, ...alert } = JSON.parse(body) as Alert & { id: number };
      const known = events.get(id);
      if (known) known.times++;
      else events.set(id, { id, alert, times: 1 });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}/alerts`,
    secret,
    events: () => [...events.values()],
    badSignatures: () => bad,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function isSigned({ headers }: IncomingMessage, body: string, secret: string): boolean {
  const given = Buffer.from(String(headers['understudy-signature'] ?? ''));
  const expected = Buffer.from(webHookSignature(secret, String(headers['understudy-timestamp'] ?? ''), body));
  return given.length === expected.length && timingSafeEqual(given, expected);
}
