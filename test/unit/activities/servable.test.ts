// A version whose files are broken never becomes champion.
import { mkdtempSync, readdirSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireServable } from '../../../src/activities/servable';
import { createFileArtifactStore } from '../../../src/stores/artifacts/artifacts-file';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-servable-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The one file of the store with this digest in its name. */
function pathOf(sha256: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return join(
    folder,
    names.find((name) => name.endsWith(sha256) || name.replaceAll('/', '').endsWith(sha256))!,
  );
}

it('passes what has its digest, and refuses what is damaged or gone by its code', async () => {
  const artifacts = createFileArtifactStore(folder);
  const onnx = await artifacts.put(Buffer.from('model'), 'application/octet-stream');
  const signature = await artifacts.put(Buffer.from('{}'), 'application/json');
  await requireServable(artifacts, { onnx, signature });
  chmodSync(pathOf(onnx.sha256), 0o644);
  writeFileSync(pathOf(onnx.sha256), 'other');
  await expect(requireServable(artifacts, { onnx, signature })).rejects.toMatchObject({ code: 'ARTIFACT_CORRUPT' });
  rmSync(pathOf(onnx.sha256));
  await expect(requireServable(artifacts, { onnx, signature })).rejects.toMatchObject({ code: 'ARTIFACT_MISSING' });
});
