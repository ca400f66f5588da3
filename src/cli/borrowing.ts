// Borrowing from the command line: takes the loan that a definition names, and asks the lifecycle to let it serve.
// Invariant: only the lifecycle moves the champion; asking again for a loan that serves asks for nothing.
import type { ModelPlan } from '../domain/plan/plan';
import type { Loan } from '../ports/loans';
import type { CliContext } from './command';

/**
 * Fails with BORROW_REFUSED, EPOCH_CONFLICT, and as any message to a lifecycle does.
 * @param by the person who borrows: the gates are skipped in their name.
 */
export async function serveBorrowed(context: CliContext, plan: ModelPlan, by: string): Promise<Loan> {
  const { lifecycles } = await context.temporal();
  const { now } = await lifecycles.status(plan.name);
  const asOf = now ?? `${plan.snapshot.start}T00:00:00.000Z`;
  const loan = await (await context.loans()).take(plan, { by, asOf });
  if (loan.serves) return loan;
  const { version, lender, lenderVersion, expectedEpoch } = loan;
  const reason = `borrowed from ${lender}@${lenderVersion} until a version of its own passes the gates`;
  const message = { version, expectedEpoch, by, reason, override: true };
  await lifecycles.promote(plan.name, message, `borrow/${version}/${expectedEpoch}`);
  return loan;
}

/** What became of a loan, as a sentence. */
export function loanText(model: string, { version, lender, lenderVersion, serves }: Loan): string {
  const what = `version ${version} of ${model}, borrowed from ${lender}@${lenderVersion}`;
  return serves
    ? `${what}, serves already.`
    : `${what}, is promoted by the lifecycle. Follow it with: npx understudy status ${model}`;
}
