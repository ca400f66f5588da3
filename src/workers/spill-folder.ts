// Where an engine of this machine puts what does not fit into memory: a folder for each process, below the home.
// Invariant: only folders of processes that are gone are removed; an idle engine may need its folder again after days.
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Makes this process's folder, after removing those that killed processes have left. */
export async function openSpillFolder(home: string, pid: number = process.pid): Promise<string> {
  const root = join(home, 'spill');
  const own = join(root, String(pid));
  await mkdir(root, { recursive: true });
  for (const name of await readdir(root)) {
    if (name === String(pid) || !isAlive(Number(name))) await rm(join(root, name), { recursive: true, force: true });
  }
  await mkdir(own);
  return own;
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
