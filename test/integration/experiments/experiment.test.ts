// Experiments from the command line: trained beside the champion, kept, found again, joined, stopped, never promoted.
import { printedBlocks, runPrinted } from '../../setup/printed-blocks';
import { startProduct, type Product } from '../../setup/product';
import { openReports, type Reports } from '../../setup/reports';
import { deployTiny, type Tiny } from '../../setup/tiny-lifecycle';

const NAME = 'tried';
jest.setTimeout(300_000);
let product: Product;
let model: Tiny;
let reports: Reports;
beforeAll(async () => {
  product = await startProduct();
  reports = await openReports(product);
  model = await deployTiny(product, NAME, { approval: { when: 'never' } });
  await product.lifecycles.retrain(NAME, { logicalTime: '2013-03-11', reason: 'test', by: 'test' });
  await model.until(({ queued, open }) => queued === 0 && open.length === 0, 110_000);
});
afterAll(async () => {
  reports.close();
  await product.close();
});

const run = (args: readonly string[], interrupted = new AbortController()): ReturnType<Reports['run']> =>
  reports.run(args, {
    checkContenders: () => Promise.resolve({ problems: [], unchecked: [] }),
    interruption: () => interrupted.signal,
  });
const experiment = (l2: number, ...more: readonly string[]): string[] => [
  ...['experiment', NAME, '--contender', 'main', '--set', `params.l2=${l2}`],
  ...more,
];
interface Document {
  readonly version: number;
  readonly kept: boolean;
  readonly champion: number;
  readonly settings: readonly string[];
  readonly versions: readonly { readonly version: number; readonly holdout: { readonly n: number } }[];
  readonly differences: readonly { readonly version: number; readonly minus: number }[];
}

it('trains, evaluates and keeps a version beside the champion on the same rows; asked again it is found, not trained', async () => {
  const champion = await product.stores.registry.champion(NAME);
  const first = JSON.parse((await run(experiment(50, '--json'))).text) as Document;
  expect(first).toMatchObject({ kept: false, champion: champion.version, settings: ['params.l2=50'] });
  expect(first.versions.map(({ version }) => version)).toEqual([champion.version, first.version]);
  expect(new Set(first.versions.map(({ holdout }) => holdout.n)).size).toBe(1);
  expect(first.differences).toMatchObject([{ version: first.version, minus: champion.version }]);
  const made = await product.stores.registry.load(NAME, first.version);
  expect(made).toMatchObject({ state: 'experiment', lineage: { params: { l2: 50 }, experiment: { by: 'ann' } } });

  const before = (await product.stores.registry.list(NAME)).length;
  const again = await run(experiment(50));
  expect(again.text).toContain('found from an earlier run');
  expect(again.text).toContain('It cannot be promoted');
  expect((await product.stores.registry.list(NAME)).length).toBe(before);
  expect(await product.stores.registry.champion(NAME)).toEqual(champion);
});

it('is listed apart, and is no parent, no newest version and no champion, not even by an override', async () => {
  const { version } = JSON.parse((await run(experiment(60, '--json'))).text) as Document;
  const listed = await run(['versions', NAME, '--experiments']);
  expect(listed.text).toContain('params.l2=60');
  const ordinary = JSON.parse((await run(['versions', NAME, '--json'])).text) as { versions: { version: number }[] };
  expect(ordinary.versions.map((each) => each.version)).not.toContain(version);
  expect((await product.stores.registry.newestOf(NAME, 'main'))!.version).not.toBe(version);
  const { epoch } = await product.stores.registry.champion(NAME);
  const override = { version, by: 'ann', reason: 'I like it', override: true, expectedEpoch: epoch };
  await expect(product.lifecycles.promote(NAME, override)).rejects.toMatchObject({
    code: 'VERSION_NOT_ALLOWED',
    message: expect.stringContaining('is an experiment, which never serves') as string,
  });
  const move = { model: NAME, version, expectedEpoch: epoch, why: 'override', by: 'ann', reason: '' } as const;
  const asOf = '2013-03-12T00:00:00.000Z';
  await expect(
    product.stores.transaction((tx) => product.stores.registry.move(tx, { ...move, asOf }, {} as never)),
  ).rejects.toMatchObject({ code: 'VERSION_NOT_ALLOWED' });
});

it('goes on when nobody watches it any more, and the same command joins it', async () => {
  const hold = product.hold('train');
  const interrupted = new AbortController();
  const watching = run(experiment(70), interrupted);
  await hold.reached;
  interrupted.abort();
  const left = await watching;
  expect(left.code).toBe(130);
  expect(left.text).toMatch(/It goes on: experiment\/tried\/[0-9a-f]{16}\n.*temporal workflow describe.*\n.*--stop/);
  const joined = run(experiment(70, '--json'));
  hold.release();
  expect(JSON.parse((await joined).text)).toMatchObject({ kept: false, settings: ['params.l2=70'] });
  const starts = product.client.workflow.list({ query: `WorkflowType = 'experiment'` });
  const ids: string[] = [];
  for await (const { workflowId } of starts) ids.push(workflowId);
  expect(new Set(ids).size).toBe(ids.length);
});

it('ends when it is told to stop, and is trained anew when retention has swept its version', async () => {
  const hold = product.hold('train');
  const watching = run(experiment(80)).catch((error: unknown) => error);
  await hold.reached;
  expect((await run(experiment(80, '--stop'))).text).toContain('Asked to end: experiment/tried/');
  hold.release();
  await expect(watching).resolves.toMatchObject({ code: 'INTERRUPTED' });
  expect((await run(experiment(81, '--stop'))).text).toContain('It does not run');

  const { stores } = product;
  const first = JSON.parse((await run(experiment(90, '--json'))).text) as Document;
  await stores.transaction((tx) => stores.registry.setState(tx, NAME, first.version, 'deleted'));
  const second = JSON.parse((await run(experiment(90, '--json'))).text) as Document;
  expect(second.version).toBeGreaterThan(first.version);
  expect((await stores.registry.load(NAME, second.version)).lineage.cycle).toMatch(/\/r2$/);
});

it('is swept by the same rule as other versions, counted apart from them', async () => {
  await run(experiment(100));
  await run(experiment(101));
  const { stores } = product;
  const experiments = (await stores.registry.list(NAME)).filter(({ state }) => state === 'experiment');
  const others = (await stores.registry.list(NAME)).filter(({ lineage }) => !lineage.experiment);
  const expired = await stores.expiredVersions(NAME, others.length, '2099-01-01');
  expect(expired).toEqual(experiments.slice(0, -others.length).map(({ version }) => version));
});

it('refuses a contender, a path or a value that is none, before anything is started', async () => {
  const tried = (...args: readonly string[]) => run(['experiment', NAME, ...args]);
  await expect(tried('--contender', 'man')).rejects.toMatchObject({
    code: 'USAGE',
    message: '--contender: found "man", allowed is one of: main, flat',
  });
  await expect(tried('--contender', 'main', '--set', 'seed=-1')).rejects.toMatchObject({
    code: 'USAGE',
    message: '--set: seed: found -1, allowed is at least 0',
  });
  await expect(tried('--contender', 'main', '--set', 'sed=1')).rejects.toMatchObject({
    message: expect.stringMatching(
      /^--set: sed: found a field of this name, allowed is the options of logistic\(\): l2, /,
    ) as string,
  });
});

it('is started, watched, asked and ended by the stock temporal command, as the page prints it', async () => {
  const [start, progress, describe, child, result, cancel, ...none] = printedBlocks('EXPERIMENT');
  expect(none).toEqual([]);
  const { champion } = await model.status();
  const [inputOf] = printedBlocks('EARLIER');
  const input = JSON.parse(await runPrinted(product, inputOf!, { EARLIER: `challenger/${NAME}/2013-03-11/main` })) as {
    snapshot: unknown;
    definitionDigest: string;
    queue: string;
    logicalTime: string;
  };
  const printed = (block: string, id: string): Promise<string> =>
    runPrinted(product, block, {
      ...{ EXPERIMENT: id, MODEL: NAME, CONTENDER: 'main', QUEUE: input.queue, DAY: input.logicalTime },
      ...{
        DEFINITION: input.definitionDigest,
        VERSION: String(champion!.version),
        SNAPSHOT: JSON.stringify(input.snapshot),
      },
    });
  const [first, second] = [`experiment/${NAME}/by-hand`, `experiment/${NAME}/by-hand-too`];
  await printed(start!, first);
  const version = Number(/"version":\s*(\d+)/.exec(await printed(result!, first))![1]);
  expect(await product.stores.registry.load(NAME, version)).toMatchObject({
    state: 'experiment',
    lineage: { cycle: first, experiment: { digest: 'by-hand-1', by: 'ada' } },
  });
  expect(await printed(progress!, first)).toContain(`version ${version}: main (as defined)`);

  const training = product.hold('train');
  await printed(start!, second);
  await training.reached;
  expect(await printed(progress!, second)).toContain('main (as defined) on snapshot');
  expect(await printed(describe!, second)).toContain(`challenger/${second}/main`);
  expect(await printed(child!, second)).toContain('train');
  await printed(cancel!, second);
  training.release();
  await expect(printed(result!, second)).rejects.toMatchObject({ stdout: expect.stringMatching(/cancel/i) as string });
});
