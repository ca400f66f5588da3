// Checks one delivery and stores what came of it, once: an accepted revision with its statistics, or a rejection, and in the same transaction
// the outcome of each check. The check itself runs before the transaction, because it may take minutes.
import { rm } from 'node:fs/promises';
import { checkPartition } from '../../data/check/check-partition';
import type { AcceptedCheck, CheckResult } from '../../data/check/check-request';
import { dataOwner } from '../../domain/data/data-owner';
import { MEDIA_TYPES, type ArtifactRef } from '../../domain/data/artifacts';
import type { ModelPlan } from '../../domain/plan/plan';
import { availableAt } from '../../domain/zones';
import type { Delivery, IngestResult, StepContext } from '../../ports/activities';
import type { Transaction } from '../../ports/stores';
import { createSurroundingsReader } from './check-surroundings';
import { createDeliveryStandings, type Terms } from '../deliveries/delivery-standing';
import type { DataDependencies } from '../dependencies';
import { digestOf } from '../digest';

/** What was found, with the accepted files already among the artifacts. */
type Judged =
  | { readonly checked: Extract<CheckResult, { verdict: 'rejected' }>; readonly comparedWith: string }
  | { readonly checked: AcceptedCheck; readonly data: ArtifactRef; readonly quarantine: ArtifactRef | null };

/**
 * Checks and stores a delivery. The same delivery under the same terms again has no effect: `unchanged`, or the rejection of the first time.
 * The same bytes as another delivery (one that follows others) are checked and stored as such, so that a source can go back.
 */
export type DeliveryIngest = (context: StepContext, plan: ModelPlan, delivery: Delivery) => Promise<IngestResult>;

export function createDeliveryIngest(dependencies: DataDependencies): DeliveryIngest {
  const { stores, artifacts, engine } = dependencies;
  const { partitions, ledger, checks } = stores;
  const surroundings = createSurroundingsReader(dependencies);
  const standings = createDeliveryStandings(dependencies);

  async function judge(
    plan: ModelPlan,
    { table, partition, sha256, uri }: Delivery,
    { waived, referenced }: Terms,
  ): Promise<Judged> {
    const outDir = await artifacts.tempDir();
    try {
      const checked = await checkPartition(engine, {
        table,
        plan: plan.tables[table]!,
        partition,
        rawPath: await artifacts.localPath({ sha256 }),
        fileName: uri,
        recent: await surroundings.recent(plan, table, partition),
        outDir,
        waivedRules: waived,
        surroundings: await surroundings.read(plan, table, partition, referenced),
      });
      if (checked.verdict === 'rejected')
        return { checked, comparedWith: await surroundings.comparedWith(plan, table, partition) };
      const data = await artifacts.putFile(checked.dataPath, MEDIA_TYPES.parquet, checked.rows);
      const aside = checked.quarantinePath
        ? await artifacts.putFile(checked.quarantinePath, MEDIA_TYPES.parquet, checked.quarantinedRows)
        : null;
      return { checked, data, quarantine: aside };
    } finally {
      await rm(outDir, { recursive: true, force: true });
    }
  }

  async function store(
    tx: Transaction,
    context: StepContext,
    plan: ModelPlan,
    { table, partition, sha256 }: Delivery,
    contractDigest: string,
    judged: Judged,
  ): Promise<IngestResult> {
    const { checked } = judged;
    const earlier = await checks.judgements(dataOwner(plan), table, partition, tx);
    const check = { table, partition, sha256, contractDigest, outcomes: checked.outcomes };
    const nothing = { table, partition, rows: 0, quarantinedRows: 0, reopened: false, warnings: [] };
    if (!('data' in judged)) {
      const { message } = judged.checked;
      await partitions.reject(tx, dataOwner(plan), table, partition, sha256, message);
      const { sourceTypes } = checked;
      await checks.record(tx, dataOwner(plan), {
        ...check,
        ...{ verdict: 'rejected', revision: null, comparedWith: judged.comparedWith, sourceTypes },
      });
      return { ...nothing, outcome: 'rejected', message };
    }
    const { rows, quarantinedRows, statistics, quarantined, sketches, sourceTypes, warnings } = judged.checked;
    const revision = {
      model: dataOwner(plan),
      table,
      partition,
      data: judged.data,
      ...(judged.quarantine ? { quarantine: judged.quarantine } : {}),
      rows,
      quarantinedRows,
      availableAt: availableAt(plan.tables[table]!.availableAt, partition, plan.timeZone),
      asOf: context.asOf,
    };
    const accepted = await partitions.accept(tx, revision, statistics, quarantined, sketches);
    await checks.record(tx, dataOwner(plan), {
      ...check,
      ...{ verdict: 'accepted', revision: accepted.revision.revision, comparedWith: null, sourceTypes },
    });
    await stores.watermarks.advance(tx, dataOwner(plan), table, plan.snapshot.start);
    const followsRejection = earlier.some(({ verdict }) => verdict === 'rejected');
    return {
      ...nothing,
      outcome: accepted.isNew ? 'accepted' : 'unchanged',
      rows,
      quarantinedRows,
      reopened: accepted.isNew && (accepted.replaced || followsRejection),
      message: '',
      warnings,
    };
  }

  return async (context, plan, delivery) => {
    const { table, partition, sha256, follows } = delivery;
    const terms = await standings.terms(plan, table, partition);
    const { contractDigest } = terms;
    const key = `ingest/${dataOwner(plan)}/${table}/${partition}/${follows}/${sha256}/${contractDigest.slice(0, 12)}`;
    // Without a look first, a delivery that was handled before would be checked again for nothing.
    const known = (await checks.judgements(dataOwner(plan), table, partition)).some(
      (before) => before.ordinal > follows && before.sha256 === sha256 && before.contractDigest === contractDigest,
    );
    const judged = known ? null : await judge(plan, delivery, terms);
    const { result, first } = await ledger.once(key, digestOf({ sha256, contractDigest }), async (tx) =>
      store(tx, context, plan, delivery, contractDigest, judged ?? (await judge(plan, delivery, terms))),
    );
    // `reopened` stays as recorded: after a crash between the commit and the report, the repeated attempt is the one that tells it.
    return first || result.outcome === 'rejected' ? result : { ...result, outcome: 'unchanged' };
  };
}
