// `understudy start`: the stack in the foreground, with progress, until Ctrl-C.
import { loadConfig } from '../config';
import { listDefinitions, loadDefinition } from '../definition/catalog';
import { FAILURES, UnderstudyError } from '../domain/failures';
import type { ModelPlan } from '../domain/plan/plan';
import { migrate } from '../stores/migrate';
import { optionalLibrariesOf } from './python-libraries';
import { startStack } from './stack';

async function main(): Promise<void> {
  const json = process.argv.includes('--json');
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  // From the first moment: the children are in groups of their own, so that nothing else would stop them. A second Ctrl-C changes nothing.
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort());
  const config = loadConfig();
  const stack = await startStack(config, {
    onProgress: say,
    pythonLibraries: () => optionalLibrariesOf(plansIn(config.models)),
    prepareDatabase: migrate,
    signal: interrupted.signal,
  });
  const { temporal, servingUrl } = stack.addresses;
  if (json) process.stdout.write(`${JSON.stringify({ temporal, servingUrl, pids: stack.pids() })}\n`);
  say(`Temporal ${temporal.address}, namespace ${temporal.namespace}${temporal.ui ? `, UI ${temporal.ui}` : ''}`);
  say(`Serving  ${servingUrl}`);
  say('Ready. Deploy a model with: npx understudy deploy <model>. Ctrl-C stops everything.');
  await new Promise<void>((resolve) => {
    if (interrupted.signal.aborted) resolve();
    else interrupted.signal.addEventListener('abort', () => resolve());
  });
  say('Stopping');
  await stack.stop();
}

/** The plans of all definitions at hand; one that cannot be loaded is `check`'s and `deploy`'s to refuse, not the start's. */
function plansIn(modelsFolder: string): ModelPlan[] {
  return listDefinitions(modelsFolder).flatMap((name) => {
    try {
      return [loadDefinition(modelsFolder, name).plan];
    } catch {
      return [];
    }
  });
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const code = error instanceof UnderstudyError ? error.code : 'INTERNAL';
    process.stderr.write(`understudy: ${code}: ${(error as Error).message}\n${FAILURES[code].remedy}\n`);
    process.exit(FAILURES[code].exit);
  },
);
