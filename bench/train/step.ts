// The train step of the product against a plain Python script that fits the same matrix with the same parameters, one after the other.
// The step is all from asking the trainer to the saved candidate: fit, conversion, parity, report, storing, and the way through Temporal.
import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadConfig } from '../../src/config';
import { loadDefinition } from '../../src/definition/catalog';
import type { ModelVersion } from '../../src/domain/lifecycle/registry';
import { ModelSignature } from '../../src/domain/training/training';
import { preparePython } from '../../src/embedded/python';
import { createFileArtifactStore } from '../../src/stores/artifacts/artifacts-file';
import { workflowsOf } from '../../scripts/proof/timeline';
import { row, type BenchContext, type Row } from '../benchmark';
import { MODEL, openFlights, type Flights } from '../flights';

const run = promisify(execFile);
const CONTENDER = 'gbm';
/** One cycle each: a second one of the same definition would be merged with the first. */
const SEEDS = [1, 2, 3];
/** The step may take a tenth more than the script, and so many seconds. */
const ALLOWED_SHARE = 0.1;
const GOAL_SECONDS = 1;

/** Seconds of one training both ways. */
interface Pair {
  readonly product: number;
  /** Of the product's: what its trainer says that the training took. */
  readonly trainer: number;
  readonly bare: number;
}

/** The section's rows. */
export async function step({ packageRoot, say }: BenchContext): Promise<Row[]> {
  const config = loadConfig();
  const requirements = join(packageRoot, 'trainers', 'python', 'requirements.txt');
  const python = await preparePython({ ...config, requirements, onProgress: say });
  const flights = await openFlights(packageRoot);
  try {
    const { contenders } = loadDefinition(join(packageRoot, 'models'), MODEL).plan;
    const pairs: Pair[] = [];
    for (const seed of SEEDS) {
      await flights.liveOneCycle({ contenders: { [CONTENDER]: { ...contenders[CONTENDER]!, seed } } });
      const pair = await pairOf(flights, packageRoot, python, seed);
      const { product, trainer, bare } = pair;
      say(`product ${product.toFixed(2)} s (trainer ${trainer.toFixed(2)} s), bare script ${bare.toFixed(2)} s`);
      pairs.push(pair);
    }
    return rowsOf(pairs);
  } finally {
    await flights.close();
  }
}

/** The newest training of the product, and the same by the script right after it. */
async function pairOf({ services, stack }: Flights, packageRoot: string, python: string, seed: number): Promise<Pair> {
  const { client, stores } = services;
  const version = await stores.registry.newestOf(MODEL, CONTENDER);
  if (version?.lineage.seed !== seed) throw new Error(`the cycle with seed ${seed} saved no candidate`);
  const challengers = (await workflowsOf(client, MODEL)).filter(({ workflowType }) => workflowType === 'challenger');
  const activities = challengers.at(-1)!.activities;
  const asked = activities.find(({ activity }) => activity === 'train')!.scheduledMs;
  const saved = activities.find(({ activity }) => activity === 'saveCandidate')!.endedMs;
  const spec = await specOf(version, stack.addresses().artifactStore, stores);
  const file = join(stack.home, 'bare.json');
  writeFileSync(file, JSON.stringify({ ...spec, model: join(stack.home, 'bare.txt') }));
  // As the product's trainer has it: a machine that does other work would make the script slower without it.
  const env = { ...process.env, OMP_WAIT_POLICY: 'PASSIVE' };
  const startedMs = performance.now();
  const { stdout } = await run(python, [join(packageRoot, 'bench', 'train', 'bare.py'), file], { env });
  const bare = (performance.now() - startedMs) / 1000;
  rmSync(file);
  const { iterations } = JSON.parse(stdout) as { iterations: number };
  if (iterations !== spec.iterations)
    throw new Error(`the script grew ${iterations} iterations, the product ${spec.iterations}`);
  return { product: (saved - asked) / 1000, trainer: version.training.seconds, bare };
}

/** What the script is told: the product's own matrix and the parameters as its trainer used them. */
async function specOf({ training, lineage }: ModelVersion, store: string, stores: Flights['services']['stores']) {
  const artifacts = createFileArtifactStore(store);
  const snapshot = await stores.features.loadSnapshot(lineage.snapshot);
  if (!snapshot) throw new Error(`there is no snapshot ${lineage.snapshot}`);
  const read = async (ref: typeof training.report): Promise<unknown> =>
    JSON.parse(readFileSync(await artifacts.localPath(ref), 'utf8'));
  const { columns } = ModelSignature.parse(await read(snapshot.signature));
  const { parameters, earlyStopping, curve } = (await read(training.report)) as {
    parameters: Record<string, unknown>;
    earlyStopping: { days: number };
    curve: unknown[];
  };
  return {
    matrix: await artifacts.localPath(snapshot.train),
    columns: columns.map(({ name }) => name),
    categories: columns.filter(({ kind }) => kind === 'category').map(({ name }) => name),
    params: parameters,
    earlyStoppingDays: earlyStopping.days,
    // Those that it grew before it stopped: where it samples rows or features it does so by seeds of its own.
    iterations: curve.length,
  };
}

function rowsOf(pairs: readonly Pair[]): Row[] {
  const mean = (of: (pair: Pair) => number): number => pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length;
  const [product, bare] = [mean((pair) => pair.product), mean((pair) => pair.bare)];
  return [
    row(`train step: bare script, ${cpus().length} cores, mean of ${pairs.length}`, bare, 's'),
    row('train step: the product', product, 's'),
    row(
      'train step: of it in the trainer',
      mean(({ trainer }) => trainer),
      's',
    ),
    row('train step: the product by the script', product / bare, ''),
    row('train step: more than 110 % of the script', product - (1 + ALLOWED_SHARE) * bare, 's', GOAL_SECONDS),
  ];
}
