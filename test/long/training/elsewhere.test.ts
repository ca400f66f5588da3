// Contenders that a job elsewhere trains, through the real lifecycle and a real job server in a process of its own; and an author's training hook beside them.
import { cpSync, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hookTrainer, httpJob, logistic, type HttpJobOptions } from '../../../src';
import { hookDigest } from '../../../src/definition/contenders/hook-source';
import { challengerId, cycleId } from '../../../src/domain/ids';
import { startJobServer, type JobServerProcess } from '../../setup/jobs/job-server';
import { startProduct, type Product } from '../../setup/product';
import { deployTiny, FIRST_DAY, type Tiny } from '../../setup/tiny-lifecycle';
import { startJobWorker, type JobWorker } from '../../integration/training/job-worker';

const EXAMPLE = resolve(__dirname, '../../../docs/examples/own-trainer/stump.ts');
const DAY = '2013-03-16';
const CYCLE_WITHIN_MS = 60_000;

let product: Product;
let server: JobServerProcess;
beforeAll(async () => {
  server = await startJobServer();
  product = await startProduct({ trainerSecrets: { TRAINER_TEST: 'Bearer of good news' } });
});
afterAll(async () => {
  await product.close();
  await server.stop();
});

type Contenders = Record<string, ReturnType<typeof logistic>>;
const job = (options: Partial<HttpJobOptions> = {}) => httpJob({ url: server.url, pollEvery: '500 ms', ...options });

async function deploy(on: Product, name: string, contenders: Contenders): Promise<Tiny> {
  const model = await deployTiny(on, name, { approval: { when: 'never' }, contenders });
  await on.lifecycles.backfill(name, { from: FIRST_DAY, to: DAY, by: 'test' });
  await ended(model);
  return model;
}
async function startCycle(on: Product, name: string): Promise<void> {
  await on.lifecycles.retrain(name, { logicalTime: DAY, reason: 'test', by: 'test' }, 'once');
}
const ended = (model: Tiny) => model.until(({ queued, open }) => queued === 0 && open.length === 0, CYCLE_WITHIN_MS);

async function until<T>(look: () => Promise<T | undefined | false>, what: string, withinMs = 30_000): Promise<T> {
  for (const deadline = Date.now() + withinMs; ;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline)
      throw new Error(`not within ${withinMs} ms: ${what}: ${JSON.stringify(await server.events())}`);
    await new Promise((settle) => setTimeout(settle, 25));
  }
}

/** What the server counted for the jobs of one model. */
async function eventsOf(model: string): Promise<readonly string[]> {
  const keys = new Set<string>();
  for (const { start } of await server.jobs())
    if (start.request['model'] === model) keys.add((start as unknown as { key: string }).key);
  return (await server.events()).filter(({ key }) => keys.has(key)).map(({ what }) => what);
}
const startedJob = (model: string) =>
  until(async () => (await server.jobs()).find(({ start }) => start.request['model'] === model), `a job of ${model}`);

it('trains by polling, by call-back, and with a lost call-back, starting each job once; failures say what the server said', async () => {
  const folder = product.addModelFolder('jobs');
  cpSync(EXAMPLE, join(folder, 'stump.ts'));
  const needs = { queue: 'gpus', cpu: 4, memory: '8 GiB', gpu: 1, image: 'trainer:7' };
  const own = {
    ...hookTrainer({ module: 'stump.ts', params: { cuts: 10 } }),
    functionDigest: hookDigest(folder, 'stump.ts'),
  };
  const model = await deploy(product, 'jobs', {
    polled: job({ auth: { variable: 'TRAINER_TEST' }, resources: needs, params: { deliver: 'url' } }),
    called: job({ callback: true, pollEvery: '1 hour' }),
    unheard: job({ callback: true, pollEvery: '1 s', params: { callback: 'lose' } }),
    failing: job({ params: { fail: 'no space on the cluster' } }),
    corrupt: job({ params: { deliver: 'url', corrupt: 'onnx' } }),
    hasty: job({ params: { parityRows: 10 } }),
    own,
    stale: { ...own, functionDigest: '0'.repeat(64) },
  });
  await startCycle(product, 'jobs');
  await ended(model);

  const versions = await product.stores.registry.list('jobs');
  const trained = Object.fromEntries(versions.map(({ contender, lineage }) => [contender, lineage.trainer]));
  expect(trained).toEqual({ polled: 'http', called: 'http', unheard: 'http', own: 'hook' });
  const events = await eventsOf('jobs');
  expect(events.filter((what) => what === 'started')).toHaveLength(6);
  expect(events).not.toContain('started again');
  // The repeated call-back is taken and changes nothing.
  expect(events.filter((what) => what === 'called back: 202')).toHaveLength(2);

  const polled = (await server.jobs()).find(({ start }) => start.request['contender'] === 'polled')!
    .start as unknown as {
    queue: string;
    request: { resources: unknown; job?: unknown };
    inputs: { matrix: { location: string } };
  };
  expect(polled.queue).toBe('gpus');
  expect(polled.request.resources).toEqual({ cpu: 4, memoryMiB: 8192, gpu: 1, image: 'trainer:7' });
  expect(polled.request.job).toBeUndefined();
  expect(existsSync(fileURLToPath(polled.inputs.matrix.location))).toBe(true);
  expect((await server.events()).filter(({ auth }) => auth !== undefined).map(({ auth }) => auth)).toEqual([
    'Bearer of good news',
  ]);

  const told = (await product.stores.outbox.list('jobs', 50)).map(({ alert }) => alert);
  const why = (contender: string) => told.find(({ what }) => what.startsWith(`contender ${contender} `))?.why;
  expect(why('failing')).toMatch(/^TRAINING_FAILED: The job \w{12} at .* has failed: no space on the cluster\.$/);
  expect(why('corrupt')).toMatch(
    /^TRAINING_FAILED: The job's result, onnx: found the digest .*; allowed is the announced/,
  );
  expect(why('hasty')).toMatch(/^PARITY_FAILED: hasty: the parity sample has 10 rows, allowed is at least \d{3,}$/);
  expect(why('stale')).toMatch(
    /^TRAINING_FAILED: .*stump\.ts: the source has changed since the definition was deployed/,
  );
});

it('answers 404 to a call-back with a token that nobody has', async () => {
  for (const token of ['x', 'A'.repeat(43)]) {
    const answer = await fetch(`${product.servingUrl}/v1/training-jobs/${token}`, { method: 'POST' });
    expect(answer.status).toBe(404);
  }
});

it('cancels the job within two seconds when its workflow is cancelled, and when it is terminated', async () => {
  for (const [name, end] of [
    ['cancelled', 'cancel'],
    ['terminated', 'terminate'],
  ] as const) {
    const model = await deploy(product, name, { one: job({ params: { hold: true } }), main: logistic() });
    await startCycle(product, name);
    await startedJob(name);
    const endedAt = Date.now();
    await product.client.workflow.getHandle(challengerId(cycleId(name, DAY, 1), 'one'))[end]();
    const isDeleted = async () => (await eventsOf(name)).includes('deleted');
    await until(isDeleted, `the job of ${name} is deleted`, 10_000);
    expect(Date.now() - endedAt).toBeLessThan(end === 'cancel' ? 2_000 : 5_000);
    await ended(model);
  }
});

it('goes on with the same job when its server fails, is killed and comes back, and starts a lost one anew', async () => {
  const model = await deploy(product, 'patient', { one: job({ params: { hold: true } }) });
  await startCycle(product, 'patient');
  await startedJob('patient');
  await server.tell('failing');
  await until(
    async () => (await eventsOf('patient')).filter((what) => what === 'not now').length === 3,
    'three refusals',
  );
  await server.kill();
  await server.restart();
  expect((await eventsOf('patient')).filter((what) => what === 'started')).toHaveLength(1);
  await server.tell('forget');
  await startedJob('patient');
  await server.tell('release');
  await ended(model);
  const told = new Set(['started again', 'not now']);
  expect((await eventsOf('patient')).filter((what) => !told.has(what))).toEqual(['started', 'started', 'succeeded']);
  expect(Object.keys(await model.versions())).toEqual(['one@1']);
});

describe('when the worker that watches jobs is killed', () => {
  let other: Product;
  let held: JobServerProcess;
  let watching: JobWorker;
  const heldJob = () => httpJob({ url: held.url, pollEvery: '500 ms', params: { hold: true } });
  const happened = async (): Promise<string[]> => (await held.events()).map(({ what }) => what);
  beforeAll(async () => {
    other = await startProduct({ watchesJobs: false });
    held = await startJobServer();
    watching = await startJobWorker(other);
  });
  afterAll(async () => {
    await watching.kill();
    await held.stop();
    await other.close();
  });

  it('the next one cancels the job of a workflow that was cancelled meanwhile', async () => {
    const model = await deploy(other, 'unwatched', { one: heldJob(), main: logistic() });
    await startCycle(other, 'unwatched');
    await until(async () => (await held.jobs()).length === 1, 'the job has started');
    await watching.kill();
    await other.client.workflow.getHandle(challengerId(cycleId('unwatched', DAY, 1), 'one')).cancel();
    watching = await startJobWorker(other);
    await ended(model);
    expect(await happened()).toEqual(['started', 'deleted', 'cancelled']);
  });

  it('the next one goes on with the same job', async () => {
    await held.tell('forget');
    const before = (await happened()).length;
    const model = await deploy(other, 'orphan', { one: heldJob() });
    await startCycle(other, 'orphan');
    await until(async () => (await held.jobs()).length === 1, 'the job has started');
    await watching.kill();
    watching = await startJobWorker(other);
    await until(async () => (await happened()).includes('started again'), 'the next attempt');
    await held.tell('release');
    await ended(model);
    expect((await happened()).slice(before)).toEqual(['started', 'started again', 'succeeded']);
    expect(Object.keys(await model.versions())).toEqual(['one@1']);
  });
});
