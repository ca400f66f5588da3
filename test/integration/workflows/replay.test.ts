// The replay gate (invariant 10): runs that were saved on a release go on with the workflows of now, and a change of their steps is found.
// When it fails: guard the change with `patched` (CONTRIBUTING.md); never save the histories again to make it pass.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, Worker, type ReplayWorkerOptions } from '@temporalio/worker';
import * as workflows from '../../../src/workflows';
import type { SavedHistory } from '../../setup/histories';
import { bundlePath } from '../../setup/product';
import { quietTemporal } from '../../setup/quiet-temporal';

const FOLDER = join(__dirname, '../../histories');
const MOST_BYTES = 1_300_000;

const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
const saved = files.map((name) => ({
  name,
  ...(JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as SavedHistory),
}));

/** Replays all of them; gives those that failed, with their error. */
async function failures(bundle: ReplayWorkerOptions['workflowBundle']): Promise<Map<string, Error>> {
  const failed = new Map<string, Error>();
  let at = 0;
  const options = { workflowBundle: bundle! };
  const histories = saved.map(({ workflowId, history }) => ({ workflowId, history }));
  for await (const { error } of Worker.runReplayHistories(options, histories)) {
    if (error) failed.set(saved[at]!.name, error);
    at++;
  }
  expect(at).toBe(saved.length);
  return failed;
}

beforeAll(quietTemporal);

describe('replay', () => {
  it('goes on with every saved history', async () => {
    const failed = await failures({ codePath: bundlePath() });
    expect([...failed].map(([name, { message }]) => `${name}: ${message}`)).toEqual([]);
  });

  it('has histories of every workflow type, small enough for the repository', () => {
    expect([...new Set(saved.map(({ type }) => type))].sort()).toEqual(Object.keys(workflows).sort());
    const bytes = files.reduce((sum, name) => sum + readFileSync(join(FOLDER, name)).length, 0);
    expect(bytes).toBeLessThan(MOST_BYTES);
  });

  it('has histories with every message, a new run of the entity, failures, and children of every kind', () => {
    const text = JSON.stringify(saved);
    const updates = [
      'quarantine',
      'tick',
      'retrain',
      'ingest',
      'backfill',
      'decide',
      'promote',
      'rollback',
      'pause',
      'resume',
      'configure',
    ];
    for (const name of updates) expect(text).toContain(`"name":"${name}"`);
    for (const name of ['approve', 'dataArrived', 'childFinished', 'continueAsNew'])
      expect(text).toContain(`"signalName":"${name}"`);
    for (const type of ['CONTINUED_AS_NEW', 'TIMER_FIRED', 'ACTIVITY_TASK_FAILED', 'CHILD_WORKFLOW_EXECUTION_FAILED'])
      expect(text).toContain(type);
  });

  it('fails on every history when a step is put before the first one of its workflow', async () => {
    const silent = new DefaultLogger('ERROR', () => undefined);
    const bundle = await bundleWorkflowCode({
      workflowsPath: join(__dirname, 'changed-workflows.ts'),
      payloadConverterPath: join(__dirname, '../../../src/workflows/payload-converter.ts'),
      logger: silent,
    });
    const failed = await failures(bundle);
    expect([...failed.keys()].sort()).toEqual([...files].sort());
    const others = [...failed].filter(([, { name }]) => name !== 'DeterminismViolationError');
    expect(others.map(([file, { name, message }]) => `${file}: ${name}: ${message}`)).toEqual([]);
  });
});
