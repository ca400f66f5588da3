// The file of a contender's training hook, when it is the source that was deployed.
import { join } from 'node:path';
import { hookDigest } from '../../definition/contenders/hook-source';
import { UnderstudyError } from '../../domain/failures';
import type { TrainRequest } from '../../domain/training/training';

/** Fails with TRAINING_FAILED when the file, or one that it imports, is not what the definition's digest says. */
export function deployedHook(modelsFolder: string, request: TrainRequest): string {
  const { model, hook = '', functionDigest } = request;
  const folder = join(modelsFolder, request.folder ?? request.model);
  let found: string;
  try {
    found = hookDigest(folder, hook);
  } catch (error) {
    throw new UnderstudyError(
      'TRAINING_FAILED',
      `${join(folder, hook)} cannot be read on the machine that trains: ${(error as Error).message}`,
      { file: hook },
      { cause: error },
    );
  }
  if (functionDigest !== undefined && found !== functionDigest) {
    throw new UnderstudyError(
      'TRAINING_FAILED',
      `${join(folder, hook)}: the source has changed since the definition was deployed; run: npx understudy deploy ${model}`,
      { file: hook, found, deployed: functionDigest },
    );
  }
  return join(folder, hook);
}
