// Whether a version can serve at all, looked at before the champion pointer moves to it.
import type { ModelVersion } from '../domain/lifecycle/registry';
import type { ArtifactStore } from '../ports/artifacts';

/** The activities that move the pointer have 5 s; a model that takes longer to fetch is looked at by serving alone. */
const LOOK_WITHIN_MS = 3_000;

/**
 * Reads model and signature and compares their digests. Fails with ARTIFACT_MISSING or ARTIFACT_CORRUPT, naming the artifact, and as the
 * store does when it does not answer. A store that needs more than 3 s passes: what it gives is checked again where it is loaded.
 */
export async function requireServable(
  artifacts: Pick<ArtifactStore, 'localPath'>,
  { onnx, signature }: Pick<ModelVersion, 'onnx' | 'signature'>,
): Promise<void> {
  const look = Promise.all([onnx, signature].map((ref) => artifacts.localPath(ref)));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, LOOK_WITHIN_MS)));
  try {
    await Promise.race([look, late]);
  } finally {
    clearTimeout(timer);
    // One that fails after its time is nobody's failure any more.
    look.catch(() => undefined);
  }
}
