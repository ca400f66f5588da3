// Kills a real worker process between any two of its writes, lets a healthy one do the work again, and looks for holes, doubles and orphans.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { rebuildSnapshot } from '../../../../src/activities/snapshots/snapshot-manifest';
import type { SnapshotRef } from '../../../../src/domain/data/partitions';
import type { StepContext } from '../../../../src/ports/activities';
import { createFileArtifactStore } from '../../../../src/stores/artifacts/artifacts-file';
import type { DoomedTask } from './doomed-worker';
import type { OpenGround } from '../place/ground';
import { DAYS, FIRST_EDITION } from '../place/model';
import {
  artifactFolderOf,
  deploy,
  emptyPlace,
  makeWorker,
  modelFolderOf,
  savePlace,
  withClient,
  type DataWorker,
} from '../place/place';
import { orderOf, type Scene } from './scenes';
import { differencesOf, lostInCompaction, readState, unreadableFiles, type DataState } from '../place/state';
import { contextOf, perform, workFor } from '../place/work';

/** What is there at the end: the state, the ledger's keys, how often each partition was checked and revised, and the files that retention left. */
interface Outcome {
  readonly state: DataState;
  readonly counts: readonly string[];
  readonly kept: readonly string[];
}

/** A scene without a kill: its writes in order, and what comes out. */
export interface Undisturbed {
  readonly stage: Stage;
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
  union all select 'snapshot ' || id from snapshots
  union all select 'verdict on ' || table_name || '/' || partition || ' ' || rule from quarantine_verdicts
  union all select 'audit ' || action || ' ' || subject from audit where action like 'quarantine.%'
  union all select 'put together ' || f.key from feature_files f
  union all select 'revision ' || revision || ' of ' || table_name || '/' || partition from partition_revisions
  union all select 'rejection of ' || table_name || '/' || partition from partition_rejections`;

/** Starts processes ahead, because most of their time goes into loading. */
export interface DoomedWorkers {
  /** Gives the task to a waiting process: its writes when it lived to the end, null when it was killed. */
  perform(task: DoomedTask): Promise<readonly string[] | null>;
  /** Ends those that still wait. */
  close(): void;
}

/** Processes of this code: built, or through tsx when this file itself runs as TypeScript. One that has lived waits for the next task. */
export function doomedWorkers(): DoomedWorkers {
  const typescript = __filename.endsWith('.ts');
  const args = [
    ...(typescript ? ['--require', 'tsx/cjs'] : []),
    join(__dirname, `doomed-worker.${typescript ? 'ts' : 'js'}`),
  ];
  const start = (): ChildProcess => spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const waiting = [start()];
  return {
    async perform(task) {
      const child = waiting.shift() ?? start();
      if (task.dieBefore > 0 && waiting.length === 0) waiting.push(start());
      let complaint = '';
      child.stderr!.on('data', (text: Buffer) => (complaint += text.toString()));
      const said = new Promise<string>((resolve) => createInterface({ input: child.stdout! }).once('line', resolve));
      const ended = once(child, 'close') as Promise<[code: number | null, signal: string | null]>;
      child.stdin!.write(`${JSON.stringify(task)}\n`);
      const answer = await Promise.race([said, ended]);
      if (typeof answer === 'string') {
        waiting.unshift(child);
        return JSON.parse(answer) as string[];
      }
      if (answer[1] === 'SIGKILL') return null;
      throw new Error(`the worker process failed: ${complaint}`);
    },
    close() {
      for (const child of waiting) child.kill('SIGKILL');
    },
  };
}

/** A scene that is ready to be played, again and again. */
interface Stage {
  /** Hands the work to a process that dies before a write (0: never). Gives what the process said, and a healthy worker. */
  play(dieBefore: number): Promise<{
    readonly writes: readonly string[] | null;
    readonly worker: DataWorker;
    readonly performAll: () => Promise<void>;
  }>;
  readonly context: StepContext;
}

/** Lives through what comes before the scene, and keeps it for each time that the scene is played. */
async function stageOf(ground: OpenGround, workers: DoomedWorkers, scene: Scene): Promise<Stage> {
  const { place, engine } = ground;
  const plan = ground.planOf(FIRST_EDITION);
  await emptyPlace(place);
  const healthy = async (): Promise<DataWorker> => makeWorker(place, (await ground.openPorts())[0], engine);
  const first = await healthy();
  const definitionDigest = await deploy(first, plan);
  const context = contextOf(plan.name, definitionDigest);
  const folder = modelFolderOf(place, plan.name);
  for (const item of scene.before) await perform(first, context, workFor(orderOf(folder, item)));
  const orders = scene.work.map((item) => orderOf(folder, item));
  const bringBack = await savePlace(place);
  return {
    context,
    async play(dieBefore) {
      await bringBack();
      const worker = await healthy();
      const writes = await workers.perform({ place, model: plan.name, definitionDigest, orders, dieBefore });
      const performAll = async (): Promise<void> => {
        for (const order of orders) await perform(worker, context, workFor(order));
      };
      return { writes, worker, performAll };
    },
  };
}

/** Sweeps without a time of grace, a day after files were put together, and tells what is there afterwards. */
async function outcomeOf(ground: OpenGround, worker: DataWorker, context: StepContext): Promise<Outcome> {
  await withClient(ground.place.databaseUrl, (client) =>
    client.query(`update feature_files set compacted_at = now() - interval '25 hours'`),
  );
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

/** Plays the scene in a process that comes to the end. The ground is this scene's until another one is played. */
export async function playUndisturbed(ground: OpenGround, workers: DoomedWorkers, scene: Scene): Promise<Undisturbed> {
  const stage = await stageOf(ground, workers, scene);
  const { writes, worker } = await stage.play(0);
  if (writes === null) throw new Error(`${scene.name}: the worker that was to live died`);
  return { stage, writes, outcome: await outcomeOf(ground, worker, stage.context) };
}

/**
 * Plays the scene, kills its process before a write, and does the work again.
 * @param again - false: nobody does it again, to see that this is found. Default true.
 */
export async function playKilled(
  ground: OpenGround,
  { stage, writes, outcome: wanted }: Undisturbed,
  dieBefore: number,
  again = true,
): Promise<KillResult> {
  const { context } = stage;
  const { writes: survived, worker, performAll } = await stage.play(dieBefore);
  const write = writes[dieBefore - 1] ?? null;
  // Parallel writes come in another order now and then; one less than before is no fault.
  if (survived !== null)
    return { dieBefore, write, problems: [`not killed: there were only ${survived.length} writes`] };
  if (again) await performAll();
  const found = await outcomeOf(ground, worker, context);
  const problems = [
    ...found.state.doubles,
    ...differencesOf(wanted.state, found.state),
    ...listDifferences('recorded', wanted.counts, found.counts),
    ...listDifferences('file after retention', wanted.kept, found.kept),
    ...listDifferences('put together', wanted.state.compacted, found.state.compacted),
    ...(await unreadableFiles(found.state, worker.artifacts)),
    ...(await lostInCompaction({ ...worker, engine: ground.engine }, found.state)),
    ...(await changedSnapshots(ground, worker)),
    ...(await leftoversThatStay(artifactFolderOf(ground.place))),
  ];
  const { computed } = await worker.run('featurizeDays', { ...context, days: DAYS });
  if (computed !== 0) problems.push(`${computed} feature partitions were computed again although nothing had changed`);
  return { dieBefore, write, problems };
}

/** Snapshots that do not come out of their manifests again, a sentence each. */
async function changedSnapshots(ground: OpenGround, { stores, artifacts }: DataWorker): Promise<string[]> {
  const { rows } = await withClient(ground.place.databaseUrl, (client) =>
    client.query<{ reference: SnapshotRef }>('select reference from snapshots'),
  );
  const checked = rows.map(async ({ reference }) => {
    const again = await rebuildSnapshot({ stores, artifacts, engine: ground.engine }, reference);
    return again.train.sha256 === reference.train.sha256 ? [] : [`snapshot ${reference.id} has other rows now`];
  });
  return (await Promise.all(checked)).flat();
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
