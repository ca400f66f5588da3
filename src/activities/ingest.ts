// Ingest: find what was delivered, check it against its contract, store it once. A rejected partition is a result that is told, never a crash,
// and nothing of it is stored.
import { rm } from 'node:fs/promises';
import { checkPartition } from '../data/check/check-partition';
import { MEDIA_TYPES } from '../domain/artifacts';
import { addDays, type Day } from '../domain/days';
import { UnderstudyError } from '../domain/failures';
import type { ModelPlan } from '../domain/plan';
import { availableAt, parseAvailability } from '../domain/zones';
import type { DataActivities, Delivery, IngestResult, StepContext } from '../ports/activities';
import type { Transaction } from '../ports/stores';
import { heartbeating } from './boundary';
import { createDeliveryFinder } from './deliveries';
import type { DataDependencies } from './dependencies';
import { digestOf } from './digest';
import { planLoader } from './plans';

type IngestActivities = Pick<
  DataActivities,
  'locateDeliveries' | 'ingestDeliveries' | 'ingestMissing' | 'dependentDays'
>;

export function createIngestActivities(dependencies: DataDependencies): IngestActivities {
  const { stores, artifacts, engine } = dependencies;
  const { partitions, ledger } = stores;
  const loadPlan = planLoader(stores.definitions);
  const finder = createDeliveryFinder(dependencies);

  async function ingestOne(context: StepContext, plan: ModelPlan, delivery: Delivery): Promise<IngestResult> {
    const { table, partition, sha256 } = delivery;
    const contract = plan.tables[table];
    if (!contract) throw new UnderstudyError('SOURCE_NOT_FOUND', `${plan.name} has no table ${table}`, { table });
    const contractDigest = digestOf(contract);
    const key = `ingest/${plan.name}/${table}/${partition}/${sha256}/${contractDigest.slice(0, 12)}`;
    const { result, first } = await ledger.once(key, digestOf({ sha256, contractDigest }), (tx) =>
      checkAndStore(tx, plan, delivery),
    );
    return first || result.outcome === 'rejected' ? result : { ...result, outcome: 'unchanged', reopened: false };
  }

  async function checkAndStore(
    tx: Transaction,
    plan: ModelPlan,
    { table, partition, sha256, uri }: Delivery,
  ): Promise<IngestResult> {
    const contract = plan.tables[table]!;
    const recent = await partitions.statistics(plan.name, table, partition, contract.partitionRules.recent);
    const outDir = await artifacts.tempDir();
    try {
      const rawPath = await artifacts.localPath({ sha256 });
      const request = {
        table,
        plan: contract,
        partition,
        rawPath,
        fileName: uri,
        recent: [...recent].reverse(),
        outDir,
      };
      const checked = await checkPartition(engine, request);
      if (checked.verdict === 'rejected') {
        await partitions.reject(tx, plan.name, table, partition, sha256, checked.message);
        return {
          table,
          partition,
          outcome: 'rejected',
          rows: 0,
          quarantinedRows: 0,
          reopened: false,
          message: checked.message,
        };
      }
      const data = await artifacts.putFile(checked.dataPath, MEDIA_TYPES.parquet, checked.rows);
      const quarantine = checked.quarantinePath
        ? await artifacts.putFile(checked.quarantinePath, MEDIA_TYPES.parquet, checked.quarantinedRows)
        : null;
      const { rows, quarantinedRows } = checked;
      const accepted = await partitions.accept(
        tx,
        {
          model: plan.name,
          table,
          partition,
          data,
          ...(quarantine ? { quarantine } : {}),
          rows,
          quarantinedRows,
          availableAt: availableAt(contract.availableAt, partition, plan.timeZone),
        },
        checked.statistics,
        checked.quarantined,
      );
      const reopened = accepted.isNew && (accepted.replaced || (await wasRejected(plan.name, table, partition)));
      return {
        table,
        partition,
        outcome: accepted.isNew ? 'accepted' : 'unchanged',
        rows,
        quarantinedRows,
        reopened,
        message: '',
      };
    } finally {
      await rm(outDir, { recursive: true, force: true });
    }
  }

  async function wasRejected(model: string, table: string, partition: Day): Promise<boolean> {
    const rejections = await partitions.rejections(model);
    return rejections.some((rejection) => rejection.table === table && rejection.partition === partition);
  }

  /** A source that has no rows or no file is told as missing; one that cannot be read at all counts as rejected. */
  async function locate(
    plan: ModelPlan,
    table: string,
    partition: Day,
    uri?: string,
    sha256?: string,
  ): Promise<Delivery | null> {
    const { raw, fileName } = await finder.find(plan, table, partition, uri, sha256);
    return raw && { table, partition, sha256: raw.sha256, uri: fileName };
  }

  return {
    locateDeliveries: ({ definitionDigest, asOf, request, exact }) =>
      heartbeating(async () => {
        const { plan } = await loadPlan(definitionDigest);
        const found: Delivery[] = [];
        const missing: string[] = [];
        for (const table of request.table ? [request.table] : Object.keys(plan.tables)) {
          const partition = exact ? request.partition : newestAvailable(plan, table, request.partition, asOf);
          if (partition < plan.snapshot.start) continue;
          if (!isAvailable(plan, table, partition, asOf)) {
            if (request.table) throw notYet(plan, table, partition, asOf);
            continue;
          }
          try {
            const delivery = await locate(plan, table, partition, request.uri, request.sha256);
            if (delivery) found.push(delivery);
            else missing.push(`${table}/${partition}`);
          } catch (error) {
            if (request.uri || !(error instanceof UnderstudyError) || error.code !== 'SOURCE_NOT_FOUND') throw error;
            missing.push(`${table}/${partition}`);
          }
        }
        return { found, missing };
      }),

    ingestDeliveries: (input) =>
      heartbeating(async (progress) => {
        const { plan } = await loadPlan(input.definitionDigest);
        const results: IngestResult[] = [];
        for (const delivery of input.deliveries) {
          results.push(await ingestOne(input, plan, delivery));
          progress({ done: results.length, of: input.deliveries.length });
        }
        return results;
      }),

    ingestMissing: (input) =>
      heartbeating(async (progress) => {
        const { plan } = await loadPlan(input.definitionDigest);
        const stored = await storedNames(plan.name, input.partitions);
        const wanted = input.partitions.filter(
          ({ table, partition }) =>
            !stored.has(`${table}/${partition}`) && isAvailable(plan, table, partition, input.asOf),
        );
        const results: IngestResult[] = [];
        // Day by day, so that "the recent partitions" of a check are the same whoever runs it; the tables of a day side by side.
        for (const day of [...new Set(wanted.map(({ partition }) => partition))].sort()) {
          const ofDay = wanted.filter(({ partition }) => partition === day);
          results.push(...(await Promise.all(ofDay.map(({ table }) => ingestOrReject(input, plan, table, day)))));
          progress({ done: results.length, of: wanted.length, day });
        }
        return results;
      }),

    async dependentDays({ model, definitionDigest, partitions: changed }) {
      const { plan } = await loadPlan(definitionDigest);
      const days = new Set<Day>();
      for (const { table, partition } of changed) {
        const reach = Math.max(-1, ...plan.features.map((view) => view.reads[table] ?? -1));
        if (reach < 0) continue;
        const known = await partitions.newest(model, plan.entity.table, partition, addDays(partition, reach));
        for (const revision of known) days.add(revision.partition);
      }
      return [...days].sort();
    },
  };

  async function ingestOrReject(
    context: StepContext,
    plan: ModelPlan,
    table: string,
    partition: Day,
  ): Promise<IngestResult> {
    const rejected = (message: string): IngestResult => ({
      table,
      partition,
      outcome: 'rejected',
      rows: 0,
      quarantinedRows: 0,
      reopened: false,
      message,
    });
    try {
      const delivery = await locate(plan, table, partition);
      return delivery ? await ingestOne(context, plan, delivery) : rejected('its source has no rows for the day');
    } catch (error) {
      const expected =
        error instanceof UnderstudyError && ['SOURCE_NOT_FOUND', 'SOURCE_UNREADABLE'].includes(error.code);
      if (!expected) throw error;
      return rejected(error.message);
    }
  }

  async function storedNames(
    model: string,
    wanted: readonly { table: string; partition: Day }[],
  ): Promise<Set<string>> {
    const names = new Set<string>();
    for (const table of new Set(wanted.map((item) => item.table))) {
      const days = wanted.filter((item) => item.table === table).map((item) => item.partition);
      days.sort();
      for (const { partition } of await partitions.newest(model, table, days[0]!, days.at(-1)!))
        names.add(`${table}/${partition}`);
    }
    return names;
  }
}

export function isAvailable(plan: ModelPlan, table: string, partition: Day, asOf: string): boolean {
  return Date.parse(availableAt(plan.tables[table]!.availableAt, partition, plan.timeZone)) <= Date.parse(asOf);
}

/** On the local day `today`: the newest partition of a table that is available as of the instant. */
function newestAvailable(plan: ModelPlan, table: string, today: Day, asOf: string): Day {
  const partition = addDays(today, -parseAvailability(plan.tables[table]!.availableAt).offsetDays);
  return isAvailable(plan, table, partition, asOf) ? partition : addDays(partition, -1);
}

function notYet(plan: ModelPlan, table: string, partition: Day, asOf: string): UnderstudyError {
  const at = availableAt(plan.tables[table]!.availableAt, partition, plan.timeZone);
  return new UnderstudyError(
    'NOT_AVAILABLE_YET',
    `${table} of ${partition} is available at ${at}; the read is as of ${asOf}`,
  );
}
