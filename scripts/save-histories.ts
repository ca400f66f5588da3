// Saves histories for the replay test: runs the tests of whole lifecycles and trainings on the test servers, then keeps a small set of runs that covers every step that
// any run has taken. Run it for a release, never to make a failing replay pass:
//   npx tsx scripts/save-histories.ts [jest options; default: --selectProjects integration long]
//   npx tsx scripts/save-histories.ts --from FOLDER    (where tests were run with UNDERSTUDY_SAVE_HISTORIES=FOLDER)
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

type Event = Readonly<Record<string, unknown>>;
interface Saved {
  readonly workflowId: string;
  readonly type: string;
  readonly history: { readonly events: readonly Event[] };
}
interface Candidate extends Saved {
  readonly text: string;
  readonly steps: ReadonlySet<string>;
}

const ROOT = resolve(__dirname, '..');
const TARGET = join(ROOT, 'test', 'histories');
/** What a workflow gave away is not compared by a replay and is the larger part of a history; sticky queues name a machine. */
const LEFT_OUT_OF: Readonly<Record<string, readonly string[]>> = {
  activityTaskScheduledEventAttributes: ['input', 'header', 'taskQueue'],
  startChildWorkflowExecutionInitiatedEventAttributes: ['input', 'header', 'taskQueue'],
  workflowExecutionContinuedAsNewEventAttributes: ['input', 'header'],
  upsertWorkflowSearchAttributesEventAttributes: ['searchAttributes'],
  workflowTaskScheduledEventAttributes: ['taskQueue', 'startToCloseTimeout'],
};
/** Tests that between them take every branch of the workflows. */
const TESTS = ['test/integration/lifecycle', 'test/integration/experiments', 'test/long'];
/** All saved histories together: small enough for the repository. */
const MOST_BYTES = 1_200_000;
/** No part of what is replayed: who worked on a task (it names a machine), and how the server is to run an activity. */
const LEFT_OUT = new Set([
  'identity',
  'workerVersion',
  'meteringMetadata',
  'taskId',
  'requestId',
  'retryPolicy',
  'namespace',
  'namespaceId',
  'historySizeBytes',
  'stackTrace',
]);

function main(): void {
  const [first, from] = process.argv.slice(2);
  if (first === '--from' && from !== undefined) return keepOf(resolve(from));
  const folder = mkdtempSync(join(tmpdir(), 'understudy-histories-'));
  try {
    const options = process.argv.length > 2 ? process.argv.slice(2) : ['--selectProjects', 'integration', 'long'];
    const jest = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
    const { status } = spawnSync(process.execPath, [jest, ...TESTS, ...options], {
      cwd: ROOT,
      stdio: 'inherit',
      env: { ...process.env, UNDERSTUDY_SAVE_HISTORIES: folder },
    });
    if (status !== 0) throw new Error('a test failed: no history was saved');
    keepOf(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function keepOf(folder: string): void {
  const all = readdirSync(folder).map((name) => candidate(join(folder, name)));
  const kept = choose(all);
  rmSync(TARGET, { recursive: true, force: true });
  mkdirSync(TARGET, { recursive: true });
  for (const { type, workflowId, text } of kept) writeFileSync(freeName(type, workflowId), text);
  report(kept, all);
}

function report(kept: readonly Candidate[], all: readonly Candidate[]): void {
  const covered = (runs: readonly Candidate[]): number => new Set(runs.flatMap(({ steps }) => [...steps])).size;
  const kib = Math.round(kept.reduce((sum, { text }) => sum + text.length, 0) / 1024);
  process.stdout.write(
    `${kept.length} of ${all.length} runs, ${kib} KiB, in test/histories: ${covered(kept)} of ${covered(all)} pairs of steps\n`,
  );
}

function freeName(type: string, workflowId: string): string {
  const base = `${type}.${workflowId
    .replace(/^\w+\//, '')
    .replaceAll(/[^a-zA-Z0-9-]+/g, '_')
    .slice(0, 40)}`;
  const taken = new Set(readdirSync(TARGET));
  for (let n = 1; ; n++) {
    const name = `${base}${n > 1 ? `.${n}` : ''}.json`;
    if (!taken.has(name)) return join(TARGET, name);
  }
}

function candidate(path: string): Candidate {
  const saved = JSON.parse(readFileSync(path, 'utf8')) as Saved;
  const text = `${JSON.stringify(saved, (name, value: unknown) => {
    const without = LEFT_OUT_OF[name];
    if (without)
      return Object.fromEntries(Object.entries(value as object).filter(([field]) => !without.includes(field)));
    return LEFT_OUT.has(name) ? undefined : value;
  })}\n`;
  return { ...saved, text, steps: stepsOf(saved) };
}

/** What a run covers: each pair of steps that followed each other, so that a branch counts and a repetition does not. */
function stepsOf({ type, history }: Saved): Set<string> {
  const steps = new Set<string>();
  let before = 'start';
  for (const event of history.events) {
    const step = labelOf(event);
    if (step === undefined) continue;
    steps.add(`${type}: ${before} > ${step}`);
    before = step;
  }
  return steps;
}

/** Only events that workflow code causes or sees. */
function labelOf(event: Event): string | undefined {
  const kind = String(event['eventType']).replace('EVENT_TYPE_', '');
  if (/WORKFLOW_TASK|ACTIVITY_TASK_STARTED|UPDATE_ADMITTED/.test(kind)) return undefined;
  const attributes = Object.entries(event).find(([name]) => name.endsWith('EventAttributes'))?.[1];
  const names = /"(?:activityType|workflowType)":\{"name":"(\w+)"|"signalName":"(\w+)"|"name":"(\w+)"/.exec(
    JSON.stringify(attributes ?? {}),
  );
  return `${kind} ${names?.[1] ?? names?.[2] ?? names?.[3] ?? ''}`;
}

/** Greedy: again and again the run that adds most new steps for its size. */
function choose(candidates: readonly Candidate[]): Candidate[] {
  const kept: Candidate[] = [];
  const covered = new Set<string>();
  const open = new Set(candidates);
  let bytes = 0;
  for (;;) {
    let best: { candidate: Candidate; worth: number } | undefined;
    for (const one of open) {
      const added = [...one.steps].filter((step) => !covered.has(step)).length;
      if (added === 0 || bytes + one.text.length > MOST_BYTES) open.delete(one);
      else if (added / one.text.length > (best?.worth ?? 0)) best = { candidate: one, worth: added / one.text.length };
    }
    if (!best) return kept;
    kept.push(best.candidate);
    open.delete(best.candidate);
    bytes += best.candidate.text.length;
    for (const step of best.candidate.steps) covered.add(step);
  }
}

main();
