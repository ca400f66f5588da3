// The one table of failure codes: what each means for retries, HTTP, the CLI's exit code, and the user's next step.
// Invariant: every failure that a user can meet carries one of these codes; docs/failures.md has a section for each (a test compares).

/** What one failure code means. `retryable`: whether trying the same thing again can help without a person. */
export interface FailureRule {
  readonly retryable: boolean;
  readonly http: number;
  readonly exit: number;
  /** What the person should do next, one sentence. */
  readonly remedy: string;
}

/** Exit codes group failures: 2 bad input or usage, 3 not found, 4 refused by a rule, 5 a service is missing, 1 anything else. */
export const FAILURES = {
  USAGE: { retryable: false, http: 400, exit: 2, remedy: 'Run the command with --help.' },
  CONFIG_INVALID: { retryable: false, http: 500, exit: 2, remedy: 'Correct the named environment variable.' },
  DEFINITION_INVALID: {
    retryable: false,
    http: 422,
    exit: 2,
    remedy: 'Correct the named field of the definition and run: npx understudy check',
  },
  DEFINITION_NOT_FOUND: {
    retryable: false,
    http: 404,
    exit: 3,
    remedy: 'Create models/<name>/model.ts, or check the spelling of the model.',
  },
  MODEL_CODE_FAILED: {
    retryable: false,
    http: 500,
    exit: 1,
    remedy: "Correct the named hook or SQL in the model's folder.",
  },
  MODEL_NOT_DEPLOYED: { retryable: false, http: 404, exit: 3, remedy: 'Run: npx understudy deploy <model>' },
  SOURCE_NOT_FOUND: {
    retryable: false,
    http: 404,
    exit: 3,
    remedy: 'Deliver the named file, then send dataArrived or run: npx understudy ingest',
  },
  SOURCE_UNREADABLE: {
    retryable: false,
    http: 422,
    exit: 4,
    remedy: 'Deliver the file again; what was wrong is in the message.',
  },
  SOURCE_UNAVAILABLE: {
    retryable: true,
    http: 503,
    exit: 5,
    remedy: 'Bring the named server back; reading is tried again by itself.',
  },
  PARTITION_MISSING: { retryable: false, http: 409, exit: 4, remedy: 'Ingest the named partitions first.' },
  NOT_AVAILABLE_YET: {
    retryable: false,
    http: 409,
    exit: 4,
    remedy: 'Wait until the data are available, or ask with a later instant.',
  },
  LEAKAGE: {
    retryable: false,
    http: 422,
    exit: 4,
    remedy: 'Correct the feature view: it may read only what was available at the event time.',
  },
  TOO_FEW_ROWS: { retryable: false, http: 422, exit: 4, remedy: 'Widen the window or wait for more labelled days.' },
  TRAINING_FAILED: {
    retryable: false,
    http: 500,
    exit: 1,
    remedy: "Read the trainer's message; correct the contender's parameters.",
  },
  START_REFUSED: { retryable: false, http: 409, exit: 4, remedy: 'Name another version in startFrom, or take it out.' },
  BORROW_REFUSED: { retryable: false, http: 409, exit: 4, remedy: 'Name another model or version in borrow.' },
  TRAINER_CRASHED: {
    retryable: true,
    http: 503,
    exit: 5,
    remedy: 'The next attempt starts by itself; look at the memory of the training machine.',
  },
  TRAINER_UNAVAILABLE: { retryable: true, http: 503, exit: 5, remedy: 'Bring the named job server back.' },
  PARITY_FAILED: {
    retryable: false,
    http: 422,
    exit: 4,
    remedy: 'The ONNX model differs from the native one; report the model and keep the champion.',
  },
  SIGNATURE_MISMATCH: {
    retryable: false,
    http: 400,
    exit: 2,
    remedy: 'Send exactly the inputs of GET /v2/models/<model>.',
  },
  FEATURES_CHANGED: {
    retryable: false,
    http: 409,
    exit: 4,
    remedy: 'Put back what the version was trained on, or retrain and promote the new version with --override.',
  },
  NO_CHAMPION: {
    retryable: true,
    http: 503,
    exit: 4,
    remedy: 'Approve a proposal or promote a version; serving loads it by itself.',
  },
  REQUEST_INVALID: {
    retryable: false,
    http: 400,
    exit: 2,
    remedy: 'Send a request of the Open Inference Protocol V2; what was wrong is in the message.',
  },
  REQUEST_TOO_LARGE: {
    retryable: false,
    http: 413,
    exit: 2,
    remedy: 'Send fewer rows in one request.',
  },
  ENTITY_UNKNOWN: {
    retryable: false,
    http: 404,
    exit: 3,
    remedy: 'Ask for entities of the newest days, or send the features as inputs.',
  },
  CONTRIBUTIONS_UNAVAILABLE: {
    retryable: false,
    http: 422,
    exit: 4,
    remedy: 'The message says why this version has none; the model card shows the importance of its features.',
  },
  ARTIFACT_MISSING: {
    retryable: false,
    http: 500,
    exit: 1,
    remedy: 'Restore the artifact store from its backup; the message names the digest.',
  },
  ARTIFACT_CORRUPT: {
    retryable: false,
    http: 500,
    exit: 1,
    remedy: 'Restore the artifact from its backup; its bytes do not have the recorded digest.',
  },
  STORE_FULL: {
    retryable: true,
    http: 507,
    exit: 5,
    remedy: 'Free space in the artifact store; work goes on by itself.',
  },
  STORE_UNAVAILABLE: {
    retryable: true,
    http: 503,
    exit: 5,
    remedy: 'Look at the named S3 store and the way to it; work goes on by itself.',
  },
  DATABASE_UNAVAILABLE: { retryable: true, http: 503, exit: 5, remedy: 'Start PostgreSQL; work goes on by itself.' },
  TEMPORAL_UNAVAILABLE: {
    retryable: true,
    http: 503,
    exit: 5,
    remedy: 'Run: npx understudy start (or correct TEMPORAL_ADDRESS).',
  },
  SERVING_UNAVAILABLE: {
    retryable: true,
    http: 503,
    exit: 5,
    remedy: 'Start the serving process; the work waits for it.',
  },
  PYTHON_MISSING: {
    retryable: false,
    http: 500,
    exit: 5,
    remedy: 'Install Python 3.10 or newer, or set PYTHON to its path.',
  },
  STACK_NOT_OBTAINED: {
    retryable: false,
    http: 500,
    exit: 5,
    remedy: 'Set TEMPORAL_CLI_PATH to a temporal binary, or allow one of the named sources.',
  },
  PYTHON_ENVIRONMENT_FAILED: {
    retryable: true,
    http: 500,
    exit: 5,
    remedy: 'Read the message of the installer; then start again: what is half made is made anew.',
  },
  CHILD_FAILED: { retryable: true, http: 500, exit: 5, remedy: 'Read the named log, correct the cause, start again.' },
  ALREADY_RUNNING: {
    retryable: false,
    http: 409,
    exit: 4,
    remedy: 'Use the running stack, stop it with Ctrl-C, or set UNDERSTUDY_HOME to another folder.',
  },
  PORT_TAKEN: {
    retryable: false,
    http: 500,
    exit: 5,
    remedy: 'Free the named port, or leave its variable unset: then a free one is taken.',
  },
  INTERRUPTED: { retryable: false, http: 500, exit: 1, remedy: 'Start again: what is half done is done anew.' },
  SEARCH_ATTRIBUTE_CONFLICT: {
    retryable: false,
    http: 409,
    exit: 4,
    remedy: 'Remove the named search attribute from the namespace, or use another namespace.',
  },
  SCHEMA_TOO_NEW: {
    retryable: false,
    http: 500,
    exit: 5,
    remedy: 'The database was migrated by a newer release; run that release.',
  },
  VERSION_NOT_FOUND: { retryable: false, http: 404, exit: 3, remedy: 'Run: npx understudy versions <model>' },
  VERSION_NOT_ALLOWED: {
    retryable: false,
    http: 409,
    exit: 4,
    remedy: 'Choose another version; npx understudy versions <model> shows the state of each.',
  },
  EPOCH_CONFLICT: {
    retryable: false,
    http: 409,
    exit: 4,
    remedy: 'Someone promoted meanwhile. Look at the status and decide again.',
  },
  NO_PREVIOUS: {
    retryable: false,
    http: 409,
    exit: 4,
    remedy: 'There is no version to go back to; promote one by name.',
  },
  NO_APPROVAL_PENDING: { retryable: false, http: 409, exit: 4, remedy: 'Run: npx understudy status <model>' },
  DIGEST_MISMATCH: {
    retryable: false,
    http: 409,
    exit: 4,
    remedy: 'Look at the proposal again and approve the digest that is shown.',
  },
  SUPERSEDED: {
    retryable: false,
    http: 409,
    exit: 4,
    remedy: 'A newer proposal replaced this one; look at the status.',
  },
  NOT_AN_APPROVER: {
    retryable: false,
    http: 403,
    exit: 4,
    remedy: 'Ask one of the approvers that the definition names.',
  },
  APPROVAL_EXPIRED: {
    retryable: false,
    http: 409,
    exit: 4,
    remedy: 'The proposal expired; the next cycle makes a new one.',
  },
  PAUSED: { retryable: false, http: 409, exit: 4, remedy: 'Run: npx understudy resume <model>' },
  QUARANTINE_REFUSED: {
    retryable: false,
    http: 409,
    exit: 4,
    remedy: 'Run: npx understudy quarantine list <model>',
  },
  BAD_MESSAGE: {
    retryable: false,
    http: 400,
    exit: 2,
    remedy: 'See docs/temporal-cli.md for the shape of each message.',
  },
  DUPLICATE_EFFECT: {
    retryable: false,
    http: 409,
    exit: 1,
    remedy: 'The same step was asked with other inputs; report it with the effect key.',
  },
  INTERNAL: { retryable: true, http: 500, exit: 1, remedy: 'Report it with the log.' },
} as const satisfies Record<string, FailureRule>;

/** One of the codes in {@link FAILURES}. */
export type FailureCode = keyof typeof FAILURES;

/** The only error type that this code base throws on purpose: a code from the table, and a sentence for the user. */
export class UnderstudyError extends Error {
  constructor(
    public readonly code: FailureCode,
    message: string,
    /** Structured facts for machines (JSON values only), for example `{ file, row, column }`. */
    public readonly details: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'UnderstudyError';
  }
}

/** The rule of an error: its own when it is ours, `INTERNAL` otherwise. */
export function failureCodeOf(error: unknown): FailureCode {
  return error instanceof UnderstudyError ? error.code : 'INTERNAL';
}
