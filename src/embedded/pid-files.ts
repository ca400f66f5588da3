// Pid files with the process's start time, so that what an earlier run left behind is found after kill -9, and a reused pid is never touched.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface PidEntry {
  readonly name: string;
  readonly pid: number;
  /** Clock ticks since boot, from /proc; empty where there is none. */
  readonly startTime: string;
}

const TERM_WAIT_MS = 8000;
const POLL_MS = 100;

export function writePid(folder: string, name: string, pid: number): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.pid`), JSON.stringify({ name, pid, startTime: startTimeOf(pid) }));
}

export function removePid(folder: string, name: string): void {
  rmSync(join(folder, `${name}.pid`), { force: true });
}

/** The process of a pid file, when it still runs. */
export function readLive(folder: string, name: string): PidEntry | null {
  try {
    const entry = JSON.parse(readFileSync(join(folder, `${name}.pid`), 'utf8')) as PidEntry;
    return isLive(entry) ? entry : null;
  } catch {
    return null;
  }
}

/** Stops what an earlier, killed run left behind; gives the names. */
export async function stopLeftOvers(folder: string, except: readonly string[]): Promise<string[]> {
  let files: string[];
  try {
    files = readdirSync(folder);
  } catch {
    return [];
  }
  const names = files.filter((file) => file.endsWith('.pid')).map((file) => file.slice(0, -'.pid'.length));
  const live = names.filter((name) => !except.includes(name)).flatMap((name) => readLive(folder, name) ?? []);
  await Promise.all(live.map(stopProcess));
  for (const name of names) if (!except.includes(name)) removePid(folder, name);
  return live.map(({ name }) => name);
}

async function stopProcess(entry: PidEntry): Promise<void> {
  signal(entry.pid, 'SIGINT');
  const deadline = Date.now() + TERM_WAIT_MS;
  while (isLive(entry) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  if (isLive(entry)) signal(entry.pid, 'SIGKILL');
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}

function isLive({ pid, startTime }: PidEntry): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return startTime === startTimeOf(pid);
}

/** Field 22 of /proc/<pid>/stat; the name in field 2 may hold blanks, so what follows its last parenthesis is counted. A zombie is not alive. */
function startTimeOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? 'ended' : (fields[19] ?? '');
  } catch {
    return '';
  }
}
