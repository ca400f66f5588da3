// References, not bytes, cross Temporal (invariant 3): looked at in the saved histories, which hold every payload of whole lives.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(__dirname, '../../histories');
const MOST_BYTES = 64 * 1024;
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

/** Sizes of all payloads in a history, in bytes. */
function payloadBytes(value: unknown): number[] {
  if (typeof value !== 'object' || value === null) return [];
  const { metadata, data } = value as { metadata?: unknown; data?: unknown };
  const own = typeof metadata === 'object' && typeof data === 'string' ? [Buffer.byteLength(data, 'base64')] : [];
  return [...own, ...Object.values(value).flatMap(payloadBytes)];
}

it('has no payload over 64 KB in any saved history', () => {
  const largest = files.map((name) => ({
    name,
    bytes: payloadBytes(JSON.parse(readFileSync(join(FOLDER, name), 'utf8'))),
  }));
  expect(largest.flatMap(({ bytes }) => bytes).length).toBeGreaterThan(100);
  expect(largest.filter(({ bytes }) => Math.max(0, ...bytes) > MOST_BYTES).map(({ name }) => name)).toEqual([]);
});
