// How the CLI shows what a lifecycle answered to a request.
import type { Accepted } from '../domain/lifecycle/lifecycle';
import type { CliContext } from './command';

/** Prints the answer; `next` tells a person where to look. */
export function printAccepted(
  { output }: CliContext,
  model: string,
  accepted: Accepted,
  next = `npx understudy status ${model}`,
): void {
  output.result({ model, ...accepted }, () =>
    accepted.duplicate
      ? `Known already: ${accepted.id}`
      : [
          `Accepted: ${accepted.id}`,
          ...(accepted.note ? [`Note: ${accepted.note}.`] : []),
          `Follow it with: ${next}`,
        ].join('\n'),
  );
}
