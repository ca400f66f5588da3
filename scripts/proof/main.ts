// `npm run proof`: kills every process in every step of a life, and writes what came of it to proof/kills.json, with commit and seed.
// Options: --seed N, --process NAME and --step NAME (each may be repeated) for a part of the matrix. Exit code 1 when anything is wrong.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { codeCommit } from '../../src/definition/code-commit';
import { liveUndisturbed, openProvingGround, STEPS, type Kill, type KillResult } from './kills';
import { seededRandom } from './seeded';
import { packageRootOf, PROCESSES, stopStacksOnSignals } from './stack-process';

const DEFAULT_SEED = 20130101;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(DEFAULT_SEED) },
      process: { type: 'string', multiple: true, default: [...PROCESSES] },
      step: { type: 'string', multiple: true, default: [...STEPS] },
    },
  });
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(seed)) throw new Error(`--seed: found "${values.seed}", allowed is a whole number`);
  refuseUnknown('--process', values.process, PROCESSES);
  refuseUnknown('--step', values.step, STEPS);
  const kills = matrixOf(seed).filter(
    ({ process, step }) => values.process.includes(process) && values.step.includes(step),
  );
  const packageRoot = packageRootOf(__dirname);
  const commit = await codeCommit(packageRoot);
  const file = join(packageRoot, 'proof', 'kills.json');
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  say(`${kills.length} kills, seed ${seed}`);
  const ground = await openProvingGround(packageRoot);
  const results: KillResult[] = [];
  try {
    const undisturbed = await liveUndisturbed(ground, 'undisturbed');
    say(`undisturbed: champion ${undisturbed.effects.champion}, ${undisturbed.effects.ledger.length} effects`);
    for (const [at, kill] of kills.entries()) {
      const result = await ground.liveThrough(`life-${at + 1}`, undisturbed, kill);
      results.push(result);
      say(`${String(at + 1).padStart(3)}/${kills.length} ${sentenceOf(result)}`);
      const { effects, stepMs } = undisturbed;
      const wrong = results.filter(({ problems }) => problems.length > 0).length;
      const head = {
        commit,
        seed,
        cores: cpus().length,
        kills: results.length,
        planned: kills.length,
        wrong,
      };
      // After each life, so that an interrupted proof leaves what it has shown so far.
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${JSON.stringify({ ...head, undisturbed: { effects, stepMs }, results }, null, 2)}\n`);
    }
  } finally {
    await ground.close();
  }
  const wrong = results.filter(({ problems }) => problems.length > 0).length;
  say(`${results.length} kills, ${wrong} with problems; written to ${file}`);
  return wrong === 0 ? 0 : 1;
}

/** Each process in each step; processes alternate, so that each has run for a while when it is killed again. */
function matrixOf(seed: number): Kill[] {
  const random = seededRandom(seed);
  return STEPS.flatMap((step) => PROCESSES.map((process) => ({ process, step, share: random() })));
}

function sentenceOf({ process, step, hit, seconds, secondsAfterKill, problems }: KillResult): string {
  const under = hit.length > 0 ? `under way: ${hit.join(', ')}` : 'between two activities';
  const verdict = problems.length === 0 ? 'same effects' : `WRONG: ${problems.join('; ')}`;
  return `${process} killed in ${step} (${under}): at rest ${secondsAfterKill.toFixed(1)} s later, ${seconds.toFixed(1)} s in all; ${verdict}`;
}

function refuseUnknown(option: string, found: readonly string[], allowed: readonly string[]): void {
  const unknown = found.find((name) => !allowed.includes(name));
  if (unknown !== undefined) throw new Error(`${option}: found "${unknown}", allowed: ${allowed.join(', ')}`);
}

stopStacksOnSignals();
main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${(error as Error).stack}\n`);
    process.exit(1);
  },
);
