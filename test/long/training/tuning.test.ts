// A search for parameters through the real lifecycle and the real Python worker: repeatable over a kill, ended by a person, refused when hopeless.
import { setTimeout as sleep } from 'node:timers/promises';
import { lightgbm, logistic, type TuningInput } from '../../../src';
import { cycleId, tuneId } from '../../../src/domain/ids';
import type { StudyRecord, TrialRecord, TuningProgress } from '../../../src/domain/training/tuning';
import { runCommand } from '../../setup/command-line';
import { printedBlocks, runPrinted } from '../../setup/printed-blocks';
import type { Product } from '../../setup/product';
import { deployTiny } from '../../setup/tiny-lifecycle';
import type { PythonWorker } from '../../setup/python-worker';
import { startTrainedProduct, type TrainedProduct } from '../../setup/trained-product';

const DAY = '2013-03-16';
/** A new environment installs the library of the search first; a killed worker is noticed after 10 s. */
const CYCLE_WITHIN_MS = 110_000;
const TUNING: TuningInput = {
  space: {
    learning_rate: { low: 0.01, high: 0.5, log: true },
    num_leaves: { low: 3, high: 15, step: 1 },
  },
  trials: 6,
  randomTrials: 3,
  folds: 2,
  foldDays: 2,
  pruneAfter: { trials: 2 },
};

let trained: TrainedProduct;
let product: Product;
let worker: PythonWorker;
beforeAll(async () => {
  trained = await startTrainedProduct();
  ({ product, worker } = trained);
});
afterAll(() => trained.close());

const contendersWith = (tuning: TuningInput, iterations: number) => ({
  main: logistic({ l2: 1 }),
  tuned: lightgbm({ iterations, learningRate: 0.1, leaves: 7, minLeafRows: 5, tuning }),
});

async function startSearch(name: string, tuning: TuningInput, iterations: number) {
  const model = await deployTiny(product, name, {
    approval: { when: 'never' },
    contenders: contendersWith(tuning, iterations),
  });
  await model.backfill();
  await product.lifecycles.retrain(name, { logicalTime: DAY, reason: 'test', by: 'test' }, 'once');
  const search = product.client.workflow.getHandle(tuneId(cycleId(name, DAY, 1), 'tuned'));
  return {
    search,
    /** Deploys the same search with another budget, and asks for another cycle of the same day. */
    async again(budget: TuningInput): Promise<void> {
      await model.redeploy({ contenders: contendersWith(budget, iterations) });
      await product.lifecycles.retrain(name, { logicalTime: DAY, reason: 'test', by: 'test' }, 'again');
    },
    async progress(holds: (progress: TuningProgress) => boolean): Promise<TuningProgress> {
      for (const until = Date.now() + CYCLE_WITHIN_MS; ; await sleep(150)) {
        const found = await search.query<TuningProgress>('progress').catch(() => null);
        if (found && holds(found)) return found;
        if (Date.now() > until) throw new Error(`not in time: ${holds.toString()} ${JSON.stringify(found)}`);
      }
    },
    async ended(): Promise<{ study: StudyRecord; trials: TrialRecord[] }> {
      await model.until(({ queued, open }) => queued === 0 && open.length === 0, CYCLE_WITHIN_MS);
      const [study] = await product.stores.studies.list(name);
      return { study: study!, trials: await product.stores.studies.trials(name, study!.study) };
    },
    version: async () => (await product.stores.registry.list(name)).find(({ contender }) => contender === 'tuned'),
  };
}

const known = ({ number, state, seed, params, value, folds }: TrialRecord) => ({
  ...{ number, state, seed, params, value },
  scores: folds.map(({ score }) => score),
});

it('gives the same trials, the same best and the same model when the trainer is killed in the middle', async () => {
  const calm = await startSearch('calm', TUNING, 1500);
  const undisturbed = await calm.ended();
  expect(undisturbed.study).toMatchObject({ contender: 'tuned', logicalTime: DAY, ended: 'budget' });
  expect(undisturbed.trials.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(undisturbed.trials[0]).toMatchObject({ state: 'complete', params: { learning_rate: 0.1, num_leaves: 7 } });
  const values = undisturbed.trials.flatMap(({ state, value }) => (state === 'complete' ? [value!] : []));
  const best = undisturbed.trials[undisturbed.study.best!]!;
  expect(best.value).toBe(Math.min(...values));
  expect(await calm.version()).toMatchObject({
    lineage: {
      tuning: { study: undisturbed.study.study, trial: best.number },
      params: { num_iterations: 1500, min_data_in_leaf: 5, ...best.params },
    },
  });

  const shaken = await startSearch('shaken', TUNING, 1500);
  await shaken.progress(({ running }) => running.includes(3));
  for (;;) {
    const { pendingActivities } = (await shaken.search.describe()).raw;
    if (
      pendingActivities?.some(
        ({ activityType, heartbeatDetails }) => activityType?.name === 'runTrial' && heartbeatDetails,
      )
    )
      break;
    await sleep(10);
  }
  await worker.kill();
  worker = await trained.startWorker();
  const survived = await shaken.ended();
  expect(survived.study.study).toBe(undisturbed.study.study);
  expect(survived.trials.map(known)).toEqual(undisturbed.trials.map(known));
  expect(survived.study.best).toBe(undisturbed.study.best);
  expect((await shaken.version())!.onnx.sha256).toBe((await calm.version())!.onnx.sha256);
});

it('keeps the best when a person ends the search, also after it went on in a new run', async () => {
  const run = await startSearch('stopped', { ...TUNING, trials: 200, parallel: 2 }, 300);
  await run.progress(({ complete }) => complete >= 2);
  const { runId } = await run.search.describe();
  await run.search.signal('continueAsNew');
  while ((await run.search.describe()).runId === runId) await sleep(100);
  await run.progress(({ complete, running }) => complete >= 4 && running.length === 2);
  const [progress, stop] = printedBlocks('SEARCH');
  const variables = { SEARCH: run.search.workflowId };
  expect(await runPrinted(product, progress!, variables)).toMatch(/"metric":\s*"log_loss"/);
  const shown = await runCommand(product, ['trials', 'stopped']);
  expect(shown).toContain('of 200');
  const id = (await product.stores.studies.list('stopped'))[0]!.study;
  expect(await runCommand(product, ['trials', 'stopped', id.slice(0, 6)])).toContain('pruned');
  await runPrinted(product, stop!, variables);
  const { study, trials } = await run.ended();
  expect(study.ended).toBe('stopped');
  expect(trials.length).toBeLessThan(200);
  expect(trials.filter(({ state }) => state === 'running')).toEqual([]);
  const complete = trials.filter(({ state }) => state === 'complete');
  const best = complete.reduce((one, other) => (other.value! < one.value! ? other : one));
  expect(study.best).toBe(best.number);
  const version = await run.version();
  expect(version).toMatchObject({ lineage: { tuning: { trial: best.number }, params: best.params! } });
  expect(await runCommand(product, ['lineage', `stopped@${version!.version}`])).toContain(
    `study ${id}, trial ${best.number}`,
  );
  await expect(runCommand(product, ['tune', 'stop', id])).rejects.toMatchObject({ code: 'USAGE' });
});

it('trains with the contender’s own parameters when it is ended before any trial was complete', async () => {
  const preparing = product.hold('prepareTrial');
  const run = await startSearch('early', { ...TUNING, trials: 9 }, 10);
  await preparing.reached;
  const [{ study: id } = { study: '' }] = await product.stores.studies.list('early');
  await runCommand(product, ['tune', 'stop', id]);
  await run.progress(({ ending }) => ending === 'stopped');
  preparing.release();
  const { study } = await run.ended();
  expect(study).toMatchObject({ ended: 'stopped', best: null });
  expect(await run.version()).toMatchObject({
    lineage: { tuning: { study: id, trial: null }, params: { learning_rate: 0.1, num_leaves: 7 } },
  });
});

it('goes on where it ended with a study that is given more trials', async () => {
  const run = await startSearch('more', { ...TUNING, trials: 2 }, 10);
  const first = await run.ended();
  await run.again({ ...TUNING, trials: 4 });
  const second = await run.ended();
  expect(second.study).toMatchObject({ study: first.study.study, startedAt: first.study.startedAt, ended: 'budget' });
  expect(second.study.workflow).toBe('tuneModel/more/2013-03-16/r2/tuned');
  expect(second.trials).toHaveLength(4);
  expect(second.trials.slice(0, 2)).toEqual(first.trials);
});

it('ends with what it found at its time limit', async () => {
  const run = await startSearch('limited', { ...TUNING, trials: 500, timeLimit: '4 s' }, 300);
  const { study, trials } = await run.ended();
  expect(study.ended).toBe('time-limit');
  expect(trials.length).toBeLessThan(500);
  expect((await run.version())!.lineage.tuning).toEqual({ study: study.study, trial: study.best });
});

it('leaves a contender out whose trials all fail, with the sentence of the last', async () => {
  const run = await startSearch('hopeless', { ...TUNING, space: { max_bin: { choices: [1, 0, -1] } } }, 10);
  const { study, trials } = await run.ended();
  expect(study).toMatchObject({ ended: 'failed', best: null });
  expect(trials.map(({ state }) => state)).toEqual(['failed', 'failed', 'failed']);
  expect(trials[2]!.message).toMatch(/^TRAINING_FAILED: LightGBM refused the training/);
  expect(await run.version()).toBeUndefined();
  const told = await product.stores.outbox.list('hopeless', 50);
  expect(told.map(({ alert }) => alert.event)).toContain('contender.failed');
});
