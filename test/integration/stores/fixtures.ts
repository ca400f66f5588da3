// Records for the tests of the stores: complete, small, and each with digests of its own.
import { createHash } from 'node:crypto';
import { artifactUri, type ArtifactRef } from '../../../src/domain/data/artifacts';
import type { Decision, Evaluation, MetricSet } from '../../../src/domain/evaluation/evaluation';
import type { SnapshotRef } from '../../../src/domain/data/partitions';
import type { Alert, ModelVersion, PromotionRequest } from '../../../src/domain/lifecycle/registry';
import type { Stores } from '../../../src/ports/stores';

export const AS_OF = '2013-03-04T05:00:00.000Z';

export function sha(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function artifact(text: string): ArtifactRef {
  return { uri: artifactUri(sha(text)), sha256: sha(text), bytes: text.length, mediaType: 'text/plain' };
}

export function snapshot(id: string): SnapshotRef {
  const role = (name: string) => artifact(`${id} ${name}`);
  return {
    id,
    manifest: role('manifest'),
    train: role('train'),
    holdout: role('holdout'),
    truth: role('truth'),
    signature: role('signature'),
    trainDays: { from: '2013-01-01', to: '2013-02-10', count: 37 },
    holdoutDays: { from: '2013-02-11', to: '2013-02-24', count: 13 },
    truthDays: { count: 5 },
  };
}

export function candidate(
  model: string,
  name: string,
  logicalTime = '2013-03-04',
): Omit<ModelVersion, 'version' | 'state' | 'createdAt'> {
  const part = (kind: string) => artifact(`${model} ${name} ${kind}`);
  return {
    model,
    contender: 'gbm',
    onnx: part('onnx'),
    signature: part('signature'),
    training: {
      onnx: part('onnx'),
      native: part('native'),
      parity: part('parity'),
      report: part('report'),
      rows: 1000,
      iterations: 50,
      seconds: 1.5,
      peakMemoryMiB: 80,
      libraries: { lightgbm: '4.7.0' },
    },
    lineage: {
      codeCommit: 'abc',
      definitionDigest: sha('definition'),
      cycle: `cycle/${model}/${logicalTime}`,
      logicalTime,
      snapshot: `snapshot-${name}`,
      trainer: 'lightgbm',
      params: { num_leaves: 31, learning_rate: 0.1 },
      seed: 1,
      threads: 1,
      libraries: { lightgbm: '4.7.0' },
      parent: null,
    },
  };
}

export function alert(model: string, key: string): Alert {
  return { key, model, severity: 'info', event: 'champion.moved', what: 'What', why: 'Why', command: '', asOf: AS_OF };
}

/** Saves candidates one after the other; their numbers are 1, 2, … for a new model. */
export async function saveCandidates(stores: Stores, model: string, count: number): Promise<void> {
  for (let n = 1; n <= count; n++)
    await stores.transaction((tx) => stores.registry.saveCandidate(tx, candidate(model, String(n))));
}

/** Moves the pointer in a transaction of its own. */
export function move(
  stores: Stores,
  model: string,
  request: Pick<PromotionRequest, 'version' | 'expectedEpoch' | 'why'> & Partial<PromotionRequest>,
) {
  const full: PromotionRequest = { model, by: 'ann', reason: 'test', asOf: AS_OF, ...request };
  return stores.transaction((tx) =>
    stores.registry.move(tx, full, alert(model, `moved/${model}/${full.expectedEpoch + 1}`)),
  );
}

const metrics: MetricSet = {
  n: 10,
  days: 2,
  positives: 3,
  metrics: { log_loss: { value: 0.5, low: null, high: null } },
};

export function evaluation(version: number, snapshotId: string): Evaluation {
  return {
    version,
    contender: 'gbm',
    snapshot: snapshotId,
    holdout: metrics,
    truth: metrics,
    slices: [],
    baseRate: { rate: 0.3, holdoutLogLoss: 0.6, truthLogLoss: 0.61 },
    predictions: {
      holdout: artifact(`p ${version} ${snapshotId} holdout`),
      truth: artifact(`p ${version} ${snapshotId} truth`),
    },
  };
}

export function decision(model: string, cycle: string, version: number | null): Decision {
  return {
    digest: sha(`decision ${cycle}`),
    model,
    cycle,
    logicalTime: '2013-03-04',
    snapshot: 'snapshot-1',
    definitionDigest: sha('definition'),
    champion: null,
    verdict: version === null ? 'reject' : 'promote',
    proposed: version === null ? null : { version, contender: 'gbm', kind: 'first' },
    candidates: [],
    reasons: ['because'],
  };
}
