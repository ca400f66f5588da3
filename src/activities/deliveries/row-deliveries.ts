// Deliveries that are rows and no files: of a database, of pushes, of an author's hook. Each becomes a file of JSON lines, read like any other.
import { saidBy } from '../../domain/author-errors';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hookRows } from '../../data/sources/hook-rows';
import { postgresRows } from '../../data/sources/postgres-rows';
import { writeRowsFile } from '../../data/sources/rows-file';
import { loadDefaultExport } from '../../definition/load-module';
import { durationMs } from '../../definition/settings';
import { dataOwner } from '../../domain/data/data-owner';
import { addDays, type Day } from '../../domain/days';
import { UnderstudyError } from '../../domain/failures';
import type { ModelPlan } from '../../domain/plan/plan';
import type { HookSourcePlan, PostgresSourcePlan, PushSourcePlan } from '../../domain/plan/table-plan';
import { instantOf } from '../../domain/zones';
import type { FindOptions, FoundRows } from './deliveries';
import type { DataDependencies } from '../dependencies';
import { allPushedRows } from './pushed-rows';
import type { Splitter } from './split-once';

type RowSourcePlan = PostgresSourcePlan | PushSourcePlan | HookSourcePlan;

export interface RowDeliveries {
  find(plan: ModelPlan, table: string, source: RowSourcePlan, partition: Day, options: FindOptions): Promise<FoundRows>;
}

/** How the file of rows is read. An empty text is a value: only null is missing. */
const AS_LINES = { format: 'jsonl', compression: 'none', encoding: 'utf-8', nullText: '' } as const;

export function createRowDeliveries(dependencies: DataDependencies, splitter: Splitter): RowDeliveries {
  const { artifacts, modelsFolder, sourceConnections = {} } = dependencies;

  function rowsOf(
    plan: ModelPlan,
    table: string,
    source: RowSourcePlan,
    partition: Day,
    signal: AbortSignal,
  ): { readonly name: string; readonly rows: AsyncIterable<string> } {
    const from = instantOf(partition, '00:00', plan.timeZone);
    const to = instantOf(addDays(partition, 1), '00:00', plan.timeZone);
    switch (source.format) {
      case 'push':
        return { name: `pushed rows of ${table}`, rows: allPushedRows(dependencies, plan.name, table, partition) };
      case 'postgres':
        return {
          name: `${table} of ${source.connection}`,
          rows: postgresRows({
            ...{ table, source, from, to, signal },
            address: addressOf(sourceConnections, table, source.connection),
            statementTimeoutMs: durationMs(source.statementTimeout),
            timeZone: plan.timeZone,
          }),
        };
      case 'hook': {
        const hook = loadHook(join(modelsFolder, dataOwner(plan), source.module), source.module);
        return {
          name: source.module,
          rows: hookRows({ name: source.module, hook, input: { partition, from, to, signal } }),
        };
      }
    }
  }

  return {
    async find(plan, table, source, partition, { onProgress, signal }) {
      // A hook always gets a signal; without one from the caller it is aborted by nobody.
      const { name, rows } = rowsOf(plan, table, source, partition, signal ?? new AbortController().signal);
      const onRows = onProgress && ((read: number) => onProgress({ source: name, rows: read }));
      const dir = await artifacts.tempDir();
      try {
        const path = join(dir, 'rows.jsonl');
        const file = await writeRowsFile(path, rows, { ...(signal ? { signal } : {}), ...(onRows ? { onRows } : {}) });
        if (file.rows === 0) return { raw: null, fileName: name };
        const job = { sha256: file.sha256, source: AS_LINES, partition, onRows, signal };
        const known = await splitter.known(job);
        const raw = known === undefined ? await splitter.split(job, [{ path, name }]) : known;
        return { raw, fileName: name };
      } finally {
        await rm(dir, { recursive: true, force: true });
      }
    },
  };
}

function addressOf(connections: Readonly<Record<string, string>>, table: string, variable: string): string {
  const address = connections[variable];
  if (address !== undefined) return address;
  throw new UnderstudyError(
    'CONFIG_INVALID',
    `${variable} is not set, but table ${table} is read from it; allowed: postgresql://user:password@host:port/database, in the environment of the data worker.`,
    { variable, table },
  );
}

/** The module's default export; what its file throws while it is loaded is the author's failure too. */
function loadHook(file: string, name: string): unknown {
  try {
    return loadDefaultExport(file);
  } catch (error) {
    throw new UnderstudyError(
      'MODEL_CODE_FAILED',
      `${name}: the hook cannot be loaded: ${saidBy(error)}`,
      { file },
      { cause: error },
    );
  }
}
