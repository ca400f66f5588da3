// Borrowing: another model's version, registered as a version of a model that has none of its own yet.
import type { IsoTimestamp } from '../domain/days';
import type { ModelPlan } from '../domain/plan/plan';

/** A version of a model that is another model's. */
export interface Loan {
  /** Its number among the borrower's versions. */
  readonly version: number;
  readonly lender: string;
  readonly lenderVersion: number;
  /** The borrower's epoch that a promotion has to expect. */
  readonly expectedEpoch: number;
  /** Whether it is the borrower's champion already. */
  readonly serves: boolean;
}

/** Takes loans; nobody serves one before the lifecycle has promoted it. */
export interface Loans {
  /**
   * Registers what `plan.borrow` names under the borrower's name, once for each version of the lender, with an audit row.
   * @throws UnderstudyError `BORROW_REFUSED`: the plan borrows nothing, the lender has no such version, the borrower's rows cannot feed it, or the
   * borrower has a champion of its own.
   */
  take(plan: ModelPlan, by: { readonly by: string; readonly asOf: IsoTimestamp }): Promise<Loan>;
}
