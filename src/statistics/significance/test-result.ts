// The least that every test has to say.

/** A test statistic with its p value. */
export interface TestResult {
  readonly statistic: number;
  readonly p: number;
}
