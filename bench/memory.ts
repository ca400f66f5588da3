// Resident memory of each process of a stack: idle, half a minute after the start, and the most that it was while a cycle ran.
import { readdirSync, readFileSync } from 'node:fs';
import { PROCESSES, type StackProcess } from '../scripts/proof/stack-process';
import { row, type Benchmark } from './benchmark';
import { openFlights } from './flights';

const IDLE_AFTER_MS = 30_000;
const LOOK_EVERY_MS = 250;
const GOAL_IDLE_MB = 1200;
const NAMES = ['supervisor', ...PROCESSES, 'serving'] as const;

export const memory: Benchmark = {
  name: 'memory',
  summary: 'memory of each process, idle and during a flight-delay cycle',
  async measure({ packageRoot }) {
    const flights = await openFlights(packageRoot);
    try {
      await new Promise((resolve) => setTimeout(resolve, IDLE_AFTER_MS));
      const idle = megabytesOfAll(flights.stack, resident);
      const idleProportional = sum(megabytesOfAll(flights.stack, proportional));
      const busy = new Map<string, number>();
      let busyTogether = 0;
      const looking = setInterval(() => {
        const now = megabytesOfAll(flights.stack, resident);
        for (const [name, megabytes] of now) busy.set(name, Math.max(busy.get(name) ?? 0, megabytes));
        busyTogether = Math.max(busyTogether, sum(now));
      }, LOOK_EVERY_MS);
      await flights.liveOneCycle().finally(() => clearInterval(looking));
      return [
        ...[...idle].map(([name, megabytes]) => row(`idle: ${name}`, megabytes, 'MB')),
        row('idle: all together', sum(idle), 'MB', GOAL_IDLE_MB),
        row('idle: all together, shared memory once', idleProportional, 'MB'),
        ...[...busy].map(([name, megabytes]) => row(`busy: ${name}, at most`, megabytes, 'MB')),
        row('busy: all together, at most', busyTogether, 'MB'),
      ];
    } finally {
      await flights.close();
    }
  },
};

function sum(megabytes: ReadonlyMap<string, number>): number {
  return [...megabytes.values()].reduce((total, each) => total + each, 0);
}

/** Megabytes (of a million bytes) by process, each with its own children. */
function megabytesOfAll(stack: StackProcess, measure: (pid: number) => number): Map<string, number> {
  const parents = parentsOfAll();
  const found = new Map<string, number>();
  for (const name of NAMES) {
    const pid = name === 'supervisor' ? stack.pid : stack.pidOf(name);
    if (pid === null) continue;
    // The supervisor's children are the other processes.
    const own = name === 'supervisor' ? [] : parents.filter(({ parent }) => parent === pid);
    found.set(
      name,
      [pid, ...own.map((child) => child.pid)].reduce((total, each) => total + measure(each), 0),
    );
  }
  return found;
}

/** Resident set size; memory that processes share, such as PostgreSQL's buffers, counts in each of them. */
function resident(pid: number): number {
  return megabytesIn(`/proc/${pid}/status`, /^VmRSS:\s+(\d+) kB/m);
}

/** Proportional set size: memory that processes share counts once in all. */
function proportional(pid: number): number {
  return megabytesIn(`/proc/${pid}/smaps_rollup`, /^Pss:\s+(\d+) kB/m);
}

function megabytesIn(file: string, line: RegExp): number {
  try {
    return (Number(line.exec(readFileSync(file, 'utf8'))?.[1] ?? 0) * 1024) / 1e6;
  } catch {
    // It has ended.
    return 0;
  }
}

function parentsOfAll(): { readonly pid: number; readonly parent: number }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        return [{ pid: Number(name), parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) }];
      } catch {
        return [];
      }
    });
}
