// Posts an alert to a web hook, signed, so that the receiver can tell that it is ours, unchanged and new.
// Invariant: only a 2xx answer within the time-out is a delivery; anything else throws and is tried again by the caller.
import { createHmac } from 'node:crypto';
import type { Alert } from '../domain/lifecycle/registry';

/** Where and how to post. */
export interface WebHookOptions {
  readonly url: string;
  /** Signs the posts; without it they carry no signature. */
  readonly secret?: string;
  /** Default 5,000. */
  readonly timeoutMs?: number;
  /** Default: the wall clock. */
  readonly now?: () => Date;
}

/** Delivers one alert. `id` is the outbox id: the same at every attempt, so that a receiver drops what it has seen. */
export type WebHook = (alert: Alert, id: number) => Promise<void>;

/**
 * The value of the header `Understudy-Signature` for a body: `v1=` and the hexadecimal HMAC-SHA-256 of `<timestamp>.<body>`.
 * A receiver computes it from the header `Understudy-Timestamp` (seconds since 1970) and the raw body, compares in constant time,
 * and refuses timestamps older than some minutes.
 */
export function webHookSignature(secret: string, timestamp: string, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}

/** A web hook. Messages of failures name no address: those of many receivers are secrets. */
export function createWebHook(options: WebHookOptions): WebHook {
  const { secret, timeoutMs = 5_000, now = () => new Date() } = options;
  const { address, authorization } = withoutCredentials(options.url);
  return async (alert, id) => {
    const body = JSON.stringify({ id, ...alert });
    const timestamp = String(Math.floor(now().getTime() / 1000));
    const headers: Record<string, string> = {
      'Content-Type': 'application/json',
      'User-Agent': 'understudy',
      'Understudy-Event-Id': String(id),
      'Understudy-Timestamp': timestamp,
    };
    if (secret !== undefined) headers['Understudy-Signature'] = webHookSignature(secret, timestamp, body);
    if (authorization !== undefined) headers['Authorization'] = authorization;
    const status = await post(address, headers, body, timeoutMs);
    if (status < 200 || status > 299)
      throw new Error(`The web hook answered with status ${status}; a delivery is a 2xx.`);
  };
}

/** Posts and returns the status. A redirect is not followed: the signature was meant for the address that was configured. */
async function post(url: string, headers: Record<string, string>, body: string, timeoutMs: number): Promise<number> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    // The answer's body is of no interest, but left unread it would hold the connection.
    await answer.body?.cancel();
    return answer.status;
  } catch (error) {
    const { name, cause } = error as { name?: string; cause?: { code?: string } };
    if (name === 'TimeoutError')
      throw new Error(`The web hook gave no answer within ${timeoutMs} ms.`, { cause: error });
    throw new Error(`The web hook cannot be reached (${cause?.code ?? name ?? 'unknown'}).`, { cause: error });
  }
}

/** `fetch` refuses addresses with user and password in them. */
function withoutCredentials(url: string): { readonly address: string; readonly authorization?: string } {
  const parsed = new URL(url);
  const { username, password } = parsed;
  if (username === '' && password === '') return { address: url };
  parsed.username = '';
  parsed.password = '';
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { address: parsed.href, authorization: `Basic ${Buffer.from(plain).toString('base64')}` };
}
