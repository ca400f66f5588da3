// From a snapshot to a saved candidate: what a trainer is asked, and what is checked before its model may be judged at all.
import { activityInfo, Context } from '@temporalio/activity';
import { readFile } from 'node:fs/promises';
import { UnderstudyError } from '../../domain/failures';
import { mebibytes, type ContenderPlan } from '../../domain/plan/contender-plan';
import type { ModelPlan } from '../../domain/plan/plan';
import { isSameTarget } from '../../domain/evaluation/predictions';
import type { ModelVersion } from '../../domain/lifecycle/registry';
import { recordOf, targetOf } from '../../domain/evaluation/task';
import { LEAST_PARITY_ROWS, ModelSignature, TrainResult, type TrainRequest } from '../../domain/training/training';
import type { DataActivities, TrainActivities } from '../../ports/activities';
import { checkParity, PARITY_TOLERANCE } from '../../scoring/parity';
import { openModel } from '../../scoring/session';
import { trainInThread } from '../../training/train-in-thread';
import { heartbeating } from '../boundary';
import type { DataDependencies } from '../dependencies';
import { digestOf } from '../digest';
import { jobSettings } from '../elsewhere/job-settings';
import { deployedHook } from './deployed-hook';
import { hasViewsOf } from '../feeding/fed-plan';
import { planLoader } from '../plans';
import { createRecordedStarts } from '../starting/recorded-start';
import { settingsOf } from './tuning';

const DEFAULT_STOPPING_ROUNDS = 50;

export function createTrainingActivities(
  dependencies: DataDependencies,
): Pick<DataActivities, 'prepareTraining' | 'saveCandidate'> {
  const { stores, artifacts, trainingThreads } = dependencies;
  const loadPlan = planLoader(stores.definitions);
  const starts = createRecordedStarts(dependencies);

  /** Weights of features that were made otherwise say nothing about those of now. */
  async function isStart(plan: ModelPlan, { state, lineage }: ModelVersion): Promise<boolean> {
    if (state === 'deleted') return false;
    const { plan: own } = await loadPlan(lineage.definitionDigest);
    return isSameTarget(targetOf(own), targetOf(plan)) && hasViewsOf(plan, own);
  }

  return {
    async prepareTraining({ definitionDigest, contender, snapshot, cycle, experiment }) {
      const { plan } = await loadPlan(definitionDigest);
      const wanted = plan.contenders[contender];
      if (!wanted) throw new UnderstudyError('DEFINITION_INVALID', `contenders.${contender}: not in the definition`);
      // What is tried twice is to give the same twice, whatever was trained meanwhile.
      const parent = experiment ? null : await stores.registry.newestOf(plan.name, contender);
      const start = await starts(plan, { name: contender, plan: wanted }, snapshot, cycle);
      const tuning = wanted.tuning && settingsOf(wanted.tuning, plan.snapshot.holdoutDays);
      return {
        ...present({ tuning }),
        model: plan.name,
        contender,
        ...recordOf(targetOf(plan)),
        ...present({ folder: plan.dataOf }),
        ...howToTrain(wanted),
        threads: wanted.resources?.cpu ?? trainingThreads,
        matrix: snapshot.train,
        signature: snapshot.signature,
        earlyStoppingDays: wanted.earlyStopping?.days ?? 0,
        earlyStoppingRounds: wanted.earlyStopping?.rounds ?? DEFAULT_STOPPING_ROUNDS,
        ...(parent?.lineage.trainer === wanted.trainer && (await isStart(plan, parent))
          ? { warmStart: wanted.trainer === 'logistic' ? parent.onnx : parent.training.native }
          : {}),
        ...start,
      };
    },

    saveCandidate: ({
      contender,
      cycle,
      logicalTime,
      definitionDigest,
      snapshot,
      request,
      tuning,
      experiment,
      result: untrusted,
    }) =>
      heartbeating(async () => {
        // A trainer may be somebody else's program: what it gives back is checked like any input.
        const parsed = TrainResult.safeParse(untrusted);
        if (!parsed.success)
          throw new UnderstudyError(
            'TRAINING_FAILED',
            `trainer of ${contender}: bad result: ${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}`,
          );
        const result = parsed.data;
        const { plan, codeCommit } = await loadPlan(definitionDigest);
        const signature = ModelSignature.parse(
          JSON.parse(await readFile(await artifacts.localPath(request.signature), 'utf8')),
        );
        const model = await openModel(await artifacts.get(result.onnx), signature);
        let parity;
        try {
          parity = await checkParity(model, await artifacts.localPath(result.parity), signature);
        } finally {
          await model.release();
        }
        const leastRows = Math.min(LEAST_PARITY_ROWS, snapshot.train.rows ?? 0);
        if (parity.rows < leastRows) {
          throw new UnderstudyError(
            'PARITY_FAILED',
            `${contender}: the parity sample has ${parity.rows} rows, allowed is at least ${leastRows}`,
          );
        }
        if (!parity.passed) {
          throw new UnderstudyError(
            'PARITY_FAILED',
            `${contender}: ONNX and native model differ by ${parity.maxDifference} on ${parity.rows} rows, allowed is ${PARITY_TOLERANCE}`,
          );
        }
        const { result: saved } = await stores.ledger.once(
          `candidate/${plan.name}/${cycle}/${contender}`,
          digestOf(result.onnx.sha256),
          async (tx) => {
            const champion = await stores.registry.champion(plan.name);
            const version = await stores.registry.saveCandidate(tx, {
              model: plan.name,
              contender,
              onnx: result.onnx,
              signature: request.signature,
              training: result,
              lineage: {
                codeCommit,
                definitionDigest,
                cycle,
                logicalTime,
                snapshot: snapshot.id,
                trainer: request.trainer,
                params: request.params,
                seed: request.seed,
                threads: request.threads,
                libraries: result.libraries,
                ...present({ tuning, startFrom: request.startFrom, experiment }),
                request,
                parent: champion.version,
              },
            });
            return { version: version.version };
          },
        );
        return { version: saved.version, parityMaxDifference: parity.maxDifference };
      }),
  };
}

/** The part of a request that a contender's plan decides; what it does not say is left out. */
function howToTrain({ trainer, estimator, function: path, functionDigest, params, seed, ...plan }: ContenderPlan) {
  const { checkpointEvery, weights, monotone, resources } = plan;
  const { cpu, memory, gpu, image } = resources ?? {};
  const needs = { cpu, memoryMiB: memory === undefined ? undefined : mebibytes(memory), gpu, image };
  const job = plan.job && jobSettings(plan.job, resources?.queue ?? plan.queue);
  const optional = {
    estimator,
    function: path,
    functionDigest,
    checkpointEvery,
    weights,
    monotone,
    hook: plan.hook,
    job,
  };
  return {
    ...{ trainer, params, seed },
    ...present(optional),
    ...(Object.values(needs).some((value) => value !== undefined) ? { resources: present(needs) } : {}),
  };
}

function present<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}

/** The trainer that runs inside of the data worker, in a thread: the product needs no Python for it. */
export function createTrainActivities({ artifacts, modelsFolder }: DataDependencies): TrainActivities {
  return {
    train: (request: TrainRequest) => {
      const context = Context.current();
      const abort = new AbortController();
      context.cancelled.catch(() => abort.abort(new Error('cancelled')));
      return heartbeating((progress) => {
        progress({ iteration: 0, of: 0, message: `attempt ${activityInfo().attempt}` });
        const hook = request.hook === undefined ? {} : { hookPath: deployedHook(modelsFolder, request) };
        return trainInThread(request, { artifacts, onProgress: progress, signal: abort.signal, ...hook });
      });
    },
  };
}
