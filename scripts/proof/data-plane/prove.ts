// The proof of the data plane: random sequences for a while, and a kill before every write of each scene; written to proof/data-plane.json.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { openGround, type OpenGround } from './place/ground';
import { doomedWorkers, playKilled, playUndisturbed, type KillResult } from './kills/kills';
import { startProofPostgres } from './place/postgres';
import { SCENES } from './kills/scenes';
import { describeFailure, liveSequences, type SequencesResult } from './sequences/sequences';

/** What to prove, and how long. */
export interface DataPlaneRequest {
  readonly packageRoot: string;
  readonly commit: string;
  readonly seed: number;
  /** Most sequences. */
  readonly sequences: number;
  /** No sequence is begun after so many minutes. */
  readonly minutes: number;
  readonly say: (line: string) => void;
}

interface SceneResult {
  readonly scene: string;
  readonly writes: readonly string[];
  readonly kills: number;
  readonly wrong: readonly KillResult[];
}

const SAY_EVERY = 100;

/** Runs the proof; gives whether nothing was wrong. The file is written after each part, so that an interrupted proof leaves what it has shown. */
export async function proveDataPlane(request: DataPlaneRequest): Promise<boolean> {
  const { packageRoot, commit, seed, say } = request;
  const file = join(packageRoot, 'proof', 'data-plane.json');
  const scenes: SceneResult[] = [];
  let sequences: SequencesResult | null = null;
  const write = (): void => {
    const head = { commit, seed, cores: cpus().length };
    const kills = scenes.reduce((sum, scene) => sum + scene.kills, 0);
    const wrong = scenes.reduce((sum, scene) => sum + scene.wrong.length, 0);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify({ ...head, sequences, kills: { kills, wrong, scenes } }, null, 2)}\n`);
  };
  const postgres = await startProofPostgres(packageRoot);
  try {
    const databases = [await postgres.createDatabase('live'), await postgres.createDatabase('scratch')] as const;
    const ground = await openGround(packageRoot, databases);
    try {
      await killAll(ground, say, (scene) => {
        scenes.push(scene);
        write();
      });
      sequences = await proveSequences(ground, request);
      write();
    } finally {
      await ground.close();
    }
  } finally {
    await postgres.stop();
  }
  say(`data plane: written to ${file}`);
  return sequences.failure === null && scenes.every(({ wrong }) => wrong.length === 0);
}

async function proveSequences(ground: OpenGround, request: DataPlaneRequest): Promise<SequencesResult> {
  const { seed, say } = request;
  say(`data plane: at most ${request.sequences} sequences or ${request.minutes} minutes, seed ${seed}`);
  const result = await liveSequences(ground, {
    seed,
    sequences: request.sequences,
    withinMs: request.minutes * 60_000,
    onSequence: (lived) => lived % SAY_EVERY === 0 && say(`${lived} sequences`),
  });
  say(`${result.sequences} sequences, ${result.steps} steps, ${result.deaths} deaths: ${describeFailure(result)}`);
  return result;
}

/** Each scene with a kill before each of its writes, and one after the last. */
async function killAll(
  ground: OpenGround,
  say: (line: string) => void,
  done: (scene: SceneResult) => void,
): Promise<void> {
  const workers = doomedWorkers();
  try {
    for (const scene of SCENES) {
      const undisturbed = await playUndisturbed(ground, workers, scene);
      const { writes } = undisturbed;
      const wrong: KillResult[] = [];
      for (let dieBefore = 1; dieBefore <= writes.length + 1; dieBefore++) {
        const result = await playKilled(ground, undisturbed, dieBefore);
        if (result.problems.length === 0) continue;
        wrong.push(result);
        say(`${scene.name}, killed before write ${dieBefore} (${result.write}): WRONG: ${result.problems.join('; ')}`);
      }
      say(
        `${scene.name}: killed before each of ${writes.length} writes and after the last, ${wrong.length} with problems`,
      );
      done({ scene: scene.name, writes, kills: writes.length + 1, wrong });
    }
  } finally {
    workers.close();
  }
}
