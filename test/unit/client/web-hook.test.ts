import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createWebHook, webHookSignature } from '../../../src/client/web-hook';
import type { Alert } from '../../../src/domain/lifecycle/registry';

const alert: Alert = {
  key: 'k',
  model: 'flights',
  severity: 'critical',
  event: 'champion.fallback',
  what: 'Version 7 was put out of service – übel.',
  why: 'It was worse.',
  command: 'npx understudy status flights',
  asOf: '2013-07-01T00:00:00.000Z',
};

describe('the web hook', () => {
  let server: Server;
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function listen(answer: RequestListener): Promise<string> {
    server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it('signs the bytes that it sends, with the time, by HMAC-SHA-256', async () => {
    let seen: { headers: IncomingMessage['headers']; body: Buffer } | undefined;
    const host = await listen((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        seen = { headers: request.headers, body: Buffer.concat(parts) };
        response.writeHead(202).end('{}');
      });
    });
    const now = () => new Date('2026-01-02T03:04:05.678Z');
    await createWebHook({ url: `http://user:p%40ss@${host}/`, secret: 'secret-secret', now })(alert, 17);
    expect(JSON.parse(seen!.body.toString())).toEqual({ id: 17, ...alert });
    const hex = createHmac('sha256', 'secret-secret').update('1767323045.').update(seen!.body).digest('hex');
    expect(seen!.headers).toMatchObject({
      'content-type': 'application/json',
      'understudy-event-id': '17',
      'understudy-timestamp': '1767323045',
      'understudy-signature': `v1=${hex}`,
      authorization: `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
    });
  });

  it('has a signature that changes with the secret, the time and the body', () => {
    const signature = webHookSignature('secret', '1', '{}');
    expect(
      new Set([
        signature,
        webHookSignature('other', '1', '{}'),
        webHookSignature('secret', '2', '{}'),
        webHookSignature('secret', '1', '[]'),
      ]).size,
    ).toBe(4);
  });

  it('fails when the receiver is silent for longer than the time-out', async () => {
    const host = await listen(() => undefined);
    await expect(createWebHook({ url: `http://${host}/`, timeoutMs: 50 })(alert, 1)).rejects.toThrow(
      'The web hook gave no answer within 50 ms.',
    );
  });
});
