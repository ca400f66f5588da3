// Runs a command of the CLI in this process against a test's own stack, with what it prints in memory.
import { readArguments } from '../../src/cli/arguments';
import { COMMANDS } from '../../src/cli/all-commands';
import { createExperimentClient } from '../../src/client/experiments';
import { createTaskQueues } from '../../src/client/task-queues';
import { createReproductionClient } from '../../src/client/reproductions';
import type { CliContext } from '../../src/cli/command';
import { createOutput } from '../../src/cli/output';
import type { Product } from './product';

/** What a command printed on stdout; a failure is thrown as such. */
export async function runCommand(
  product: Pick<Product, 'stores' | 'lifecycles' | 'schedules'> & Partial<Pick<Product, 'client'>>,
  args: readonly string[],
  more: Partial<CliContext> = {},
): Promise<string> {
  const request = readArguments(COMMANDS, args);
  if (request.kind === 'help') return request.text;
  const printed: string[] = [];
  const stream = { write: (text: string) => printed.push(text) };
  const context = {
    output: createOutput({ stdout: stream, stderr: { write: () => undefined } }, request.json),
    user: 'ann',
    temporal: () =>
      Promise.resolve({
        lifecycles: product.lifecycles,
        schedules: product.schedules,
        experiments: createExperimentClient(product.client!),
        taskQueues: createTaskQueues(product.client!),
        reproductions: createReproductionClient(product.client!),
      }),
    stores: () => Promise.resolve(product.stores),
    serving: () => Promise.resolve(null),
    setExitCode: () => undefined,
    ...more,
  } as CliContext;
  await request.command.run(context, request.input);
  return printed.join('');
}
