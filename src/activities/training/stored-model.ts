// The stored files of a version: what lies under their digests, and the files that a training has put back.
// Invariant: nothing is removed but bytes that are not what their digest says, and only where a repair was asked for.
import { digestOf } from '../digest';
import type { ModelVersion } from '../../domain/lifecycle/registry';
import { failureCodeOf } from '../../domain/failures';
import type { StoredFile, StoredPart } from '../../domain/training/reproduction';
import type { TrainResult } from '../../domain/training/training';
import type { DataDependencies } from '../dependencies';

type Stored = Pick<DataDependencies, 'stores' | 'artifacts'>;

/** Looks at every byte of native model, ONNX and parity sample. `repair`: damaged ones are removed, because what exists is not written again. */
export async function lookAtStored(
  { artifacts }: Stored,
  { onnx, training }: ModelVersion,
  repair: boolean,
): Promise<StoredPart[]> {
  const parts = [];
  for (const [what, { sha256 }] of [
    ['native', training.native],
    ['onnx', onnx],
    ['parity', training.parity],
  ] as const) {
    const state = await stateOf(artifacts, sha256);
    if (repair && state === 'damaged') await artifacts.delete(sha256);
    parts.push({ what, sha256, state });
  }
  return parts;
}

/** What has become of them after a training, with an audit entry for those that are whole again. `asOf`: of the training. */
export async function storedAfter(
  { artifacts, stores }: Stored,
  { model, version }: ModelVersion,
  {
    before,
    result,
    by,
    asOf,
  }: {
    readonly before: readonly StoredPart[];
    readonly result: TrainResult;
    readonly by: string;
    readonly asOf: string;
  },
): Promise<StoredFile[]> {
  const files: StoredFile[] = [];
  for (const part of before) {
    const now = part.state === 'intact' ? part.state : await stateOf(artifacts, part.sha256);
    const repaired = part.state !== 'intact' && now === 'intact' && result[part.what].sha256 === part.sha256;
    files.push({ ...part, now, repaired });
  }
  const back = files
    .filter(({ repaired }) => repaired)
    .map(({ what, sha256, state }) => ({ what, sha256, was: state }));
  if (back.length > 0) {
    const entry = {
      model,
      asOf,
      by,
      action: 'artifacts.repaired',
      subject: `${model}@${version}`,
      details: { files: back },
    };
    await stores.ledger.once(`repaired/${model}/${version}/${asOf}`, digestOf(back), (tx) =>
      stores.audit.add(tx, entry),
    );
  }
  return files;
}

async function stateOf(artifacts: Stored['artifacts'], sha256: string): Promise<StoredPart['state']> {
  try {
    await artifacts.localPath({ sha256 });
    return 'intact';
  } catch (error) {
    const code = failureCodeOf(error);
    if (code === 'ARTIFACT_CORRUPT') return 'damaged';
    if (code === 'ARTIFACT_MISSING') return 'missing';
    throw error;
  }
}
