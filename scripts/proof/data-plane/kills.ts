// Kills a real worker process between any two of its writes, lets a healthy one do the work again, and looks for holes, doubles and orphans.
import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { createFileArtifactStore } from '../../../src/stores/artifacts-file';
import { announceFile, type DeliveryFile } from './delivery-files';
import type { DoomedTask } from './doomed-worker';
import type { OpenGround } from './ground';
import { DAYS } from './model';
import { artifactFolderOf, deploy, emptyPlace, makeWorker, modelFolderOf, withClient, type DataWorker } from './place';
import { differencesOf, readState, unreadableFiles, type DataState } from './state';
import { contextOf, perform, workFor, type Order } from './work';

/** Work that is killed: what was delivered before, and the orders in which the process dies. */
export interface Scene {
  readonly name: string;
  readonly before: readonly DeliveryFile[];
  readonly work: readonly (DeliveryFile | { readonly featurize: true })[];
}

const [first, second, third] = DAYS as readonly [string, string, string];
/** A first small day; and a day that comes again with other rows: the delivery alone leads to new features of the days that depend on it. */
export const SCENES: readonly Scene[] = [
  {
    name: 'a first day',
    before: [],
    work: [
      { table: 'orders', day: first, version: 'b' },
      { table: 'results', day: first, version: 'b' },
      { featurize: true },
    ],
  },
  {
    name: 'a revised day',
    before: [first, second, third].flatMap((day): DeliveryFile[] => [
      { table: 'orders', day, version: 'b' },
      { table: 'results', day, version: 'b' },
    ]),
    work: [{ table: 'orders', day: second, version: 'c' }],
  },
];

/** What is there at the end: the state, the ledger's keys, how often each partition was checked and revised, and the files that retention left. */
interface Outcome {
  readonly state: DataState;
  readonly counts: readonly string[];
  readonly kept: readonly string[];
}

/** A scene without a kill: its writes in order, and what comes out. */
export interface Undisturbed {
  readonly scene: Scene;
  readonly writes: readonly string[];
  readonly outcome: Outcome;
}

/** A killed worker. */
export interface KillResult {
  readonly dieBefore: number;
  /** The write that it died before; null: after the last one. */
  readonly write: string | null;
  readonly problems: readonly string[];
}

const LEFTOVER_AGE_MS = 25 * 3_600_000;
const COUNTS = `
  select 'effect ' || key as line from effects
  union all select 'check ' || table_name || '/' || partition || ' ' || sha256 || ' ' || verdict from partition_checks
  union all select 'revision ' || revision || ' of ' || table_name || '/' || partition from partition_revisions
  union all select 'rejection of ' || table_name || '/' || partition from partition_rejections`;

/** Starts processes ahead, because most of their time goes into loading. */
export interface DoomedWorkers {
  /** Gives the task to a waiting process: its writes when it lived to the end, null when it was killed. */
  perform(task: DoomedTask): Promise<readonly string[] | null>;
  /** Ends the one that still waits. */
  close(): void;
}

/** Processes of this code: built, or through tsx when this file itself runs as TypeScript. */
export function doomedWorkers(): DoomedWorkers {
  const typescript = __filename.endsWith('.ts');
  const args = [...(typescript ? ['--require', 'tsx/cjs'] : []), join(__dirname, `doomed-worker.${typescript ? 'ts' : 'js'}`)];
  const start = (): ChildProcess => spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let waiting = start();
  return {
    async perform(task) {
      const child = waiting;
      waiting = start();
      let [said, complaint] = ['', ''];
      child.stdout!.on('data', (text: Buffer) => (said += text.toString()));
      child.stderr!.on('data', (text: Buffer) => (complaint += text.toString()));
      child.stdin!.write(`${JSON.stringify(task)}\n`);
      const signal = await new Promise((resolve) => child.once('close', (_, by) => resolve(by)));
      if (signal === 'SIGKILL') return null;
      if (said === '') throw new Error(`the worker process failed: ${complaint}`);
      return JSON.parse(said) as string[];
    },
    close: () => void waiting.kill('SIGKILL'),
  };
}

/** Makes the scene and hands the work to a process that dies before a write (0: never). Gives what the process said, and a healthy worker. */
async function stage(ground: OpenGround, workers: DoomedWorkers, scene: Scene, dieBefore: number) {
  const { place, plan, engine } = ground;
  await emptyPlace(place);
  const [ports] = await ground.openPorts();
  const worker = makeWorker(place, ports, engine);
  const definitionDigest = await deploy(ports, plan);
  const context = contextOf(plan.name, definitionDigest);
  const orderOf = (item: Scene['work'][number]): Order =>
    'featurize' in item
      ? { do: 'featurize', days: DAYS }
      : { ...item, do: 'deliver', uri: announceFile(modelFolderOf(place, plan.name), item) };
  for (const file of scene.before) await perform(worker, context, workFor(orderOf(file)));
  if (scene.before.length > 0) await worker.run('featurizeDays', { ...context, days: DAYS });
  const orders = scene.work.map(orderOf);
  const writes = await workers.perform({ place, model: plan.name, definitionDigest, orders, dieBefore });
  const performAll = async (): Promise<void> => {
    for (const order of orders) await perform(worker, context, workFor(order));
  };
  return { writes, worker, context, performAll };
}

/** Sweeps without a time of grace, and tells what is there afterwards. */
async function outcomeOf(ground: OpenGround, worker: DataWorker, context: ReturnType<typeof contextOf>): Promise<Outcome> {
  await worker.run('sweepArtifacts', { ...context, dryRun: false });
  const kept: string[] = [];
  for await (const { sha256 } of worker.artifacts.list()) kept.push(sha256);
  const counts = await withClient(ground.place.databaseUrl, (client) => client.query<{ line: string }>(COUNTS));
  return {
    state: await readState(ground.place.databaseUrl),
    counts: counts.rows.map(({ line }) => line).sort(),
    kept: kept.sort(),
  };
}

/** Plays the scene in a process that comes to the end. */
export async function playUndisturbed(ground: OpenGround, workers: DoomedWorkers, scene: Scene): Promise<Undisturbed> {
  const { writes, worker, context } = await stage(ground, workers, scene, 0);
  if (writes === null) throw new Error(`${scene.name}: the worker that was to live died`);
  return { scene, writes, outcome: await outcomeOf(ground, worker, context) };
}

/** Plays the scene, kills its process before a write, and does the work again. */
export async function playKilled(
  ground: OpenGround,
  workers: DoomedWorkers,
  { scene, writes, outcome: wanted }: Undisturbed,
  dieBefore: number,
): Promise<KillResult> {
  const { writes: survived, worker, context, performAll } = await stage(ground, workers, scene, dieBefore);
  const write = writes[dieBefore - 1] ?? null;
  // Parallel writes come in another order now and then; one less than before is no fault.
  if (survived !== null) return { dieBefore, write, problems: [`not killed: there were only ${survived.length} writes`] };
  await performAll();
  const found = await outcomeOf(ground, worker, context);
  const problems = [
    ...found.state.doubles,
    ...differencesOf(wanted.state, found.state),
    ...listDifferences('recorded', wanted.counts, found.counts),
    ...listDifferences('file after retention', wanted.kept, found.kept),
    ...(await unreadableFiles(found.state, worker.artifacts)),
    ...(await leftoversThatStay(artifactFolderOf(ground.place))),
  ];
  const { computed } = await worker.run('featurizeDays', { ...context, days: DAYS });
  if (computed !== 0) problems.push(`${computed} feature partitions were computed again although nothing had changed`);
  return { dieBefore, write, problems };
}

function listDifferences(what: string, wanted: readonly string[], found: readonly string[]): string[] {
  const times = (list: readonly string[], line: string): number => list.filter((each) => each === line).length;
  return [...new Set([...wanted, ...found])].flatMap((line) => {
    const [expected, actual] = [times(wanted, line), times(found, line)];
    return expected === actual ? [] : [`${what}: ${line}: found ${actual} times, undisturbed ${expected} times`];
  });
}

/** Scratch files of the dead process have to lie below `tmp`, and to be gone a day later with the next process that opens the store. */
async function leftoversThatStay(folder: string): Promise<string[]> {
  const outside = readdirSync(folder).filter((name) => name !== 'tmp' && !/^[0-9a-f]{2}$/.test(name));
  const tmp = join(folder, 'tmp');
  const old = new Date(Date.now() - LEFTOVER_AGE_MS);
  for (const name of readdirSync(tmp)) utimesSync(join(tmp, name), old, old);
  const own = await createFileArtifactStore(folder).tempDir();
  const left = readdirSync(tmp).filter((name) => join(tmp, name) !== own);
  return [...outside, ...left].map((name) => `scratch that nobody removes: ${name}`);
}
