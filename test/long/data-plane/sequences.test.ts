// Random sequences of arrivals, revisions, duplicates, verdicts, new definitions and crashes settle to what a computation from scratch gives; a
// sample of `npm run proof`.
import { acceptsDuplicates, dropsRecomputations } from '../../../scripts/proof/data-plane/sequences/faults';
import { openGround, type OpenGround } from '../../../scripts/proof/data-plane/place/ground';
import { liveThrough } from '../../../scripts/proof/data-plane/sequences/life';
import { describeFailure, liveSequences } from '../../../scripts/proof/data-plane/sequences/sequences';
import type { Step } from '../../../scripts/proof/data-plane/sequences/steps';
import { packageRootOf } from '../../../scripts/proof/stack-process';
import { createTestDatabase, type TestDatabase } from '../../setup/database';

/** Each takes about a second. */
const SEQUENCES = 8;

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

const DAY = '2013-02-28';
const orders = { table: 'orders', day: DAY } as const;
const [A, B] = [
  { do: 'deliver', ...orders, version: 'a' },
  { do: 'deliver', ...orders, version: 'b' },
] as const;
/** The worker dies after the commit of a delivery, before anybody knows of it; another file comes, then the work goes on. */
const TOLD_TWICE: readonly Step[] = [
  { do: 'crash', at: { of: 'commits', number: 1 }, during: A },
  { do: 'deliver', ...orders, version: 'c' },
  { do: 'go-on' },
];

it('settles to the state from scratch after any sequence', async () => {
  const result = await liveSequences(ground, { seed: 20130220, sequences: SEQUENCES });
  expect(result.failure === null ? '' : describeFailure(result)).toBe('');
  expect(result.sequences).toBe(SEQUENCES);
  expect(result.deaths).toBeGreaterThan(0);
});

it('goes on with what depends on a revision when the worker dies between the commit and its being known', async () => {
  const { problems, deaths } = await liveThrough(ground, [
    A,
    { do: 'crash', at: { of: 'commits', number: 1 }, during: B },
    { do: 'go-on' },
  ]);
  expect({ problems, deaths }).toEqual({ problems: [], deaths: 1 });
});

/** Each of these by itself, so that a failure names the rule and not a seed. */
const STORIES: Readonly<Record<string, readonly Step[]>> = {
  'an earlier file that is announced again': [A, B, A],
  'an earlier file that is put back in place of a later one': [
    { do: 'place', ...orders, version: 'a' },
    { do: 'deliver-placed', ...orders },
    { do: 'place', ...orders, version: 'c' },
    { do: 'deliver-placed', ...orders },
    { do: 'featurize', days: [DAY] },
    { do: 'place', ...orders, version: 'a' },
    { do: 'deliver-placed', ...orders },
  ],
  'an earlier file that comes again after a damaged one': [A, B, { ...A, version: 'damaged' }, A],
  'other views in the middle': [
    A,
    { do: 'featurize', days: [DAY] },
    { do: 'deploy', contract: 'strict', views: 'second' },
    B,
    { do: 'crash', at: { of: 'calls', number: 30 }, during: { do: 'featurize', days: [DAY] } },
    { do: 'deploy', contract: 'strict', views: 'first' },
    { do: 'deploy', contract: 'strict', views: 'second' },
  ],
  'a rejected file that is announced again under a looser contract': [
    A,
    { ...A, version: 'strange' },
    { do: 'deploy', contract: 'lenient', views: 'first' },
    { ...A, version: 'strange' },
  ],
  'rows in quarantine that a looser contract lets in': [B, { do: 'deploy', contract: 'lenient', views: 'first' }, B],
  'a looser contract that is tightened again': [
    { do: 'deploy', contract: 'lenient', views: 'first' },
    { ...A, version: 'strange' },
    { do: 'deploy', contract: 'strict', views: 'first' },
    { ...A, version: 'strange' },
    B,
  ],
  'released rows, and the same file again': [B, { do: 'release', ...orders }, B],
  'a snapshot and files that were put together, with rows that change afterwards': [
    { do: 'ingest-missing' },
    ...['2013-02-27', '2013-02-28', '2013-03-01', '2013-03-02'].flatMap((day): Step[] => [
      { do: 'deliver', table: 'orders', day, version: 'a' },
      { do: 'deliver', table: 'results', day, version: 'c' },
    ]),
    { do: 'fix-snapshot' },
    { do: 'compact' },
    { do: 'sweep' },
    B,
    { do: 'sweep' },
    { do: 'compact' },
  ],
};

it.each(Object.entries(STORIES))('settles %s', async (_, steps) => {
  expect((await liveThrough(ground, steps)).problems).toEqual([]);
});

describe('the check itself', () => {
  it('finds nothing wrong with a delivery that is told twice', async () => {
    expect((await liveThrough(ground, TOLD_TWICE)).problems).toEqual([]);
  });

  it('turns red when a dependant is not computed again', async () => {
    const steps: Step[] = [A, { do: 'featurize', days: [DAY] }, B];
    const { problems } = await liveThrough(ground, steps, dropsRecomputations);
    expect(problems).toContainEqual(expect.stringMatching(/^features: missing: order\/2013-02-28 /));
  });

  it('turns red when a delivery that is told twice is accepted twice', async () => {
    const { problems } = await liveThrough(ground, TOLD_TWICE, acceptsDuplicates);
    expect(problems).toContainEqual(expect.stringMatching(/^partitions: missing: orders\/2013-02-28 data /));
  });

  it('finds a planted fault by itself, and says with which seed', async () => {
    const request = { seed: 7, sequences: 20, shrink: false, fault: dropsRecomputations };
    const result = await liveSequences(ground, request);
    expect(describeFailure(result)).toMatch(/^seed 7, path \d+[\s\S]*features: missing/);
  });
});
