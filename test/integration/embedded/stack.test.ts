// The whole stack as a process of its own: what it refuses, what it does without, what it leaves behind, and what it goes on with.
import { execFile } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openServices } from '../../../scripts/proof/services';
import { readLive } from '../../../src/embedded/pid-files';
import {
  makeHome,
  packageRootOf,
  PROCESSES,
  startStackProcess,
  StackRefused,
  type StackProcess,
} from '../../../scripts/proof/stack-process';

const run = promisify(execFile);
const packageRoot = packageRootOf(__dirname);
const homes: string[] = [];
const stacks: StackProcess[] = [];
const servers: Server[] = [];

afterEach(async () => {
  for (const stack of stacks.splice(0)) await stack.end('SIGINT');
  for (const server of servers.splice(0)) server.close();
});
afterAll(() => {
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

function newHome(): string {
  const home = makeHome();
  homes.push(home);
  return home;
}

async function start(home: string, environment: Record<string, string | undefined> = {}): Promise<StackProcess> {
  const stack = await startStackProcess({ packageRoot, home, environment });
  stacks.push(stack);
  return stack;
}

/** Listens on a port of this machine; somebody else may do so already, which is as good. */
async function take(port: number): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(port));
    server.listen(port, '127.0.0.1', () => {
      servers.push(server);
      resolve((server.address() as { port: number }).port);
    });
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Pid files that are left in a home. */
function pidFiles(home: string): string[] {
  return readdirSync(join(home, 'run')).filter((name) => name.endsWith('.pid'));
}

describe('a stack', () => {
  it('takes other ports when the usual ones are taken, and stops everything in order on Ctrl-C', async () => {
    for (const port of [7233, 8233, 54329, 8600]) await take(port);
    const stack = await start(newHome());
    const { temporal, databaseUrl, servingUrl } = stack.addresses();
    const ports = [temporal.address, temporal.ui, databaseUrl, servingUrl].map(
      (text) => /:(\d+)(\/|$)/.exec(text!)?.[1],
    );
    expect(new Set(ports).size).toBe(4);
    for (const usual of ['7233', '8233', '54329', '8600']) expect(ports).not.toContain(usual);
    expect((await fetch(`${servingUrl}/v2/health/live`)).status).toBe(200);
    const pids = [...PROCESSES, 'serving'].map((name) => stack.pidOf(name));
    expect(pids).not.toContain(null);

    expect(await stack.end('SIGINT')).toBe(0);
    expect(pids.filter((pid) => isAlive(pid!))).toEqual([]);
    expect(pidFiles(stack.home)).toEqual([]);
    expect(() => stack.addresses()).toThrow();
  });

  it('refuses a taken SERVING_PORT in one sentence, starts nothing, and ends with the exit code of its failure', async () => {
    const port = await take(0);
    const home = newHome();
    const refused = (await start(home, { SERVING_PORT: String(port) }).catch(
      (error: unknown) => error,
    )) as StackRefused;
    expect(refused).toBeInstanceOf(StackRefused);
    expect(refused.exitCode).toBe(5);
    expect(refused.said[0]).toBe(`understudy: PORT_TAKEN: SERVING_PORT is ${port}, and another program listens there`);
    expect(pidFiles(home)).toEqual([]);
  });

  it('stops what it has started when Ctrl-C comes in the middle of the start', async () => {
    const home = newHome();
    const starting = start(home);
    const refused = starting.catch((error: unknown) => error);
    const pids: number[] = [];
    const supervisor = await firstPid(home, 'supervisor');
    pids.push(supervisor, await firstPid(home, 'temporal'));
    process.kill(supervisor, 'SIGINT');
    expect(await refused).toMatchObject({ exitCode: 1 });
    expect(pids.filter(isAlive)).toEqual([]);
    expect(pidFiles(home)).toEqual([]);
  });

  it('goes on with the same data after its supervisor was killed, and is refused while it runs', async () => {
    const home = newHome();
    const first = await start(home);
    const services = await openServices(first.addresses());
    await services.client.schedule.create({
      scheduleId: 'kept',
      spec: { cronExpressions: ['0 0 1 1 *'] },
      action: { type: 'startWorkflow', workflowType: 'tick', taskQueue: 'nobody', args: [] },
    });
    await services.database.run(`insert into splits (file_sha256, split_digest, days) values ('kept', 'kept', '{}')`);
    await services.close();
    await first.end('SIGKILL');

    const second = await start(home);
    expect(second.said.join('\n')).toContain('stopped what an earlier run left');
    const again = await openServices(second.addresses());
    expect((await again.client.schedule.getHandle('kept').describe()).scheduleId).toBe('kept');
    expect(await again.database.run(`select from splits where file_sha256 = 'kept'`)).toBe(1);
    await again.close();

    const third = (await start(home).catch((error: unknown) => error)) as StackRefused;
    expect(third.said[0]).toContain(`ALREADY_RUNNING: a stack already runs in ${home} (process ${second.pid})`);
  });

  it('starts without Python and says so in one sentence, as doctor does', async () => {
    const home = newHome();
    const stack = await start(home, { PYTHON: '/nonexistent/python' });
    const sentence = stack.said.filter((line) => line.includes('Python'));
    expect(sentence).toEqual([
      'no Python trainer: Python 3.10 or newer is needed for the Python trainer; found /nonexistent/python: does not run',
    ]);
    expect(stack.pidOf('trainer-python')).toBeNull();
    expect(stack.pidOf('worker-data')).not.toBeNull();

    for (const environment of [{ PYTHON: '/nonexistent/python' }, { PATH: '/nonexistent' }]) {
      const env = { ...process.env, UNDERSTUDY_HOME: home, ...environment };
      const program = [join(packageRoot, 'bin', 'understudy.js'), 'doctor'];
      const said = await run(process.execPath, program, { env }).catch((error: { stdout: string }) => error);
      expect(said.stdout).toMatch(/Python.*missing.*no Python 3\.10 or newer/);
    }
  });
});

async function firstPid(home: string, name: string): Promise<number> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const found = readLive(join(home, 'run'), name);
    if (found) return found.pid;
    if (Date.now() > deadline) throw new Error(`${name} was not started within 30 s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
