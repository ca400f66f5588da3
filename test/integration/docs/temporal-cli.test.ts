// docs/temporal-cli.md is true: its blocks are run in their order, word for word, by the stock `temporal` command, against a deployed flight-delay
// on real flights. Around a block stands only what a person would do too: wait for a proposal, copy a digest, look at what came of it.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { logistic } from '../../../src';
import { deploy } from '../../../src/client/definitions-client';
import { defineModel } from '../../../src/definition/define-model';
import { planDigest } from '../../../src/definition/digest';
import type { Day } from '../../../src/domain/days';
import { BACKFILL_QUERY_NAMES, BACKFILL_SIGNAL_NAMES } from '../../../src/domain/data/backfill';
import { QUERY_NAMES, SIGNAL_NAMES, UPDATE_NAMES, type LifecycleStatus } from '../../../src/domain/lifecycle/lifecycle';
import type { ModelPlanInput } from '../../../src/domain/plan/plan';
import flightDelay from '../../../models/flight-delay/model';
import type { Hold } from '../../setup/holds';
import { startProduct, temporalAddress, type Product } from '../../setup/product';

const run = promisify(execFile);
const ROOT = join(__dirname, '../../..');
const MODEL = 'flight-delay';
const page = readFileSync(join(ROOT, 'docs/temporal-cli.md'), 'utf8');
const blocks = [...page.matchAll(/```sh\n([\s\S]*?)```/g)]
  .map(([, block]) => block!.trim())
  // Those of searches, experiments and versions trained again are run by the tests of these, which have some.
  .filter((block) => !/\$(SEARCH|EARLIER|EXPERIMENT|REPRODUCTION)\b/.test(block));

/** The name of a block: its message or command, such as `decide`, `describe`, `schedule backfill`. */
function nameOf(block: string): string {
  const message = /--name (\w+)/.exec(block)?.[1];
  return message ?? /^temporal (?:workflow )?((?:schedule )?\w+)/.exec(block)![1]!;
}

let product: Product;
let folder: string;
let environment: Record<string, string>;

/** A month of the real flights, one quick contender, and an approval for every proposal. */
const change: Partial<ModelPlanInput> = {
  contenders: { linear: logistic({ l2: 1_000 }) },
  snapshot: {
    ...flightDelay.plan.snapshot,
    start: '2013-05-15',
    minTrainRows: 5_000,
    minHoldoutRows: 2_000,
    minTruthRows: 500,
  },
  // So little history makes a weak model; what is looked at here is messages, so that margins are wide.
  evaluation: { ...flightDelay.plan.evaluation, nonInferiority: { holdout: 0.2, truth: 0.2 }, gates: [] },
  monitoring: { ...flightDelay.plan.monitoring, fallback: { truthMargin: 0.3 } },
  approval: { when: 'always', approvers: ['ada'] },
};

beforeAll(async () => {
  product = await startProduct();
  folder = mkdtempSync(join(tmpdir(), 'understudy-temporal-cli-'));
  mkdirSync(product.modelsFolder, { recursive: true });
  symlinkSync(join(ROOT, 'models', MODEL), join(product.modelsFolder, MODEL));
  // As `temporal` on PATH, as the page writes it.
  symlinkSync(process.env['UNDERSTUDY_TEST_TEMPORAL_CLI']!, join(folder, 'temporal'));
  const file = join(ROOT, 'models', MODEL, 'data/flights/flights-2013-06.csv.gz');
  environment = {
    PATH: [folder, process.env['PATH'] ?? ''].join(delimiter),
    HOME: folder,
    // Without it bash takes its pipe for a remote shell, and reads the machine's own settings.
    SHLVL: '1',
    TEMPORAL_ADDRESS: temporalAddress(),
    TEMPORAL_NAMESPACE: product.namespace,
    FILE: file,
    SHA256: createHash('sha256').update(readFileSync(file)).digest('hex'),
  };
  const { plan } = defineModel({ ...flightDelay.plan, ...change });
  const { stores, lifecycles, schedules } = product;
  await deploy(
    { stores, lifecycles, schedules },
    { plan, digest: planDigest(plan), codeCommit: 'test', clock: 'simulated' },
  );
});
afterAll(async () => {
  await product.close();
  rmSync(folder, { recursive: true, force: true });
});

async function until(holds: (status: LifecycleStatus) => boolean): Promise<LifecycleStatus> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const status = await product.lifecycles.status(MODEL);
    if (holds(status)) return status;
    if (Date.now() > deadline) {
      const [decision] = await product.stores.registry.decisions(MODEL, 1);
      throw new Error(
        `not in time: ${holds.toString()}\n${JSON.stringify({ status, last: decision?.reasons }, null, 1)}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const atRest = (): Promise<LifecycleStatus> => until(({ queued, open }) => queued === 0 && open.length === 0);

/** Lives one more day, so that a newer cycle has newer labels, and waits for its proposal. */
async function nextCycle(day: Day): Promise<void> {
  await product.lifecycles.tick(MODEL, 'simulated', { kind: 'ingest', logicalTime: day, asOf: `${day}T05:00:00Z` });
  await product.lifecycles.retrain(MODEL, { logicalTime: day, reason: 'test', by: 'ada' });
  await readProposal();
}

async function readProposal(): Promise<void> {
  const { approval } = await until((status) => status.approval !== null);
  environment['CYCLE'] = approval!.cycle;
  environment['DIGEST'] = approval!.digest;
}

/** Starts a backfill and keeps it from getting anywhere, so that it can be looked at, held and ended. */
async function openBackfill(): Promise<void> {
  planning = product.hold('planBackfill');
  await product.lifecycles.backfill(MODEL, { from: '2013-06-01', to: '2013-06-30', by: 'ada' });
  const { open } = await until((status) => status.open.some(({ kind }) => kind === 'backfill'));
  environment['BACKFILL'] = open.find(({ kind }) => kind === 'backfill')!.id;
  await planning.reached;
}

/** Delivers a day with one delay that no flight has, so that a row is set aside. */
async function setOneAside(): Promise<void> {
  const [header, ...lines] = gunzipSync(readFileSync(environment['FILE']!)).toString().trim().split('\n');
  const rows = lines.filter((line) => line.startsWith('2013,6,3,'));
  const fields = rows[0]!.split(',');
  fields[5] = '99999';
  const text = `${[header, fields.join(','), ...rows.slice(1)].join('\n')}\n`;
  const uri = join(folder, 'one-aside.csv');
  writeFileSync(uri, text);
  const sha256 = createHash('sha256').update(text).digest('hex');
  await product.lifecycles.dataArrived(MODEL, { table: 'outcomes', partition: '2013-06-03', uri, sha256 });
  await atRest();
  const [entry] = await product.stores.quarantine.list(MODEL, {
    table: 'outcomes',
    from: '2013-06-03',
    to: '2013-06-03',
  });
  Object.assign(environment, { TABLE: entry!.table, DAY: entry!.partition, RULE: entry!.rule });
}

let planning: Hold | undefined;
let [champion, runId] = [0, ''];
let broken: string | null = null;

const runIdNow = async (): Promise<string> =>
  (await product.client.workflow.getHandle(`lifecycle/${MODEL}`).describe()).runId;

/** What a person does before a block. */
const before: Readonly<Record<string, () => Promise<unknown>>> = {
  list: () => new Promise((resolve) => setTimeout(resolve, 1_500)), // visibility is written a moment later
  progress: openBackfill,
  decide: readProposal,
  quarantine: setOneAside,
  approve: () => nextCycle('2013-07-02'),
  reject: () => nextCycle('2013-07-03'),
  promote: async () => {
    const status = await atRest();
    environment['EPOCH'] = String(status.epoch);
    environment['VERSION'] = String(status.previous);
  },
  rollback: async () => {
    champion = (await atRest()).champion!.version;
  },
  configure: async () => {
    environment['DEFINITION'] = (await atRest()).definitionDigest!;
  },
  continueAsNew: async () => {
    runId = await runIdNow();
  },
};

/** What came of a block. */
const after: Readonly<Record<string, (output: string) => Promise<unknown>>> = {
  status: async (output) => expect(output).toContain('"clock":"simulated"'),
  list: async (output) => expect(output).toContain(`lifecycle/${MODEL}`),
  describe: async (output) => expect(output).toContain('modelLifecycle'),
  retrain: async () =>
    expect((await until(({ approval }) => approval !== null)).approval!.cycle).toBe(`cycle/${MODEL}/2013-07-01`),
  backfill: atRest,
  progress: async (output) => expect(output).toContain('"rowsPerSecond"'),
  cancel: async () => {
    planning!.release();
    await atRest();
    const { status } = await product.client.workflow.getHandle(environment['BACKFILL']!).describe();
    expect(status.name).toBe('CANCELLED');
  },
  quarantine: async () => {
    const [entry] = await product.stores.quarantine.list(MODEL, { table: 'outcomes', from: '2013-06-03' });
    expect(entry?.state).toBe('discarded');
  },
  decide: async () => expect((await until((status) => status.champion !== null)).champion!.contender).toBe('linear'),
  approve: () => until(({ epoch }) => epoch === 2),
  reject: async () => {
    const { epoch } = await until(({ approval }) => approval === null);
    expect(epoch).toBe(2);
  },
  promote: async () => {
    const { version } = (await until(({ epoch }) => epoch === 3)).champion!;
    expect(String(version)).toBe(environment['VERSION']);
  },
  rollback: async () => expect((await until(({ epoch }) => epoch === 4)).champion!.version).not.toBe(champion),
  pause: () => until(({ phase }) => phase === 'paused'),
  resume: () => until(({ phase }) => phase !== 'paused'),
  continueAsNew: async () => {
    const deadline = Date.now() + 20_000;
    while ((await runIdNow()) === runId) {
      expect(Date.now()).toBeLessThan(deadline);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  },
  'schedule describe': async (output) => expect(output).toContain('tick'),
  'schedule backfill': async () => {
    const scored = (): Promise<number> => product.stores.predictions.count(MODEL, '2013-07-01');
    const deadline = Date.now() + 60_000;
    while ((await scored()) === 0) {
      expect(Date.now()).toBeLessThan(deadline);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  },
};

it('shows every message of the interface but the one that is not for people', () => {
  const names = blocks.map(nameOf);
  const ofBackfills = [...BACKFILL_SIGNAL_NAMES, ...BACKFILL_QUERY_NAMES];
  const messages = [...UPDATE_NAMES, ...SIGNAL_NAMES, ...QUERY_NAMES, ...ofBackfills].filter(
    (name) => name !== 'childFinished',
  );
  expect(messages.filter((name) => !names.includes(name))).toEqual([]);
});

it.each(blocks.map((block) => [nameOf(block), block] as const))('runs as printed: %s', async (name, block) => {
  // Each block builds on those before it.
  if (broken !== null) throw new Error(`not run: ${broken} failed`);
  broken = name;
  await before[name]?.();
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', block], { env: environment, timeout: 60_000 });
  await after[name]?.(stdout);
  broken = null;
});

it('was refused nothing on the way', async () => {
  const { refused, health } = await atRest();
  expect({ refused, health }).toEqual({ refused: [], health: 'good' });
});

it('names field, found and allowed where a message is wrong, and ends with exit code 1', async () => {
  const block = blocks.find((each) => nameOf(each) === 'decide')!.replace('approve', 'perhaps');
  const failed = await run('bash', ['-c', block], { env: environment }).catch(
    (error: unknown) => error as { code: number; stderr: string },
  );
  expect(failed).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/decide\.decision: found "perhaps", allowed is approve or reject/) as string,
  });
});
