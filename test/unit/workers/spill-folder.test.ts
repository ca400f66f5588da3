// The folder in which an engine spills belongs to its process alone.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSpillFolder } from '../../../src/workers/spill-folder';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'spill-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

it('is empty and its own for each process, also after a process of the same number has died', async () => {
  const first = await openSpillFolder(home);
  writeFileSync(join(first, 'left.tmp'), 'x');
  const second = await openSpillFolder(home);
  expect(second).toBe(first);
  expect(readdirSync(second)).toEqual([]);
});

it('leaves the folder of a living process alone, and removes that of a dead one', async () => {
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  for (const pid of [dead, process.ppid]) mkdirSync(join(home, 'spill', String(pid)), { recursive: true });
  await openSpillFolder(home);
  expect(existsSync(join(home, 'spill', String(process.ppid)))).toBe(true);
  expect(existsSync(join(home, 'spill', String(dead)))).toBe(false);
});
