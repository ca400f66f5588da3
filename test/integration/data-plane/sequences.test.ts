// Random sequences of arrivals, revisions, duplicates and crashes settle to what a computation from scratch gives; a sample of `npm run proof`.
import { acceptsDuplicates, dropsRecomputations } from '../../../scripts/proof/data-plane/faults';
import { openGround, type OpenGround } from '../../../scripts/proof/data-plane/ground';
import { liveThrough } from '../../../scripts/proof/data-plane/life';
import { describeFailure, liveSequences } from '../../../scripts/proof/data-plane/sequences';
import type { Step } from '../../../scripts/proof/data-plane/steps';
import { packageRootOf } from '../../../scripts/proof/stack-process';
import { createTestDatabase, type TestDatabase } from '../../setup/database';

let databases: readonly TestDatabase[];
let ground: OpenGround;
beforeAll(async () => {
  databases = [await createTestDatabase(), await createTestDatabase()];
  ground = await openGround(packageRootOf(__dirname), [databases[0]!.url, databases[1]!.url]);
});
afterAll(async () => {
  await ground.close();
  for (const database of databases) await database.drop();
});

const orders = { table: 'orders', day: '2013-02-21' } as const;
const AGAIN: readonly Step[] = [
  { do: 'deliver', ...orders, version: 'a' },
  { do: 'deliver', ...orders, version: 'b' },
  { do: 'deliver', ...orders, version: 'a' },
];

it('settles to the state from scratch after any sequence', async () => {
  const result = await liveSequences(ground, { seed: 20130220, sequences: 20, withinMs: 20_000 });
  expect(result.failure === null ? '' : describeFailure(result)).toBe('');
  expect(result.sequences).toBeGreaterThan(2);
  expect(result.deaths).toBeGreaterThan(0);
});

it('goes on with what depends on a revision when the worker dies between the commit and its being known', async () => {
  const { problems, deaths } = await liveThrough(ground, [
    { do: 'deliver', ...orders, version: 'a' },
    { do: 'crash', at: { of: 'commits', number: 1 }, during: { do: 'deliver', ...orders, version: 'b' } },
    { do: 'go-on' },
  ]);
  expect({ problems, deaths }).toEqual({ problems: [], deaths: 1 });
});

describe('the check itself', () => {
  it('finds nothing wrong with an older revision that comes again', async () => {
    expect((await liveThrough(ground, AGAIN)).problems).toEqual([]);
  });

  it('turns red when a dependant is not computed again', async () => {
    const steps: Step[] = [AGAIN[0]!, { do: 'featurize', days: ['2013-02-21'] }, AGAIN[1]!];
    expect((await liveThrough(ground, steps)).problems).toEqual([]);
    const { problems } = await liveThrough(ground, steps, dropsRecomputations);
    expect(problems).toContainEqual(expect.stringMatching(/^features: missing: order\/2013-02-21 /));
  });

  it('turns red when a delivery that comes again is accepted twice', async () => {
    const { problems } = await liveThrough(ground, AGAIN, acceptsDuplicates);
    expect(problems).toContainEqual(expect.stringMatching(/^partitions: missing: orders\/2013-02-21 data /));
  });

  it('finds a planted fault by itself, and says with which seed', async () => {
    const request = { seed: 7, sequences: 20, shrink: false, fault: dropsRecomputations };
    const result = await liveSequences(ground, request);
    expect(describeFailure(result)).toMatch(/^seed 7, path \d+[\s\S]*features: missing/);
  });
});
