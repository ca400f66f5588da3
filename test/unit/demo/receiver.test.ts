// The demo's receiver counts what the product's own web hook sends, and refuses what is not signed.
import { createWebHook } from '../../../src/client/web-hook';
import { startReceiver, type AlertReceiver } from '../../../scripts/demo/stage/receiver';

const alert = {
  key: 'k',
  model: 'm',
  severity: 'info',
  event: 'e',
  what: 'what',
  why: 'why',
  command: '',
  asOf: '2013-07-01T00:00:00Z',
} as const;
let receiver: AlertReceiver;

beforeEach(async () => {
  receiver = await startReceiver('a secret of the test');
});
afterEach(() => receiver.close());

describe('the receiver of alerts', () => {
  it('counts how often each event came', async () => {
    const post = createWebHook({ url: receiver.url, secret: receiver.secret });
    await post(alert, 1);
    await post(alert, 2);
    await post(alert, 2);
    expect(receiver.events().map(({ id, times }) => [id, times])).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(receiver.badSignatures()).toBe(0);
  });

  it('refuses a post with another secret', async () => {
    const post = createWebHook({ url: receiver.url, secret: 'another secret' });
    await expect(post(alert, 1)).rejects.toThrow('401');
    expect(receiver.events()).toEqual([]);
    expect(receiver.badSignatures()).toBe(1);
  });
});
