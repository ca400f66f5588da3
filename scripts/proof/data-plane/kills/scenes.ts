// What is under way when a worker is killed: for each kind of work what was there before, and the orders in which the process dies.
import type { Day } from '../../../../src/domain/days';
import { announceFile, type DeliveryFile } from '../place/delivery-files';
import { DAYS, TABLES } from '../place/model';
import type { Order } from '../place/work';

/** A file to announce, or any other order. */
export type SceneItem = DeliveryFile | Exclude<Order, { readonly do: 'deliver' }>;

/** Work that is killed. */
export interface Scene {
  readonly name: string;
  readonly before: readonly SceneItem[];
  readonly work: readonly SceneItem[];
}

const [first, second, third] = DAYS as readonly [Day, Day, Day];
const featurize: SceneItem = { do: 'featurize', days: DAYS };
const both = (days: readonly Day[], version: 'a' | 'b'): SceneItem[] =>
  days.flatMap((day) => TABLES.map((table) => ({ table, day, version })));

/**
 * A first small day; a day that comes again with other rows (the delivery alone leads to new features of the days that depend on it); the day
 * before the newest again, with what a person has released; the snapshot of a cycle, whose features are computed in it; a new day online, which
 * takes the place of the oldest one; and a month whose feature files are put together.
 */
export const SCENES: readonly Scene[] = [
  { name: 'a first day', before: [], work: [...both([first], 'b'), featurize] },
  {
    name: 'a revised day',
    before: [...both([first, second, third], 'b'), featurize],
    work: [{ table: 'orders', day: second, version: 'c' }],
  },
  {
    name: 'released rows',
    before: [...both([first, second, third], 'b'), featurize],
    work: [{ do: 'release', table: 'results', day: second }],
  },
  { name: 'a snapshot', before: both(DAYS, 'a'), work: [{ do: 'fix-snapshot' }] },
  {
    name: 'a new day online',
    before: [...both([first, second], 'b'), featurize],
    work: both([third], 'b'),
  },
  {
    name: 'a compaction',
    before: [
      ...[...both(DAYS, 'b'), featurize, { do: 'fix-snapshot' } as const],
      ...[{ table: 'results', day: first, version: 'c' } as const, featurize],
    ],
    work: [{ do: 'compact' }],
  },
];

/** The order of an item; a file is put where its address says. */
export function orderOf(modelFolder: string, item: SceneItem): Order {
  if ('do' in item) return item;
  const { table, day } = item;
  return { do: 'deliver', table, day, uri: announceFile(modelFolder, item) };
}
