// Builders for contenders that are trained by something of the author's own: a job elsewhere, or a TypeScript function.
import type { z } from 'zod';
import type { ContenderPlan, ResourcesPlan, WeightsPlan } from '../../domain/plan/contender-plan';
import type { JobPlan } from '../../domain/training/training-jobs';
import { given } from '../given';

type ContenderInput = z.input<typeof ContenderPlan>;
type Params = Readonly<Record<string, number | string | boolean>>;

/** A training by a job elsewhere: a cluster job, a managed trainer; docs/trainers.md has the protocol. */
export interface HttpJobOptions {
  /** Where jobs are started by POST; a job is `<url>/<key>`. */
  readonly url: string;
  /** A secret header: `variable` of the data worker's environment (`TRAINER_…`) holds its whole value; `header`: `authorization` by default. Default: none. */
  readonly auth?: { readonly variable: string; readonly header?: string };
  /** Whether the job is given an address to post to when it has ended. Default: false. */
  readonly callback?: boolean;
  /** How often the job is looked at. Default: `5 s`; with `callback`, which may be lost, `5 minutes`. */
  readonly pollEvery?: string;
  /** Measured from the first start; then the job is cancelled and the contender has failed. Default: `12 hours`. */
  readonly timeLimit?: string;
  /** Handed to the job as they are. Default: none. */
  readonly params?: Params;
  /** Handed to the job. A whole number from 0. Default: 1. */
  readonly seed?: number;
  /** Handed to the job: its `queue`, `cpu` (cores), `memory` (such as `8 GiB`), `gpu` (devices), `image` (its container). Default: none. */
  readonly resources?: z.input<typeof ResourcesPlan>;
}

/** A contender that a job elsewhere trains (trainer `http`). */
export function httpJob(options: HttpJobOptions): ContenderInput {
  const { url, auth, callback, pollEvery, timeLimit, ...rest } = options;
  const job: z.input<typeof JobPlan> = { url, ...given({ auth, callback, pollEvery, timeLimit }) };
  return { trainer: 'http', job, ...given({ ...rest }) };
}

/** A training by a function of the author's own in TypeScript; docs/trainers.md says how to write one. */
export interface HookTrainerOptions {
  /** TypeScript or JavaScript file in the model's folder, such as `trainers/stump.ts`; its default export is a `TrainHook`. */
  readonly module: string;
  /** Handed to the function as they are. Default: none. */
  readonly params?: Params;
  /** Seed for everything random in the training: a whole number from 0. Default: 1. */
  readonly seed?: number;
  /** Of classes, of a column, or both; together with `label.weight` they are the `weights` of the input. Default: none. */
  readonly weights?: z.input<typeof WeightsPlan>;
  /** The latest training days are marked in the input's `late`. Default: none are. */
  readonly earlyStopping?: NonNullable<ContenderInput['earlyStopping']>;
  /** `memory` (such as `1 GiB`) bounds the JavaScript heap of its thread; the rest says nothing to a thread. Default: Node's own bound. */
  readonly resources?: z.input<typeof ResourcesPlan>;
}

/** A contender that a TypeScript function of the author's trains, in a thread of its own (trainer `hook`). */
export function hookTrainer({ module, ...rest }: HookTrainerOptions): ContenderInput {
  return { trainer: 'hook', hook: module, ...given({ ...rest }) };
}
