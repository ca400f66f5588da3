// Ports, Python and the Temporal binary: what is taken when the usual thing is not there.
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choosePort } from '../../../src/embedded/ports';
import { findPython } from '../../../src/embedded/python';
import { obtainTemporal } from '../../../src/embedded/temporal-binary';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-obtain-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, script: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe('ports', () => {
  it('takes another port when the wanted one is taken', async () => {
    const server = await new Promise<Server>((resolve) => {
      const listening = createServer().listen(0, '127.0.0.1', () => resolve(listening));
    });
    const { port } = server.address() as { port: number };
    expect(await choosePort(port, new Set())).not.toBe(port);
    await new Promise((resolve) => server.close(resolve));
    expect(await choosePort(port, new Set())).toBe(port);
  });

  it('never gives the same port twice', async () => {
    const taken = new Set<number>();
    const ports = await Promise.all([0, 0, 0, 0].map((wanted) => choosePort(wanted, taken)));
    expect(new Set(ports).size).toBe(4);
  });
});

describe('Python', () => {
  it('is missing when PATH has none', async () => {
    await expect(findPython({ environment: { PATH: folder } })).rejects.toMatchObject({
      code: 'PYTHON_MISSING',
      message: expect.stringContaining('3.10') as string,
    });
  });

  it('is missing when PYTHON is too old, and the message says which one it is', async () => {
    const old = program('old-python', 'echo 3.8.18');
    await expect(findPython({ python: old, environment: { PATH: '/bin' } })).rejects.toMatchObject({
      code: 'PYTHON_MISSING',
      message: expect.stringContaining('3.8.18') as string,
    });
  });

  it('is missing when PYTHON is no Python, although there is one on PATH', async () => {
    const environment = { PATH: process.env['PATH'] ?? '' };
    await expect(findPython({ python: '/nowhere/python', environment })).rejects.toMatchObject({
      code: 'PYTHON_MISSING',
    });
  });
});

describe('the Temporal binary', () => {
  const silent = (): void => undefined;

  it('comes from TEMPORAL_CLI_PATH before anything else', async () => {
    const cliPath = program('my-temporal', 'echo temporal version 1.9.1');
    program('temporal', 'echo temporal version 1.9.1');
    const binary = await obtainTemporal({ cliPath, cache: folder, environment: { PATH: folder }, onProgress: silent });
    expect(binary).toEqual({ path: cliPath, how: 'TEMPORAL_CLI_PATH' });
  });

  it('comes from PATH before the cache', async () => {
    const path = program('temporal', 'echo temporal version 1.9.1');
    const cache = join(folder, 'cache');
    const binary = await obtainTemporal({ cache, environment: { PATH: folder }, onProgress: silent });
    expect(binary).toEqual({ path, how: 'PATH' });
  });

  it('refuses a TEMPORAL_CLI_PATH that is not there, and names it', async () => {
    const cliPath = join(folder, 'absent');
    await expect(obtainTemporal({ cliPath, cache: folder, environment: {}, onProgress: silent })).rejects.toMatchObject(
      { message: expect.stringContaining(cliPath) as string },
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});
