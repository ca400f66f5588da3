// `npm run bench [-- NAME…] [--json FILE]`: runs benchmarks and prints a table; the exit code is 0 also when a goal is not met.
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { codeCommit } from '../src/definition/code-commit';
import { packageRootOf, stopStacksOnSignals } from '../scripts/proof/stack-process';
import { BENCHMARKS } from './all-benchmarks';
import type { Benchmark, Row } from './benchmark';

/** More waiting programs than this per core at the start, and the figures say little about an idle machine. */
const BUSY_LOAD_PER_CORE = 0.5;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true });
  const packageRoot = packageRootOf(__dirname);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const load = loadavg()[0]!;
  const rows: Row[] = [];
  for (const benchmark of chosen(positionals)) {
    say(`${benchmark.name}: ${benchmark.summary}`);
    rows.push(...(await benchmark.measure({ packageRoot, say })));
  }
  process.stdout.write(`${tableOf(rows)}\n`);
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), load ${load.toFixed(2)} at the start`;
  const busy = load > BUSY_LOAD_PER_CORE * cpus().length ? '; the machine was busy with other work' : '';
  process.stdout.write(`${machine}${busy}; commit ${await codeCommit(packageRoot)}\n`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
}

function chosen(names: readonly string[]): readonly Benchmark[] {
  const unknown = names.find((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name));
  if (unknown !== undefined)
    throw new Error(
      `unknown benchmark "${unknown}"; allowed: ${BENCHMARKS.map((benchmark) => benchmark.name).join(', ')}`,
    );
  return names.length === 0 ? BENCHMARKS : BENCHMARKS.filter((benchmark) => names.includes(benchmark.name));
}

function tableOf(rows: readonly Row[]): string {
  const table = new Table({ head: ['what', 'value', 'unit', 'goal', 'met'], style: { head: [], border: [] } });
  for (const { name, value, unit, goal, met } of rows)
    table.push([name, String(value), unit, goal === null ? '' : `≤ ${goal}`, met === null ? '' : met ? 'yes' : 'NO']);
  return table.toString();
}

stopStacksOnSignals();
main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${(error as Error).stack}\n`);
    process.exit(1);
  },
);
