// What a kill costs a long training: the example's trees for three minutes and more, again with kill -9 of the trainer at half, from start to end.
import { randomUUID } from 'node:crypto';
import { lightgbm } from '../../src';
import { reproduceId, TASK_QUEUES } from '../../src/domain/ids';
import type { ModelVersion } from '../../src/domain/lifecycle/registry';
import type { Reproduction } from '../../src/domain/training/reproduction';
import type { TrainProgress } from '../../src/domain/training/training';
import { patiently } from '../../scripts/proof/services';
import { row, type BenchContext, type Row } from '../benchmark';
import { MODEL, openFlights, type Flights } from '../flights';

/** The training takes at least so long, in seconds. */
const AT_LEAST_SECONDS = 180;
const GOAL_RATIO = 1.15;
/** Trees of a first training, which tells how fast this machine is. */
const PILOT_ITERATIONS = 200;
/** The pilot's fixed costs make its trees look slower than they are. */
const MARGIN = 1.3;
const LOOK_EVERY_MS = 100;
const ANSWERS_WITHIN_MS = 60_000;

/** The section's rows. `atLeastSeconds`: how long the undisturbed training takes at least; default: three minutes. */
export async function killed(
  { packageRoot, say }: BenchContext,
  atLeastSeconds: number = AT_LEAST_SECONDS,
): Promise<Row[]> {
  const flights = await openFlights(packageRoot);
  try {
    const pilot = await trained(flights, PILOT_ITERATIONS);
    const iterations = Math.ceil((MARGIN * atLeastSeconds * PILOT_ITERATIONS) / pilot.training.seconds);
    say(`killed training: ${iterations} trees`);
    const whole = await trained(flights, iterations);
    const again = await trainedWithKill(flights, whole.version, iterations / 2);
    const undisturbed = whole.training.seconds;
    if (undisturbed < atLeastSeconds) say(`killed training: only ${undisturbed} s undisturbed, fewer than asked for`);
    return [
      row('killed training: trees', iterations, ''),
      row('killed training: undisturbed', undisturbed, 's'),
      row('killed training: with kill -9 at half', again.seconds, 's'),
      row('killed training: attempts', again.attempts, ''),
      row('killed training: time with the kill against undisturbed', again.seconds / undisturbed, '×', GOAL_RATIO),
      row('killed training: digests that differ', again.found.digests.filter(({ same }) => !same).length, '', 0),
    ];
  } finally {
    await flights.close();
  }
}

async function trained(flights: Flights, iterations: number): Promise<ModelVersion> {
  const contenders = {
    long: lightgbm({ iterations, learningRate: 0.01, minLeafRows: 200, featureShare: 0.5, rowShare: 0.8, bagEvery: 1 }),
  };
  await flights.liveOneCycle({ contenders });
  const version = await flights.services.stores.registry.newestOf(MODEL, 'long');
  if (!version) throw new Error('the cycle saved no version');
  return version;
}

/** The same training once more, by the workflow that reproduces a version; its digests say whether the same model came out. */
async function trainedWithKill({ stack, services }: Flights, version: number, killAt: number) {
  const startedAt = performance.now();
  const handle = await services.client.workflow.start('reproduceVersion', {
    workflowId: reproduceId(MODEL, version, randomUUID()),
    taskQueue: TASK_QUEUES.control,
    args: [{ model: MODEL, version }],
  });
  const look = async () => {
    const { raw } = await patiently(() => handle.describe(), ANSWERS_WITHIN_MS);
    const [activity] = raw.pendingActivities ?? [];
    const data = activity?.heartbeatDetails?.payloads?.[0]?.data;
    const told = data ? (JSON.parse(Buffer.from(data).toString()) as TrainProgress) : undefined;
    return { attempt: activity?.attempt ?? 0, iteration: told?.iteration ?? 0 };
  };
  while ((await look()).iteration < killAt) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  if (!stack.kill('trainer-python')) throw new Error('the trainer was dead already');
  let attempts = 1;
  const looking = setInterval(() => {
    void look().then(({ attempt }) => (attempts = Math.max(attempts, attempt)));
  }, 10 * LOOK_EVERY_MS);
  const found = (await handle.result().finally(() => clearInterval(looking))) as Reproduction;
  return { seconds: (performance.now() - startedAt) / 1000, attempts, found };
}
