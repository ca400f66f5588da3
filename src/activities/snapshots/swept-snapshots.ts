// Snapshots whose rows retention has taken: written down when it happens, and told when somebody asks for the rows.
import type { IsoTimestamp } from '../../domain/days';
import { UnderstudyError } from '../../domain/failures';
import type { SnapshotRef } from '../../domain/data/partitions';
import type { GoneDecision } from '../../ports/decision-reports';
import type { Stores } from '../../ports/stores';
import { digestOf } from '../digest';
import type { FeatureDependencies } from '../features/featurize';

/** The action of the audit entry that names the snapshots of a model that one retention has swept. */
export const SNAPSHOTS_SWEPT = 'snapshots.swept';

/** Ten years of weekly retention are among so many entries of most models. */
const MOST_ENTRIES = 10_000;

/** Writes down, for each model, which of its snapshots lose a matrix with these artifacts. To be called before they are deleted. */
export async function recordSwept(
  { definitions, features, ledger, audit }: Pick<Stores, 'definitions' | 'features' | 'ledger' | 'audit'>,
  doomed: readonly { readonly sha256: string }[],
  asOf: IsoTimestamp,
): Promise<void> {
  const digests = new Set(doomed.map(({ sha256 }) => sha256));
  for (const model of await definitions.models()) {
    const found = (await features.snapshots(model)).filter(({ snapshot }) =>
      matricesOf(snapshot).some(({ sha256 }) => digests.has(sha256)),
    );
    if (found.length === 0) continue;
    const snapshots = found.map(({ snapshot }) => snapshot.id).sort();
    const entry = { model, asOf, by: 'retention', action: SNAPSHOTS_SWEPT, subject: model, details: { snapshots } };
    // Once: an attempt that died while it was deleting has written it already.
    const digest = digestOf(snapshots);
    await ledger.once(`swept/${model}/${asOf}/${digest}`, digest, async (tx) => {
      await audit.add(tx, entry);
      return {};
    });
  }
}

/**
 * What to say of a snapshot whose rows are gone; null: they are there.
 * @throws UnderstudyError `ARTIFACT_MISSING` where they are gone although retention keeps them: that is a loss and not a sweep.
 */
export async function goneRows(
  { stores, artifacts }: Pick<FeatureDependencies, 'stores' | 'artifacts'>,
  model: string,
  snapshot: SnapshotRef,
): Promise<GoneDecision['gone'] | null> {
  const there = await Promise.all(matricesOf(snapshot).map(({ sha256 }) => artifacts.has(sha256)));
  if (there.every(Boolean)) return null;
  const entry = (await stores.audit.list(model, MOST_ENTRIES)).find(
    ({ action, details }) => action === SNAPSHOTS_SWEPT && listed(details['snapshots']).includes(snapshot.id),
  );
  const kept = (await stores.registry.list(model)).some(
    ({ state, lineage }) => state !== 'deleted' && lineage.snapshot === snapshot.id,
  );
  if (!entry && kept)
    throw new UnderstudyError('ARTIFACT_MISSING', `matrices of snapshot ${snapshot.id} are gone, and not by retention`);
  const when = entry ? `by the retention of ${entry.asOf}` : 'by retention, before such sweeps were recorded';
  const message =
    `The rows of snapshot ${snapshot.id} were swept ${when}, so this decision cannot be made again; its record stays, ` +
    'with every gate, number, interval and threshold above, and the predictions behind them.';
  return { snapshot: snapshot.id, sweptAt: entry?.asOf ?? null, message };
}

function matricesOf({ train, holdout, truth, signature }: SnapshotRef): SnapshotRef['train'][] {
  return [train, holdout, truth, signature];
}

function listed(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
