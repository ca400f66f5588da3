// The plan of one contender: which trainer, with what, on which machine.
import { z } from 'zod';
import { TASK_QUEUES } from '../ids';
import { Name } from './plan-words';
import { StartPlan } from './start-from';
import { JobPlan } from '../training/training-jobs';
import { TuningPlan } from './tuning-plan';

/** Trainers of the Python worker. */
export const PYTHON_TRAINERS = ['lightgbm', 'xgboost', 'sklearn', 'function'] as const;
/** Trainers in a thread of the TypeScript data worker: `logistic` for classes, `linear` for numbers, `hook` an author's own. */
export const THREAD_TRAINERS = ['logistic', 'linear', 'hook'] as const;
/** All trainers; `http` is a job elsewhere. */
export const TRAINERS = [...PYTHON_TRAINERS, ...THREAD_TRAINERS, 'http'] as const;
export type TrainerName = (typeof TRAINERS)[number];

/** Name of the contender that borrowed versions have; none of a definition may have it. */
export const BORROWED = 'borrowed';

/** Values that a trainer's parameters may have. */
export const TrainerParams = z.record(z.string(), z.union([z.number(), z.string(), z.boolean()]));

/** How much a training row counts. Both together are multiplied. */
export const WeightsPlan = z
  .object({
    /**
     * `balanced`: all classes count the same in sum, each n / (classes n_class); or the weight of a row of each class: `negative` and `positive`
     * of a `binary` task, every name of `label.classes` of a `multiclass` one.
     */
    classes: z.union([z.literal('balanced'), z.record(z.string(), z.number().positive()).readonly()]).optional(),
    /** A feature that is a number from 0: the row's weight. The model does not see it. */
    column: Name.optional(),
  })
  .readonly();
export type WeightsPlan = z.infer<typeof WeightsPlan>;

/** Feature → 1: the prediction may only rise with it, −1: only fall. */
export const MonotonePlan = z.record(Name, z.union([z.literal(1), z.literal(-1)])).readonly();

export const ResourcesPlan = z
  .object({
    /** Task queue of the machine that trains. */
    queue: Name.optional(),
    /** Cores; the training uses so many threads, at most those that its machine gives a training. */
    cpu: z.number().int().positive().optional(),
    /** Such as `8 GiB`: a training that needs more fails with TRAINER_CRASHED instead of taking its machine along. */
    memory: z
      .string()
      .regex(/^[1-9]\d{0,6} (MiB|GiB)$/, 'must be a size such as "512 MiB" or "8 GiB"')
      .optional(),
    gpu: z.number().int().nonnegative().optional(),
    /** The container in which a job elsewhere trains; the workers of this package take no notice of it. */
    image: z.string().min(1).optional(),
  })
  .readonly();
export type ResourcesPlan = z.infer<typeof ResourcesPlan>;

export const ContenderPlan = z
  .object({
    trainer: z.enum(TRAINERS),
    /** `sklearn` only: logistic, random-forest, gradient-boosting, or the dotted path of a class. */
    estimator: z
      .string()
      .regex(/^[A-Za-z][\w-]*(\.\w+)*$/, 'must be a short name, or the dotted path of a class')
      .optional(),
    /** `function` only: module and function in the model's folder. */
    function: z
      .string()
      .regex(/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*$/, 'must be a module and a function, such as my_module:train')
      .optional(),
    /** `hook` only: TypeScript or JavaScript file in the model's folder whose default export trains. */
    hook: z.string().min(1).optional(),
    /** `http` only: the job elsewhere that trains. */
    job: JobPlan.optional(),
    /** SHA-256 of the function's source, filled in when the definition is loaded: a changed function is another definition. */
    functionDigest: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be left out: it is filled in when the definition is loaded')
      .optional(),
    params: TrainerParams.default({}),
    seed: z.number().int().nonnegative().default(1),
    earlyStopping: z
      .object({ days: z.number().int().positive(), rounds: z.number().int().positive() })
      .readonly()
      .optional(),
    /** `lightgbm`, `xgboost`: iterations after which the state of a training is kept; the trainer's own default: a fortieth of all, at least 25. */
    checkpointEvery: z.number().int().positive().optional(),
    weights: WeightsPlan.optional(),
    monotone: MonotonePlan.optional(),
    /** The version that each training goes on from. Default: none, a training starts from nothing. */
    startFrom: StartPlan.optional(),
    /** Parameters are searched for in each cycle before the contender is trained with the best. */
    tuning: TuningPlan.optional(),
    /** Task queue of the machine that trains; default: the trainer's own. The same as `resources.queue`. */
    queue: Name.optional(),
    resources: ResourcesPlan.optional(),
  })
  .readonly();
export type ContenderPlan = z.infer<typeof ContenderPlan>;

/** The task queue on which a contender is trained: that of a job elsewhere, else the one that it names, else its trainer's own. */
export function trainingQueueOf({ trainer, queue, resources }: ContenderPlan): string {
  // The queue that the plan of a job elsewhere names is one of its job server.
  if (trainer === 'http') return TASK_QUEUES.trainElsewhere;
  return resources?.queue ?? queue ?? (isThreadTrainer(trainer) ? TASK_QUEUES.data : TASK_QUEUES.trainPython);
}

/** A size such as `8 GiB` in MiB. */
export function mebibytes(size: string): number {
  return Number.parseInt(size, 10) * (size.endsWith('GiB') ? 1024 : 1);
}

/** Whether a trainer needs no Python worker. */
export function isThreadTrainer(trainer: TrainerName): boolean {
  return (THREAD_TRAINERS as readonly string[]).includes(trainer);
}
