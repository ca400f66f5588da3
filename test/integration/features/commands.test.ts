// The commands `plan` and `views` as a person runs them: on a folder with a definition and a real database, without any worker.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFeatureReports } from '../../../src/activities/features/feature-reports';
import type { CliContext, Command } from '../../../src/cli/command';
import { plan } from '../../../src/cli/commands/plan';
import { views } from '../../../src/cli/commands/views';
import { createOutput } from '../../../src/cli/output';
import { planDigest } from '../../../src/definition/digest';
import { firstDays } from './shop-rows';
import { openShops, shopPlan, type ShopBench } from './shops';

const DAYS = firstDays(5);
let shops: ShopBench;
let modelsDir: string;
const folders: string[] = [];
beforeAll(async () => {
  shops = await openShops();
  write(JSON.stringify(shopPlan()));
});
afterAll(async () => {
  await shops.close();
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** In a folder of its own, because a process loads a module once. */
function write(definition: string): void {
  folders.push((modelsDir = mkdtempSync(join(tmpdir(), 'understudy-models-'))));
  mkdirSync(join(modelsDir, 'shops'), { recursive: true });
  writeFileSync(
    join(modelsDir, 'shops', 'model.ts'),
    `import { defineModel } from 'understudy';\nexport default defineModel(${definition} as Parameters<typeof defineModel>[0]);\n`,
  );
}

async function run(command: Command, options: Record<string, string | boolean> = {}, json = true) {
  let text = '';
  let code = 0;
  const stream = { write: (more: string) => (text += more) };
  // The two commands need no more of it.
  const context = {
    output: createOutput({ stdout: stream, stderr: stream }, json),
    ...{ modelsDir, packageRoot: '', user: null },
    stores: async () => shops.stores,
    features: async () => createFeatureReports(shops.stores),
    setExitCode: (next: number) => void (code = next),
  } satisfies Partial<CliContext> as unknown as CliContext;
  await command.run(context, { arguments: { model: 'shops' }, options, raw: [] });
  return { text, code, document: (json ? JSON.parse(text) : {}) as Record<string, unknown> };
}

it('shows all that is to be done, then what is left, and --check tells a script', async () => {
  const range = { from: DAYS[0]!, to: DAYS.at(-1)! };
  const first = await run(plan, { ...range, check: true });
  expect(first.code).toBe(4);
  expect(first.document).toMatchObject({
    model: 'shops',
    deployed: false,
    from: range.from,
    to: range.to,
    anything: true,
  });
  expect((await run(plan, range)).code).toBe(0);

  await shops.acceptDays('shops', DAYS);
  await shops.featurize(shopPlan(), DAYS);
  await shops.stores.definitions.save(planDigest(shopPlan()), shopPlan(), 'commit');
  await shops.stores.definitions.setCurrent('shops', 'simulated', planDigest(shopPlan()));
  const done = await run(plan, { check: true }, false);
  expect(done.code).toBe(0);
  // Without --to the range ends with the newest stored day.
  expect(done.text).toContain('shops, 2013-01-01 to 2013-01-05: 0 fields differ from the deployed definition.');
  expect(done.text).toContain('Nothing would be ingested or computed.');

  write(JSON.stringify(shopPlan()).replace('avg(late)', 'max(late)'));
  const edited = await run(plan, {}, false);
  expect(edited.text).toContain('1 fields differ from the deployed definition: features.past.sql.');
  expect(edited.text).toMatch(/past +│ changed +│ – +│ 5 \(30\) +│ – +│ 5 \(30\)/);
  expect(edited.text).toMatch(/order +│ unchanged +│ 1 +│ – +│ 5 \(30\) +│ –/);
  await expect(run(plan, { from: '2013-02-01', to: '2013-01-01' })).rejects.toMatchObject({ code: 'USAGE' });
});

it('lists the views with version, owner, inputs and stored days', async () => {
  const { text } = await run(views, {}, false);
  expect(text).toMatch(/past +│ 1 +│ ops +│ orders \(0\), results \(3\) +│ 1 +│ 5 +│ 30 +│ –/);
  expect(text).toContain('past: Mean lateness of the shop on the last three days.');
  expect((await run(views)).document).toMatchObject({
    model: 'shops',
    views: [{ name: 'trend', version: 1 }, {}, {}, {}],
  });
});
