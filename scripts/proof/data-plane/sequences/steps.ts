// Random sequences of what can happen to the data plane, for fast-check: plain values, so that a counter-example can be printed and run again.
import fc from 'fast-check';
import type { Day } from '../../../../src/domain/days';
import { VERSIONS, type DeliveryFile, type Version } from '../place/delivery-files';
import { DAYS, TABLES, type Edition, type Partition } from '../place/model';
import type { Moment } from './mortal';

/** Work that can be interrupted. */
export type InterruptibleStep =
  /** A file is announced by its address. */
  | ({ readonly do: 'deliver' } & DeliveryFile)
  /** What lies where the path template looks is ingested, also when another revision is stored. */
  | ({ readonly do: 'deliver-placed' } & Partition)
  | { readonly do: 'ingest-missing' }
  | { readonly do: 'featurize'; readonly days: readonly Day[] }
  /** A person lets in rows that the strict contract has set aside. */
  | ({ readonly do: 'release' } & Partition)
  /** A cycle fixes what it trains on; that never changes. */
  | { readonly do: 'fix-snapshot' }
  | { readonly do: 'compact' };

/** One thing that happens. */
export type Step =
  | InterruptibleStep
  /** A file is put (or replaced) where the path template looks; nobody is told. */
  | ({ readonly do: 'place' } & DeliveryFile)
  /** Two workers get the same delivery at the same moment. */
  | ({ readonly do: 'deliver-twice-at-once' } & DeliveryFile)
  /** Two workers get different files of a partition at the same moment. */
  | ({ readonly do: 'race'; readonly rival: Version } & DeliveryFile)
  /** Two workers compute features of the same days at the same moment, while a third one gets a delivery. */
  | ({ readonly do: 'featurize-meanwhile'; readonly days: readonly Day[] } & DeliveryFile)
  /** Another contract or other views are deployed; work that is open goes on with what it began with. */
  | ({ readonly do: 'deploy' } & Edition)
  /** A worker dies at this moment of the work, if it is not over by then; the work stays open. */
  | { readonly do: 'crash'; readonly at: Moment; readonly during: InterruptibleStep }
  /** Healthy workers go on with everything that is open. */
  | { readonly do: 'go-on' }
  /** Retention deletes what nothing refers to, however young; small files that were put together have waited for it. */
  | { readonly do: 'sweep' };

/** One day more often than the others, so that a partition gets several files. */
const day = fc.oneof(
  { weight: 2, arbitrary: fc.constant(DAYS[1]!) },
  { weight: 3, arbitrary: fc.constantFrom(...DAYS) },
);
const days = fc.subarray([...DAYS], { minLength: 1 });
const goodMostly = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<Version>('a', 'b', 'c') },
  { weight: 2, arbitrary: fc.constantFrom(...VERSIONS) },
);
const partition = { table: fc.constantFrom(...TABLES), day };
const file = { ...partition, version: goodMostly };

const deliver = fc.record({ do: fc.constant('deliver' as const), ...file });
const deliverPlaced = fc.record({ do: fc.constant('deliver-placed' as const), ...partition });
const ingestMissing = fc.record({ do: fc.constant('ingest-missing' as const) });
const featurize = fc.record({ do: fc.constant('featurize' as const), days });
const release = fc.record({ do: fc.constant('release' as const), ...partition });
const fixSnapshot = fc.record({ do: fc.constant('fix-snapshot' as const) });
const compact = fc.record({ do: fc.constant('compact' as const) });
const interruptible = fc.oneof(
  { weight: 5, arbitrary: deliver },
  { weight: 2, arbitrary: deliverPlaced },
  { weight: 2, arbitrary: ingestMissing },
  { weight: 2, arbitrary: featurize },
  { weight: 1, arbitrary: release },
  { weight: 1, arbitrary: fixSnapshot },
  { weight: 1, arbitrary: compact },
);

const moment: fc.Arbitrary<Moment> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ of: fc.constant('calls' as const), number: fc.integer({ min: 1, max: 60 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ of: fc.constant('commits' as const), number: fc.integer({ min: 1, max: 3 }) }),
  },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: deliver },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('place' as const), ...file }) },
  { weight: 4, arbitrary: deliverPlaced },
  { weight: 2, arbitrary: ingestMissing },
  { weight: 3, arbitrary: featurize },
  { weight: 2, arbitrary: release },
  { weight: 1, arbitrary: fixSnapshot },
  { weight: 2, arbitrary: compact },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('deploy' as const),
      contract: fc.constantFrom('strict' as const, 'lenient' as const),
      views: fc.constantFrom('first' as const, 'second' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('deliver-twice-at-once' as const), ...file }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('race' as const), ...file, rival: goodMostly }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('featurize-meanwhile' as const), ...file, days }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('crash' as const),
      at: moment,
      during: interruptible,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('go-on' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sweep' as const) }) },
);

/** Sequences of up to 20 steps, the short ones first when shrinking. */
export const sequences: fc.Arbitrary<Step[]> = fc.array(step, { minLength: 1, maxLength: 20, size: 'max' });
