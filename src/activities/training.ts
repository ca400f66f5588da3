// From a snapshot to a saved candidate: what a trainer is asked, and what is checked before its model may be judged at all.
import { activityInfo, Context } from '@temporalio/activity';
import { readFile } from 'node:fs/promises';
import { UnderstudyError } from '../domain/failures';
import { ModelSignature, TrainResult, type TrainRequest } from '../domain/training';
import type { DataActivities, TrainActivities } from '../ports/activities';
import { checkParity, PARITY_TOLERANCE } from '../scoring/parity';
import { openModel } from '../scoring/session';
import { trainInThread } from '../training/train-in-thread';
import { heartbeating } from './boundary';
import type { DataDependencies } from './dependencies';
import { digestOf } from './digest';
import { planLoader } from './plans';

const DEFAULT_STOPPING_ROUNDS = 50;

export function createTrainingActivities(
  dependencies: DataDependencies,
): Pick<DataActivities, 'prepareTraining' | 'saveCandidate'> {
  const { stores, artifacts, trainingThreads } = dependencies;
  const loadPlan = planLoader(stores.definitions);
  return {
    async prepareTraining({ definitionDigest, contender, snapshot }) {
      const { plan } = await loadPlan(definitionDigest);
      const wanted = plan.contenders[contender];
      if (!wanted) throw new UnderstudyError('DEFINITION_INVALID', `contenders.${contender}: not in the definition`);
      const parent = await stores.registry.newestOf(plan.name, contender);
      return {
        model: plan.name,
        contender,
        trainer: wanted.trainer,
        params: wanted.params,
        seed: wanted.seed,
        threads: trainingThreads,
        matrix: snapshot.train,
        signature: snapshot.signature,
        earlyStoppingDays: wanted.earlyStopping?.days ?? 0,
        earlyStoppingRounds: wanted.earlyStopping?.rounds ?? DEFAULT_STOPPING_ROUNDS,
        ...(parent && parent.state !== 'deleted' ? { warmStart: parent.training.native } : {}),
      };
    },

    saveCandidate: ({ contender, cycle, logicalTime, definitionDigest, snapshot, request, result: untrusted }) =>
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
          JSON.parse(await readFile(await artifacts.localPath(snapshot.signature), 'utf8')),
        );
        const model = await openModel(await artifacts.get(result.onnx), signature);
        let parity;
        try {
          parity = await checkParity(model, await artifacts.localPath(result.parity), signature);
        } finally {
          await model.release();
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
              signature: snapshot.signature,
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

/** The trainer that runs inside of the data worker, in a thread: the product needs no Python for it. */
export function createTrainActivities({ artifacts }: DataDependencies): TrainActivities {
  return {
    train: (request: TrainRequest) => {
      const context = Context.current();
      const abort = new AbortController();
      context.cancelled.catch(() => abort.abort(new Error('cancelled')));
      return heartbeating((progress) => {
        progress({ iteration: 0, of: 0, message: `attempt ${activityInfo().attempt}` });
        return trainInThread(request, { artifacts, onProgress: progress, signal: abort.signal });
      });
    },
  };
}
