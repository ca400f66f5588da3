// Rows of an author's async iterator.
import { hookRows } from '../../../src/data/sources/hook-rows';
import type { SourceHook, SourceHookInput, SourceValue } from '../../../src/domain/plan/source-hook';
import { failureOf } from './failing';

const input = (signal = new AbortController().signal): SourceHookInput => ({
  partition: '2013-03-10',
  from: '2013-03-10T05:00:00.000Z',
  to: '2013-03-11T04:00:00.000Z',
  signal,
});
async function rowsOf(hook: unknown, signal?: AbortSignal): Promise<string[]> {
  const rows: string[] = [];
  for await (const row of hookRows({ name: 'hooks/weather.ts', hook, input: input(signal) })) rows.push(row);
  return rows;
}
const giving = (...rows: unknown[]): SourceHook =>
  async function* () {
    yield* rows as Record<string, SourceValue>[];
  };

it('keeps what JSON alone would lose', async () => {
  const row = {
    ...{ text: 'a "b"\n', number: 0.1, large: 12345678901234567890n, nan: NaN, infinite: -Infinity, yes: true },
    ...{ at: new Date('2013-03-10T12:00:00Z'), none: null, missing: undefined, nested: { list: [1, { a: 2n }] } },
  };
  expect(await rowsOf(giving(row))).toEqual([
    '{"text":"a \\"b\\"\\n","number":0.1,"large":12345678901234567890,"nan":"NaN","infinite":"-Infinity","yes":true,' +
      '"at":"2013-03-10T12:00:00.000Z","none":null,"missing":null,"nested":{"list":[1,{"a":2}]}}',
  ]);
});

it('is called with the day and its bounds', async () => {
  const rows = await rowsOf(async function* ({ partition, from, to }: SourceHookInput) {
    yield { partition, from, to };
  });
  expect(rows).toEqual([
    '{"partition":"2013-03-10","from":"2013-03-10T05:00:00.000Z","to":"2013-03-11T04:00:00.000Z"}',
  ]);
});

it.each([
  [
    'what is no function',
    { a: 1 },
    'hooks/weather.ts: this is no hook (found: an object of Object; allowed: export default async function* ({ … }) { … })',
  ],
  [
    'what gives no iterator',
    () => [1],
    'hooks/weather.ts: the hook gives no rows (found: a list; allowed: an async iterator of plain objects)',
  ],
  [
    'a row that is no object',
    giving({ a: 1 }, 7),
    'hooks/weather.ts row 2: the hook gives no usable row (found: a number (7); allowed: a plain object)',
  ],
  [
    'a row of a class',
    giving(new Map()),
    'hooks/weather.ts row 1: the hook gives no usable row (found: an object of Map; allowed: a plain object)',
  ],
  [
    'a value that is no data',
    giving({ a: 1, b: () => 1 }),
    'hooks/weather.ts row 1, field "b": the hook gives no usable row (found: a function; allowed: texts, numbers, booleans, dates, null, and lists and plain objects of them)',
  ],
  [
    'an invalid date',
    giving({ at: new Date('x') }),
    'hooks/weather.ts row 1, field "at": the hook gives no usable row (found: an invalid Date; allowed: a valid one)',
  ],
])('refuses %s', async (_, hook, message) => {
  expect(await failureOf(rowsOf(hook))).toBe(`MODEL_CODE_FAILED: ${message}`);
});

it('tells what the hook threw, and after which row', async () => {
  const failing = async function* () {
    yield { a: 1 };
    throw new Error('the station does not answer\nat …');
  };
  expect(await failureOf(rowsOf(failing))).toBe(
    'MODEL_CODE_FAILED: hooks/weather.ts: the hook failed after row 1: the station does not answer',
  );
  const early = (): never => {
    throw new Error('no key');
  };
  expect(await failureOf(rowsOf(early))).toBe(
    'MODEL_CODE_FAILED: hooks/weather.ts: the hook failed after row 0: no key',
  );
});

it.each(['SOURCE_NOT_FOUND', 'SOURCE_UNAVAILABLE'])('lets the hook say %s itself', async (code) => {
  const failing = async function* () {
    yield { a: 1 };
    throw Object.assign(new Error('not yet'), { code });
  };
  expect(await failureOf(rowsOf(failing))).toBe(`${code}: hooks/weather.ts: the hook failed after row 1: not yet`);
});

it('ends a hook that waits for ever when nobody waits for its rows', async () => {
  const cancel = new AbortController();
  let closed = false;
  const hanging = async function* () {
    try {
      yield { a: 1 };
      cancel.abort(new Error('enough'));
      await new Promise(() => undefined);
    } finally {
      closed = true;
    }
  };
  expect(await failureOf(rowsOf(hanging, cancel.signal))).toBe('no code: enough');
  expect(closed).toBe(false);
});

it('lets a hook close what it has open when a row of it is refused', async () => {
  let closed = false;
  const open = async function* () {
    try {
      yield 1;
    } finally {
      closed = true;
    }
  };
  await failureOf(rowsOf(open));
  expect(closed).toBe(true);
});
