// A training by a job elsewhere: what the plan says of it, what a job server is sent, and what it answers (docs/trainers.md has the protocol).
import { z } from 'zod';
import { Sha256 } from '../data/artifacts';
import { Duration } from '../plan/plan-words';

/** Where the secret of a header is: the plan names a variable of the data worker's environment and never holds the secret. */
const JobAuth = z
  .object({
    header: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9-]*$/, 'must be the name of an HTTP header')
      .default('authorization'),
    variable: z.string().regex(/^TRAINER_[A-Z0-9_]+$/, 'must be the name of a variable such as TRAINER_CLUSTER'),
  })
  .readonly();

/** The `job` of a contender whose trainer is `http`. */
export const JobPlan = z
  .object({
    /** Jobs are started by a POST to it; a job is `<url>/<key>`. */
    url: z.string().regex(/^https?:\/\/[^\s?#]+$/, 'must be an https:// or http:// address without ? and #'),
    auth: JobAuth.optional(),
    /** Whether the job server is given an address to post to when the job has ended. */
    callback: z.boolean().default(false),
    /** How often the job is looked at. Default: 5 s, and with a call-back, which may be lost, 5 minutes. */
    pollEvery: Duration.optional(),
    /** Measured from the first start; then the job is cancelled and the contender has failed. */
    timeLimit: Duration.default('12 hours'),
  })
  .readonly();
export type JobPlan = z.infer<typeof JobPlan>;

/** The same in a TrainRequest: durations read, in milliseconds. */
export const JobSettings = z
  .object({
    url: z.string(),
    auth: JobAuth.optional(),
    callback: z.boolean(),
    pollMs: z.number().positive(),
    timeLimitMs: z.number().positive(),
    /** The queue at the job server. */
    queue: z.string().optional(),
  })
  .readonly();
export type JobSettings = z.infer<typeof JobSettings>;

/** An artifact that the job reads. */
export interface JobInput {
  /** Where its bytes lie: `file:///…` or `s3://bucket/key`. */
  readonly location: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** The body of the POST that starts a job. The same key always means the same job. */
export interface JobStart<Request> {
  readonly key: string;
  readonly request: Request;
  readonly queue?: string;
  readonly inputs: { readonly matrix: JobInput; readonly signature: JobInput; readonly warmStart?: JobInput };
  /** Root of the artifact store; an artifact is `<store>/<first two digits>/<sha256>`. */
  readonly store: string;
  /** To be posted to, without a body, when the job has ended. */
  readonly callback?: string;
}

/** Bytes that a job made: in the artifact store, or at `url` (relative to the job's own), from where they are fetched and checked. */
export const JobArtifact = z
  .object({ sha256: Sha256, bytes: z.number().int().nonnegative(), url: z.string().optional() })
  .readonly();
export type JobArtifact = z.infer<typeof JobArtifact>;

/** A TrainResult, with artifacts that may still have to be fetched. */
export const JobResult = z
  .object({
    onnx: JobArtifact,
    native: JobArtifact,
    parity: JobArtifact,
    report: JobArtifact,
    rows: z.number().int().nonnegative(),
    iterations: z.number().int().nonnegative(),
    seconds: z.number().nonnegative(),
    peakMemoryMiB: z.number().nonnegative(),
    libraries: z.record(z.string(), z.string()),
  })
  .readonly();
export type JobResult = z.infer<typeof JobResult>;

/** What a job server answers to a start, a look and a cancellation. */
export const JobStatus = z
  .object({
    state: z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']),
    progress: z
      .object({
        iteration: z.number().nonnegative().default(0),
        of: z.number().nonnegative().default(0),
        message: z.string().default(''),
      })
      .readonly()
      .optional(),
    /** Why it failed, in a sentence. */
    error: z.string().optional(),
    /** Required when it has succeeded. */
    result: JobResult.optional(),
  })
  .readonly();
export type JobStatus = z.infer<typeof JobStatus>;
