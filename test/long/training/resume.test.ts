// A training whose worker or process dies goes on from its last chunk, to the bytes that an undisturbed training gives.
import { cpSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { lightgbm, logistic, trainFunction } from '../../../src';
import { sourceDigest } from '../../../src/definition/contenders/function-source';
import { challengerId, cycleId } from '../../../src/domain/ids';
import type { ModelVersion } from '../../../src/domain/lifecycle/registry';
import type { Reproduction } from '../../../src/domain/training/reproduction';
import type { TrainProgress } from '../../../src/domain/training/training';
import { runCommand } from '../../setup/command-line';
import type { Product } from '../../setup/product';
import tiny from '../../models/tiny/model';
import { deployTiny } from '../../setup/tiny-lifecycle';
import type { PythonWorker } from '../../setup/python-worker';
import { startTrainedProduct, type TrainedProduct } from '../../setup/trained-product';

const EXAMPLE = resolve(__dirname, '../../../docs/examples/own-trainer/trainer.py');
const DAY = '2013-03-16';
/** A killed worker is noticed after 10 s. */
const CYCLE_WITHIN_MS = 110_000;
const EVERY = 400;
const ITERATIONS = 4000;

let trained: TrainedProduct;
let product: Product;
let worker: PythonWorker;
beforeAll(async () => {
  trained = await startTrainedProduct();
  ({ product, worker } = trained);
});
afterAll(() => trained.close());

const sampled = {
  params: { feature_fraction: 0.6, bagging_fraction: 0.7, bagging_freq: 2 },
  minLeafRows: 5,
  leaves: 7,
};
const CONTENDERS = {
  main: logistic({ l2: 1 }),
  trees: lightgbm({ iterations: ITERATIONS, learningRate: 0.005, checkpointEvery: EVERY, ...sampled }),
};

async function train(name: string, contenders: Parameters<typeof deployTiny>[2] = { contenders: CONTENDERS }) {
  const model = await deployTiny(product, name, { approval: { when: 'never' }, ...contenders });
  await model.backfill();
  await product.lifecycles.retrain(name, { logicalTime: DAY, reason: 'test', by: 'test' }, 'once');
  return {
    model,
    training: product.client.workflow.getHandle(challengerId(cycleId(name, DAY, 1), 'trees')),
    async version(contender = 'trees'): Promise<ModelVersion> {
      await model.until(({ queued, open }) => queued === 0 && open.length === 0, CYCLE_WITHIN_MS);
      return (await product.stores.registry.list(name)).find((each) => each.contender === contender)!;
    },
  };
}

/** What the running training told last, once it has a property. */
async function told(
  handle: WorkflowHandle,
  holds: (progress: TrainProgress, attempt: number) => boolean,
): Promise<TrainProgress> {
  for (const until = Date.now() + CYCLE_WITHIN_MS; Date.now() < until; await sleep(100)) {
    const raw = await handle.describe().then(
      (found) => found.raw,
      () => undefined,
    );
    for (const { heartbeatDetails, attempt } of raw?.pendingActivities ?? []) {
      const data = heartbeatDetails?.payloads?.[0]?.data;
      const progress = data ? (JSON.parse(Buffer.from(data).toString()) as TrainProgress) : undefined;
      if (progress && holds(progress, attempt ?? 1)) return progress;
    }
  }
  throw new Error(`not in time: ${holds.toString()}`);
}

async function reproduced(version: string): Promise<{ found: Reproduction; exitCode: number }> {
  let exitCode = 0;
  const printed = await runCommand(product, ['reproduce', version, '--json'], {
    setExitCode: (code) => (exitCode = code),
  });
  return { found: JSON.parse(printed) as Reproduction, exitCode };
}

it('goes on from its last chunk after a kill, to the bytes that an undisturbed training gives', async () => {
  const run = await train('shaken');
  const { checkpoint } = await told(
    run.training,
    (progress) => (progress.checkpoint && progress.iteration > EVERY) === true,
  );
  await worker.kill();
  expect(await product.artifacts.has(checkpoint!.sha256)).toBe(true);
  worker = await trained.startWorker();
  const resumed = await told(run.training, ({ iteration }, attempt) => attempt === 2 && iteration > 0);
  expect(resumed.iteration).toBeGreaterThan(EVERY);
  expect(resumed.checkpoint).toBeDefined();
  expect((await run.version()).training.iterations).toBe(ITERATIONS);

  const before = await product.stores.registry.list('shaken');
  for (const { version, contender } of before) {
    const { found, exitCode } = await reproduced(`shaken@${version}`);
    expect([contender, found.same, exitCode, found.environment]).toEqual([contender, true, 0, []]);
    expect(found.digests.map(({ what, same }) => [what, same])).toEqual([
      ['native', true],
      ['onnx', true],
    ]);
  }
  expect(before.map(({ contender }) => contender).sort()).toEqual(['main', 'trees']);
  expect(await product.stores.registry.list('shaken')).toEqual(before);
}, 240_000);

it('goes on from its own last chunk, not from its parent again, where it started from a version', async () => {
  const name = 'continued';
  const model = await deployTiny(product, name, {
    ...{ snapshot: { ...tiny.plan.snapshot, window: 'expanding' }, approval: { when: 'never' } },
    contenders: {
      main: logistic({ l2: 1 }),
      trees: lightgbm({
        ...{ iterations: ITERATIONS, learningRate: 0.005, checkpointEvery: EVERY, startFrom: { version: 'parent' } },
        ...sampled,
      }),
    },
  });
  await model.backfill();
  const atRest = () => model.until(({ queued, open }) => queued === 0 && open.length === 0, CYCLE_WITHIN_MS);
  const retrain = (logicalTime: string) =>
    product.lifecycles.retrain(name, { logicalTime, reason: 'test', by: 'test' }, `r-${logicalTime}`);
  await retrain('2013-03-11');
  await atRest();
  const parent = (await product.stores.registry.newestOf(name, 'trees'))!;
  await retrain('2013-03-25');
  const training = product.client.workflow.getHandle(challengerId(cycleId(name, '2013-03-25', 1), 'trees'));
  const { checkpoint } = await told(
    training,
    ({ checkpoint: kept, iteration }) => kept !== undefined && iteration > EVERY,
  );
  await worker.kill();
  worker = await trained.startWorker();
  const resumed = await told(training, ({ iteration }, attempt) => attempt === 2 && iteration > 0);
  expect([resumed.iteration > EVERY, checkpoint === undefined]).toEqual([true, false]);
  await atRest();
  const { version, lineage, training: made } = (await product.stores.registry.newestOf(name, 'trees'))!;
  expect(lineage.startFrom).toMatchObject({ version: parent.version, native: parent.training.native });
  expect(made.iterations).toBe(2 * ITERATIONS);
  const { found } = await reproduced(`${name}@${version}`);
  expect([found.same, found.environment]).toEqual([true, []]);
}, 300_000);

it('goes on after a crash of the training itself, where the worker lives on', async () => {
  const folder = product.addModelFolder('crashing');
  cpSync(EXAMPLE, join(folder, 'trainer.py'));
  writeFileSync(
    join(folder, 'dying.py'),
    [
      'import os, signal',
      'from trainer import train_rates',
      '',
      'def train(training):',
      '    if training.checkpoint.last() is None:',
      '        training.checkpoint.save(b"half")',
      '        os.kill(os.getpid(), signal.SIGKILL)',
      '    return train_rates(training)',
      '',
    ].join('\n'),
  );
  const functionDigest = sourceDigest(folder, 'dying:train');
  const own = trainFunction({ path: 'dying:train', params: { column: 'kind' } });
  const run = await train('crashing', { contenders: { trees: { ...own, functionDigest } } });
  // Without what it had kept it would die three times, and then no more.
  expect((await run.version()).lineage.trainer).toBe('function');
  expect(worker.log()).toContain('was killed: most likely this machine ran out of memory');
});
