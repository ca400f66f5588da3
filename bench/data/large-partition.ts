// One large partition through a real stack: from a file of any format to a stored partition, and the memory that it took.
import { readFileSync, statSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { deploy } from '../../src/client/definitions-client';
import { createEngine } from '../../src/data/engine';
import { quoteText } from '../../src/data/sql-text';
import { csvTable, featureView, jsonlTable, parquetTable } from '../../src/definition/builders';
import { logistic } from '../../src/definition/contenders/builders';
import { defineModel } from '../../src/definition/define-model';
import { planDigest } from '../../src/definition/digest';
import type { ModelPlan } from '../../src/domain/plan/plan';
import { openServices } from '../../scripts/proof/services';
import { discard, makeHome, startStackProcess } from '../../scripts/proof/stack-process';

const NAME = 'large-partition';
const DAY = '2013-01-01';
const WITHIN_MS = 15 * 60_000;

/** Formats of the file, with what DuckDB writes it by. */
const FORMATS = {
  csv: { file: 'events.csv.gz', copy: 'FORMAT csv, HEADER, COMPRESSION gzip', table: csvTable },
  jsonl: { file: 'events.jsonl.gz', copy: 'FORMAT json, COMPRESSION gzip', table: jsonlTable },
  parquet: { file: 'events.parquet', copy: 'FORMAT parquet, COMPRESSION zstd', table: parquetTable },
} as const;
/** A format that is measured. */
export type LargeFormat = keyof typeof FORMATS;

/** What it took. Megabytes are millions of bytes. */
export interface LargePartition {
  readonly seconds: number;
  /** The most that the data worker's process was resident, from its start. */
  readonly peakMb: number;
  readonly fileMb: number;
  readonly rows: number;
}

/** Makes the file, starts a stack, and ingests the file as one partition. */
export async function ingestLarge(packageRoot: string, format: LargeFormat, rows: number): Promise<LargePartition> {
  const home = makeHome();
  const models = join(home, 'models');
  mkdirSync(join(models, NAME), { recursive: true });
  const file = join(models, NAME, FORMATS[format].file);
  await writeEvents(file, format, rows, join(home, 'temp'));
  const stack = await startStackProcess({ packageRoot, home, environment: { UNDERSTUDY_MODELS: models } });
  const services = await openServices(stack.addresses());
  try {
    const { stores, lifecycles, schedules } = services;
    const plan = planOf(format);
    await deploy(
      { stores, lifecycles, schedules },
      { plan, digest: planDigest(plan), codeCommit: 'bench', clock: 'wall' },
    );
    const started = performance.now();
    await lifecycles.ingest(NAME, { table: 'events', partition: DAY }, 'bench');
    const deadline = Date.now() + WITHIN_MS;
    while ((await stores.partitions.newest(NAME, 'events', DAY, DAY)).length === 0) {
      const [rejection] = await stores.partitions.rejections(NAME);
      if (rejection) throw new Error(rejection.message);
      const { health } = await lifecycles.status(NAME);
      if (health !== 'good') throw new Error(`the lifecycle is ${health}; see the log of worker-data`);
      if (Date.now() > deadline) throw new Error(`not ingested within ${WITHIN_MS / 60_000} minutes`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const seconds = (performance.now() - started) / 1000;
    const [partition] = await stores.partitions.newest(NAME, 'events', DAY, DAY);
    const peakMb = peakMegabytes(stack.pidOf('worker-data')!);
    return { seconds, peakMb, fileMb: statSync(file).size / 1e6, rows: partition!.rows };
  } finally {
    await services.close();
    await discard(stack);
  }
}

/** High-water mark of a process's resident memory, in megabytes. */
export function peakMegabytes(pid: number): number {
  const line = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return (Number(line?.[1] ?? 0) * 1024) / 1e6;
}

async function writeEvents(file: string, format: LargeFormat, rows: number, tempDir: string): Promise<void> {
  const engine = await createEngine({ threads: 2, memoryLimitMb: 512, tempDir });
  await engine.run(`
    COPY (
      SELECT 'e' || range AS event_id, TIMESTAMP '${DAY}' + to_milliseconds((range * 8)::BIGINT) AS happened_at, 'c' || (hash(range) % 50000) AS customer,
        ['web', 'shop', 'phone'][1 + (hash(range + 1) % 3)::INTEGER] AS channel, (hash(range + 2) % 100000) / 100.0 AS amount,
        (hash(range + 3) % 20)::INTEGER AS items, CASE WHEN hash(range + 4) % 10 = 0 THEN NULL ELSE (hash(range + 5) % 1000) / 10.0 END AS discount,
        hash(range + 6) % 7 = 0 AS returned
      FROM range(${rows})
    ) TO ${quoteText(file)} (${FORMATS[format].copy})`);
  engine.close();
}

function planOf(format: LargeFormat): ModelPlan {
  const { file, table } = FORMATS[format];
  return defineModel({
    name: NAME,
    task: 'binary',
    timeZone: 'UTC',
    tables: {
      events: table({
        path: file,
        partitionBy: 'CAST(happened_at AS DATE)',
        availableAt: 'D+1 00:00',
        columns: {
          event_id: { type: 'string' },
          happened_at: { type: 'timestamp' },
          customer: { type: 'string' },
          channel: { type: 'string', values: ['web', 'shop', 'phone'] },
          amount: { type: 'number', min: 0, max: 1000 },
          items: { type: 'integer', min: 0 },
          discount: { type: 'number', nullable: true },
          returned: { type: 'boolean' },
        },
        key: ['event_id'],
        rowRules: [{ name: 'discount_below_amount', sql: 'discount IS NULL OR amount >= 0' }],
      }),
    },
    entity: { table: 'events', key: 'event_id', eventTime: 'happened_at' },
    label: { table: 'events', sql: 'returned' },
    features: [
      featureView({
        name: 'event',
        reads: { events: 0 },
        sql: 'SELECT event_id, amount FROM events',
        features: { amount: 'number' },
      }),
    ],
    contenders: { main: logistic() },
    snapshot: { start: DAY },
  }).plan;
}
