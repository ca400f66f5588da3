// Random sequences of what can happen to the data plane, for fast-check: plain values, so that a counter-example can be printed and run again.
import fc from 'fast-check';
import type { Day } from '../../../src/domain/days';
import { VERSIONS, type DeliveryFile, type Version } from './delivery-files';
import { DAYS, TABLES } from './model';
import type { Moment } from './mortal';

/** Work that can be interrupted. */
export type InterruptibleStep =
  | ({ readonly do: 'deliver' } & DeliveryFile)
  | { readonly do: 'ingest-missing' }
  | { readonly do: 'featurize'; readonly days: readonly Day[] };

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
  /** A worker dies at this moment of the work, if it is not over by then; the work stays open. */
  | { readonly do: 'crash'; readonly at: Moment; readonly during: InterruptibleStep }
  /** Healthy workers go on with everything that is open. */
  | { readonly do: 'go-on' }
  /** Retention deletes what nothing refers to, however young. */
  | { readonly do: 'sweep' };

const day = fc.constantFrom(...DAYS);
const days = fc.subarray([...DAYS], { minLength: 1 });
const goodMostly = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<Version>('a', 'b', 'c') },
  { weight: 2, arbitrary: fc.constantFrom(...VERSIONS) },
);
const file = { table: fc.constantFrom(...TABLES), day, version: goodMostly };

const deliver = fc.record({ do: fc.constant('deliver' as const), ...file });
const ingestMissing = fc.record({ do: fc.constant('ingest-missing' as const) });
const featurize = fc.record({ do: fc.constant('featurize' as const), days });
const interruptible = fc.oneof(
  { weight: 5, arbitrary: deliver },
  { weight: 2, arbitrary: ingestMissing },
  { weight: 2, arbitrary: featurize },
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
  { weight: 2, arbitrary: ingestMissing },
  { weight: 3, arbitrary: featurize },
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

/** Sequences of up to 16 steps, the short ones first when shrinking. */
export const sequences: fc.Arbitrary<Step[]> = fc.array(step, { minLength: 1, maxLength: 16, size: 'max' });
