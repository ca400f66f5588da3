// Online features after any sequence of deliveries and corrections: of each entity the values of its latest kept day, as from scratch.
import { createOnlinePublisher } from '../../../src/activities/features/online';
import { addDays, type Day } from '../../../src/domain/days';
import type { ModelPlan } from '../../../src/domain/plan/plan';
import { randomNumbers } from '../../../src/domain/random';
import { firstDays, resultsOf, type Row } from './shop-rows';
import { openShops, shopPlan, type ShopBench } from './shops';

const KEEP_DAYS = 3;
const planOf = (name: string): ModelPlan =>
  shopPlan({
    name,
    features: shopPlan().features.filter((view) => view.name === 'order' || view.name === 'past'),
    online: { keepDays: KEEP_DAYS },
  });
const DAYS = firstDays(9);
const ENTITIES = ['a', 'b', 'c', 'd', 'e', 'f'];

let shops: ShopBench;
beforeAll(async () => {
  shops = await openShops();
});
afterAll(() => shops.close());

/** The steps on a model of its own. */
function regulars(name: string) {
  const plan = planOf(name);
  const publisher = createOnlinePublisher(shops, shops.featurizer);
  const online = () => shops.stores.online.lookup(name, ENTITIES);
  return {
    publish: () => publisher.publishOnline(plan),
    deliver: (day: Day, rows: readonly Row[]) => shops.accept(name, 'orders', day, rows),
    online,
    amounts: async (): Promise<Record<string, unknown>> => {
      const rows = (await online()).filter(({ view }) => view === 'order');
      return Object.fromEntries(rows.map(({ entityKey, day, features }) => [entityKey, [day, features['amount']]]));
    },
  };
}
const order = (id: string, day: Day, amount: number, hour = 15): Row => ({
  id,
  amount,
  shop: 'east',
  placed_at: `${day} ${String(hour).padStart(2, '0')}:00:00`,
});
/** The latest kept day of each entity, in plain code. */
function fromScratch(stored: ReadonlyMap<Day, readonly Row[]>): Record<string, unknown> {
  const newest = [...stored.keys()].sort().at(-1);
  const latest: Record<string, unknown> = {};
  for (const day of [...stored.keys()].sort())
    if (newest !== undefined && day >= addDays(newest, -KEEP_DAYS))
      for (const { id, amount } of stored.get(day)!) latest[String(id)] = [day, amount];
  return latest;
}

it('gives an entity that a corrected day has lost the values of its latest earlier day', async () => {
  const { publish, deliver, amounts } = regulars('lost');
  await deliver(DAYS[0]!, [order('a', DAYS[0]!, 1), order('b', DAYS[0]!, 1)]);
  await deliver(DAYS[1]!, [order('a', DAYS[1]!, 2)]);
  await deliver(DAYS[2]!, [order('a', DAYS[2]!, 3), order('b', DAYS[2]!, 3)]);
  await publish();
  expect(await amounts()).toEqual({ a: [DAYS[2], 3], b: [DAYS[2], 3] });
  await deliver(DAYS[2]!, [order('c', DAYS[2]!, 30)]);
  await publish();
  expect(await amounts()).toEqual({ a: [DAYS[1], 2], b: [DAYS[0], 1], c: [DAYS[2], 30] });
  // Two corrections that are published together: one takes the entity away, the other one has it.
  await deliver(DAYS[1]!, [order('d', DAYS[1]!, 20)]);
  await deliver(DAYS[2]!, [order('b', DAYS[2]!, 33)]);
  await publish();
  expect(await amounts()).toEqual({ a: [DAYS[0], 1], b: [DAYS[2], 33], d: [DAYS[1], 20] });
  expect(await publish()).toBe(0);
});

it.each([1, 2])(
  'equals a computation from scratch after each of many deliveries and corrections (seed %i)',
  async (seed) => {
    const name = `seed-${seed}`;
    const { publish, deliver, online, amounts } = regulars(name);
    const random = randomNumbers(seed);
    const stored = new Map<Day, readonly Row[]>();
    for (const day of DAYS.slice(0, 3)) {
      const rows = [order('a', day, 1)];
      await deliver(day, rows);
      stored.set(day, rows);
    }
    for (let step = 0; step < 25; step++) {
      // Mostly days near the newest one, so that what is kept is corrected again and again, in any order.
      const reach = Math.min(DAYS.length, 4 + Math.floor((step / 25) * DAYS.length));
      for (let delivery = random() < 0.3 ? 2 : 1; delivery > 0; delivery--) {
        const day = DAYS[Math.floor(random() * reach)]!;
        if (random() < 0.2) await shops.accept(name, 'results', day, resultsOf(day, step));
        const rows = ENTITIES.filter(() => random() < 0.5).map((id) =>
          order(id, day, Math.round(random() * 1000), Math.floor(random() * 24)),
        );
        if (rows.length === 0) continue;
        await deliver(day, rows);
        stored.set(day, rows);
      }
      await publish();
      expect([step, await amounts()]).toEqual([step, fromScratch(stored)]);
    }
    const before = await online();
    await shops.stores.online.clear(name);
    await publish();
    expect(await online()).toEqual(before);
    expect(new Set(before.map(({ view }) => view))).toEqual(new Set(['order', 'past']));
  },
);
