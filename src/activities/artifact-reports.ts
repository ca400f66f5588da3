// Reports that read the bytes of artifacts, for the command line: no worker is needed, and nothing is changed but by a repair.
import { exportQuarantine } from '../data/quarantine/export-rows';
import type { ArtifactReports } from '../ports/artifact-reports';
import { verifySnapshot, type VerifyDependencies } from './snapshots/verify-snapshot';

/** The reports on these stores, with an engine of the caller's. */
export function createArtifactReports(dependencies: VerifyDependencies): ArtifactReports {
  const { artifacts, engine } = dependencies;
  return {
    verifySnapshot: (model, snapshot, onProgress, repair) =>
      verifySnapshot(dependencies, model, snapshot, onProgress, repair),
    async exportQuarantine({ partitions, ...request }) {
      const files = [];
      for (const { partition, sha256 } of partitions) {
        files.push({ partition, path: await artifacts.localPath({ sha256 }) });
      }
      return exportQuarantine(engine, { ...request, files });
    },
  };
}
