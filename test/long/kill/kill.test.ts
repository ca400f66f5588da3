// kill -9 of each process of a real stack during a cycle: the same champion, each effect once, counted from outside.
import { Client } from 'pg';
import { effectsOf, problemsOf } from '../../../scripts/proof/effects';
import {
  liveUndisturbed,
  openProvingGround,
  type Kill,
  type ProvingGround,
  type Undisturbed,
} from '../../../scripts/proof/kills';
import { randomNumbers } from '../../../src/domain/random';
import { packageRootOf } from '../../../scripts/proof/stack-process';

const random = randomNumbers(20130405);
let ground: ProvingGround;
let undisturbed: Undisturbed;

beforeAll(async () => {
  ground = await openProvingGround(packageRootOf(__dirname));
  undisturbed = await liveUndisturbed(ground, 'undisturbed');
}, 120_000);
afterAll(() => ground?.close(), 60_000);

/**
 * Some processes in a step in which their death hurts (`npm run proof -- --only kills` takes all of them in every step); how far into it is drawn from the seed. `hit`: what must have been under way at the kill;
 * empty where the step is so short that a busy machine may be past it.
 */
const KILLS: readonly (Pick<Kill, 'process' | 'step'> & { readonly hit: string })[] = [
  { process: 'trainer-python', step: 'train', hit: 'train' },
  { process: 'worker-data', step: 'ingest', hit: 'ingestMissing' },
  { process: 'postgres', step: 'save', hit: '' },
];

it('has a life of its own to compare with: one champion, one move, one alert', () => {
  const { effects } = undisturbed;
  expect(effects).toMatchObject({ epoch: 1, undelivered: 0, auditDuplicates: [] });
  expect(effects.versions).toHaveLength(2);
  expect(effects.deliveries).toEqual(['champion-moved/<model>/1']);
});

describe('kill -9', () => {
  it.each(KILLS)(
    'of $process in $step leaves the same models and each effect once',
    async ({ process, step, hit }) => {
      const kill = { process, step, share: 0.5 * random() };
      const result = await ground.liveThrough(`kill-${process}`, undisturbed, kill);
      expect(result.problems).toEqual([]);
      if (hit) expect(result.hit).toContain(hit);
    },
    120_000,
  );
});

describe('the check itself', () => {
  const model = 'undisturbed';
  const look = async (): Promise<string[]> =>
    problemsOf(undisturbed.effects, await effectsOf(ground.services, ground.receiver, model));

  it('finds nothing wrong with the life that it was taken from', async () => {
    expect(await look()).toEqual([]);
  });

  it('turns red on an alert that was delivered twice', async () => {
    const [alert] = ground.receiver.receivedOf(model);
    await fetch(ground.receiver.url, { method: 'POST', body: JSON.stringify(alert) });
    expect(await look()).toEqual([expect.stringMatching(/^alert: champion-moved.* found 2 times/)]);
  });

  it('turns red on an effect that was written to the audit log twice', async () => {
    const client = new Client({ connectionString: ground.stack.addresses().databaseUrl });
    await client.connect();
    await client.query(
      `insert into audit (model, as_of, actor, action, subject, details, effect)
       select model, as_of, actor, action, subject, details, 'planted' from audit where model = $1 and action = 'champion.promotion'`,
      [model],
    );
    await client.end();
    const problems = await look();
    expect(problems).toContainEqual(
      expect.stringMatching(/^audit: .*champion\.promotion.* found 2 times, undisturbed 1/),
    );
    expect(problems).toContainEqual(expect.stringMatching(/^audit: written more than once: champion\.promotion/));
  });
});
