// A small model of deliveries, and the few steps that most tests of src/data need: write a raw file, split it, check it.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkPartition } from '../../../src/data/check/check-partition';
import type { CheckResult } from '../../../src/data/check/check-request';
import { createEngine, type Engine } from '../../../src/data/engine';
import type { RecentPartition } from '../../../src/data/check/check-request';
import { splitRawFile } from '../../../src/data/read/split';
import type { Day } from '../../../src/domain/days';
import { ModelPlan, type ModelPlanInput, type FileSourcePlan } from '../../../src/domain/plan/plan';

export const TINY_INPUT: ModelPlanInput = {
  name: 'parcels',
  task: 'binary',
  timeZone: 'America/New_York',
  tables: {
    parcels: {
      source: { format: 'csv', path: 'parcels.csv', nullText: 'NA', partitionBy: 'CAST(day AS DATE)' },
      availableAt: 'D 00:00',
      columns: {
        id: { type: 'string' },
        depot: { type: 'string', values: ['north', 'south', 'west'] },
        weight: { type: 'number', min: 0, max: 50 },
        leaves_at: { type: 'timestamp' },
      },
      key: ['id'],
    },
    deliveries: {
      source: { format: 'csv', path: 'deliveries.csv', nullText: 'NA', partitionBy: 'CAST(day AS DATE)' },
      availableAt: 'D+1 00:00',
      columns: {
        id: { type: 'string', pattern: 'p[0-9]+' },
        depot: { type: 'string' },
        delay: { type: 'integer', nullable: true, min: -100, max: 1000 },
      },
      key: ['id'],
      rowRules: [{ name: 'no_test_depot', sql: `depot <> 'test'` }],
      partitionRules: {
        maxNullShare: { delay: 0.5 },
        jump: { columns: ['delay'], maxRatio: 6 },
        maxQuarantineShare: 0.3,
      },
    },
    traffic: {
      source: { format: 'csv', path: 'traffic.csv', nullText: 'NA', partitionBy: 'CAST(day AS DATE)' },
      availableAt: 'D+1 00:00',
      rowAvailableAt: 'seen_at + INTERVAL 1 HOUR',
      columns: { depot: { type: 'string' }, seen_at: { type: 'timestamp' }, jam: { type: 'number' } },
      key: ['depot', 'seen_at'],
    },
  },
  entity: { table: 'parcels', key: 'id', eventTime: 'leaves_at' },
  label: { table: 'deliveries', sql: 'delay >= 15' },
  features: [
    {
      name: 'parcel',
      reads: { parcels: 0 },
      sql: 'SELECT id, weight, depot FROM parcels',
      features: { weight: 'number', depot: 'category' },
    },
    {
      name: 'past',
      reads: { parcels: 0, deliveries: 2 },
      sql: 'SELECT p.id, (SELECT avg(delay) FROM deliveries) AS past_delay FROM parcels p',
      features: { past_delay: 'number' },
    },
    {
      name: 'jam',
      reads: { parcels: 0, traffic: 1 },
      sql: `SELECT p.id, t.jam AS jam_before FROM parcels p
        ASOF LEFT JOIN traffic t ON p.depot = t.depot AND p.leaves_at >= t.available_at`,
      features: { jam_before: 'number' },
    },
  ],
  contenders: { linear: { trainer: 'logistic' } },
  snapshot: { start: '2013-01-01' },
  monitoring: {
    businessMetric: { name: 'cost', unit: 'money', sql: 'SELECT sum(weight * probability * label) FROM scored' },
  },
};

export const TINY = ModelPlan.parse(TINY_INPUT);

/** A temporary directory and an engine; `close` removes both. */
export async function workbench(threads = 1): Promise<{ engine: Engine; dir: string; close: () => void }> {
  const dir = mkdtempSync(join(tmpdir(), 'understudy-data-'));
  const engine = await createEngine({ threads, memoryLimitMb: 512, tempDir: join(dir, 'spill') });
  const close = () => {
    engine.close();
    rmSync(dir, { recursive: true, force: true });
  };
  return { engine, dir, close };
}

export function newDir(parent: string): string {
  return mkdtempSync(join(parent, 'd-'));
}

export function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** Splits raw lines of a table and checks one day of it. The first line is the header. */
export async function deliver(
  engine: Engine,
  dir: string,
  table: string,
  day: Day,
  lines: readonly string[],
  options: { readonly plan?: ModelPlan; readonly recent?: readonly RecentPartition[] } = {},
): Promise<CheckResult> {
  const plan = (options.plan ?? TINY).tables[table]!;
  const outDir = newDir(dir);
  const fileName = `${table}.csv`;
  mkdirSync(join(outDir, 'raw'));
  writeFileSync(join(outDir, fileName), `${lines.join('\n')}\n`);
  const days = await splitRawFile(engine, {
    files: [{ path: join(outDir, fileName), name: fileName }],
    source: plan.source as FileSourcePlan,
    outDir: join(outDir, 'raw'),
  });
  const rawPath = days.find((split) => split.day === day)?.path ?? null;
  return checkPartition(engine, {
    table,
    plan,
    partition: day,
    rawPath,
    fileName,
    recent: options.recent ?? [],
    outDir,
  });
}

/** The accepted file of a delivery. */
export async function accepted(...delivery: Parameters<typeof deliver>): Promise<string> {
  const result = await deliver(...delivery);
  if (result.verdict === 'rejected') throw new Error(result.message);
  return result.dataPath;
}
