// What a person should know before the next cycle finds out: a champion that predicts something else by now, and trainings that nobody would do.
import type { DeploymentPreview } from '../client/definitions-client';
import { trainingQueueOf } from '../domain/plan/contender-plan';
import type { ModelPlan } from '../domain/plan/plan';
import type { CliContext } from './command';

/** Sentences; empty: nothing to tell. */
export async function deployWarnings(
  context: CliContext,
  plan: ModelPlan,
  { differences }: Pick<DeploymentPreview, 'differences'>,
): Promise<string[]> {
  return [...(await ofTarget(context, plan, differences)), ...(await unservedQueues(context, plan))];
}

/** A champion of another task is compared with nobody. */
async function ofTarget(
  context: CliContext,
  { name }: ModelPlan,
  differences: DeploymentPreview['differences'],
): Promise<string[]> {
  const changed = differences.filter(
    ({ path, change }) => change !== 'new' && (path === 'task' || path.startsWith('label.classes')),
  );
  if (changed.length === 0) return [];
  const { version } = await (await context.stores()).registry.champion(name);
  if (version === null) return [];
  const what = changed.some(({ path }) => path === 'task') ? 'another task' : 'other classes';
  return [
    `The champion ${name}@${version} was trained for ${what}: it goes on serving, and the next cycles cannot compare their contenders with it. ` +
      `Put one of them in place with: npx understudy promote ${name} --version N --override`,
  ];
}

/** Contenders whose training would wait: no worker asks for work where they are trained. Empty too when the server cannot be asked: a warning fails nothing. */
export async function unservedQueues(context: CliContext, plan: Pick<ModelPlan, 'contenders'>): Promise<string[]> {
  const byQueue = new Map<string, string[]>();
  for (const [name, contender] of Object.entries(plan.contenders)) {
    const queue = trainingQueueOf(contender);
    byQueue.set(queue, [...(byQueue.get(queue) ?? []), name]);
  }
  const unserved = await context
    .temporal()
    .then(({ taskQueues }) => taskQueues.unserved([...byQueue.keys()]))
    .catch(() => []);
  return unserved.map((queue) => {
    const names = byQueue.get(queue)!;
    return `No worker has asked the task queue "${queue}" for work in the last minutes: unless all of its workers are busy, the training of ${names.join(', ')} will wait for one (docs/operations.md says how to start it).`;
  });
}
