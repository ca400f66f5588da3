// `npm run proof`: kills every process in every step of a life (proof/kills.json), lives through random sequences of arrivals and crashes on the
// data plane (proof/data-plane.json), simulates decisions on real days to see how often the gates are right (proof/statistics.json), and trains on the
// reference's rows to see that models are as good as the reference's (proof/baselines.json); each file has commit and, where chance takes part, seed.
// Options: --only kills|data|statistics|baselines, --seed N; of kills: --process NAME and --step NAME
// (each may be repeated) for a part of the matrix; of data: --sequences N, --minutes N. Exit code 1 when anything is wrong.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { codeCommit } from '../../src/definition/code-commit';
import { proveBaselines } from './baselines/prove';
import { proveDataPlane } from './data-plane/prove';
import { liveUndisturbed, openProvingGround, STEPS, type Kill, type KillResult } from './kills';
import { randomNumbers } from '../../src/domain/random';
import { packageRootOf, PROCESSES, stopStacksOnSignals } from './stack-process';
import { proveStatistics } from './statistics/prove';

const DEFAULT_SEED = 20130101;
const PARTS = ['statistics', 'baselines', 'kills', 'data'] as const;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [...PARTS] },
      seed: { type: 'string', default: String(DEFAULT_SEED) },
      sequences: { type: 'string', default: '5000' },
      minutes: { type: 'string', default: '15' },
      process: { type: 'string', multiple: true, default: [...PROCESSES] },
      step: { type: 'string', multiple: true, default: [...STEPS] },
    },
  });
  const seed = wholeNumber('--seed', values.seed);
  const [sequences, minutes] = [wholeNumber('--sequences', values.sequences), wholeNumber('--minutes', values.minutes)];
  refuseUnknown('--only', values.only, PARTS);
  refuseUnknown('--process', values.process, PROCESSES);
  refuseUnknown('--step', values.step, STEPS);
  const kills = matrixOf(seed).filter(
    ({ process, step }) => values.process.includes(process) && values.step.includes(step),
  );
  const packageRoot = packageRootOf(__dirname);
  const commit = await codeCommit(packageRoot);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  let good = true;
  if (values.only.includes('statistics')) good = proveStatistics({ packageRoot, commit, seed, say });
  if (values.only.includes('baselines')) good = (await proveBaselines({ packageRoot, commit, say })) && good;
  if (values.only.includes('data'))
    good = (await proveDataPlane({ packageRoot, commit, seed, sequences, minutes, say })) && good;
  if (values.only.includes('kills')) good = (await killStacks(packageRoot, commit, seed, kills, say)) && good;
  return good ? 0 : 1;
}

async function killStacks(
  packageRoot: string,
  commit: string,
  seed: number,
  kills: readonly Kill[],
  say: (line: string) => void,
): Promise<boolean> {
  const file = join(packageRoot, 'proof', 'kills.json');
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
  return wrong === 0;
}

function wholeNumber(option: string, found: string): number {
  const number = Number(found);
  if (!Number.isSafeInteger(number)) throw new Error(`${option}: found "${found}", allowed is a whole number`);
  return number;
}

/** Each process in each step; processes alternate, so that each has run for a while when it is killed again. */
function matrixOf(seed: number): Kill[] {
  const random = randomNumbers(seed);
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
