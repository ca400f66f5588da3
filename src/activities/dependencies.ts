// What activities are given: ports and engines, made by the composition root. No activity reads the environment or a clock of its own.
import type { Engine } from '../data/engine';
import type { ArtifactStore } from '../ports/artifacts';
import type { LifecycleGateway } from '../ports/lifecycle-gateway';
import type { Stores } from '../ports/stores';

export interface ControlDependencies {
  readonly stores: Stores;
  readonly gateway: LifecycleGateway;
  /** Where models lie: a version whose file is broken never becomes champion. */
  readonly artifacts: Pick<ArtifactStore, 'localPath'>;
  /** Base address of the serving process, such as `http://127.0.0.1:8600`. */
  readonly servingUrl: string;
}

export interface DataDependencies {
  readonly stores: Stores;
  readonly artifacts: ArtifactStore;
  readonly engine: Engine;
  /** Folder with one folder per model; source paths are relative to the model's. */
  readonly modelsFolder: string;
  /** Addresses of databases that are sources, by the variable (`SOURCE_…`) that a plan names. Default: none. */
  readonly sourceConnections?: Readonly<Record<string, string>>;
  /** The S3-compatible store of `s3://` sources. Default: AWS, as its SDK finds it. */
  readonly sourceS3?: { readonly endpoint?: string; readonly region?: string };
  readonly servingUrl: string;
  readonly trainingThreads: number;
  /** Artifacts younger than this are never swept: work in flight may not have recorded them yet. */
  readonly sweepGraceMs: number;
}
