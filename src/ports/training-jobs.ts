// Where it is kept which jobs elsewhere were started, and that they called back.

/** A job as it was first asked for. */
export interface OpenedJob {
  /** 256 random bits, base64url: the last part of the call-back address. */
  readonly token: string;
  /** Since the first start, in milliseconds. */
  readonly ageMs: number;
}

export interface TrainingJobStore {
  /** Records a job, once per key: a later attempt is given what the first was. Rows older than 90 days go. */
  open(job: { readonly key: string; readonly model: string; readonly contender: string }): Promise<OpenedJob>;
  /** How many call-backs have come for a job. */
  calls(key: string): Promise<number>;
  /** Counts a call-back; false: nobody has this token. */
  calledBack(token: string): Promise<boolean>;
}
