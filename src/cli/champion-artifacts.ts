// Whether the artifact store has, unbroken, what the champions serve from: for `doctor`.
import { UnderstudyError } from '../domain/failures';
import type { ArtifactStore } from '../ports/artifacts';
import type { Stores } from '../ports/stores';

/**
 * Reads model and signature of each champion and compares their digests; resolves with a sentence for a person.
 * Fails as the store does, naming model and version.
 */
export async function championArtifacts(
  { definitions, registry }: Pick<Stores, 'definitions' | 'registry'>,
  artifacts: Pick<ArtifactStore, 'localPath'>,
): Promise<string> {
  const whole: string[] = [];
  for (const model of await definitions.models()) {
    const { version } = await registry.champion(model);
    if (version === null) continue;
    const { onnx, signature } = await registry.load(model, version);
    for (const ref of [onnx, signature]) {
      await artifacts.localPath(ref).catch((error: unknown) => {
        if (!(error instanceof UnderstudyError)) throw error;
        throw new UnderstudyError(error.code, `${model}@${version}: ${error.code}: ${error.message}`, error.details);
      });
    }
    whole.push(`${model}@${version}`);
  }
  return whole.length > 0 ? `whole: ${whole.join(', ')}` : 'no champion to look for';
}
