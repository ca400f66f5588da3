// The embedded servers through kill -9 and Ctrl-C: what was written stays, and nothing is left running.
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client as TemporalClient, Connection } from '@temporalio/client';
import { Client as PostgresClient } from 'pg';
import { stopLeftOvers } from '../../../src/embedded/pid-files';
import { prepareNamespace } from '../../../src/embedded/temporal';
import type { RunningServers } from './servers';

const HELD = 'kept-through-kills';
let home: string;
const programs: ChildProcess[] = [];

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'understudy-servers-'));
  chmodSync(home, 0o755);
});
// What a failed test left running would fight with the next one for the home.
afterEach(async () => {
  for (const program of programs.splice(0)) {
    program.kill('SIGKILL');
    await ended(program);
  }
  await stopLeftOvers(join(home, 'run'), []);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

interface Started {
  readonly program: ChildProcess;
  readonly servers: RunningServers;
}

async function start(): Promise<Started> {
  const temporal = process.env['UNDERSTUDY_TEST_TEMPORAL_CLI'] ?? '';
  const args = ['--import', 'tsx', join(__dirname, 'servers.ts'), home, temporal];
  const program = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  programs.push(program);
  const line = await new Promise<string>((resolve, reject) => {
    program.stdout.setEncoding('utf8').once('data', resolve);
    program.once('exit', (code) => reject(new Error(`the servers did not start (exit code ${code})`)));
  });
  return { program, servers: JSON.parse(line) as RunningServers };
}

function ended(program: ChildProcess): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => program.once('exit', () => resolve()));
}

/** Ctrl-C; fails when the program did not end in its own order. */
async function interrupt(program: ChildProcess): Promise<void> {
  program.kill('SIGINT');
  await ended(program);
  expect(program.exitCode).toBe(0);
}

/** A zombie has ended: only the process that adopted it has not yet asked how. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new PostgresClient({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function withTemporal<T>(address: string, work: (client: TemporalClient) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await work(new TemporalClient({ connection }));
  } finally {
    await connection.close();
  }
}

describe('the embedded servers', () => {
  it('keep their data when they and their supervisor are killed, and the next start stops what was left', async () => {
    const first = await start();
    await query(first.servers.databaseUrl, 'create table kept as select 42 as answer');
    await withTemporal(first.servers.address, (client) =>
      client.workflow.start('anything', { taskQueue: 'nobody', workflowId: HELD }),
    );
    first.program.kill('SIGKILL');
    await ended(first.program);
    const second = await start();
    expect(Object.values(first.servers.pids).filter(isAlive)).toEqual([]);
    expect(await query(second.servers.databaseUrl, 'select answer from kept')).toEqual([{ answer: 42 }]);
    const status = await withTemporal(
      second.servers.address,
      async (client) => (await client.workflow.getHandle(HELD).describe()).status.name,
    );
    expect(status).toBe('RUNNING');

    // All at once, as a crash of the machine would.
    for (const pid of [second.program.pid!, ...Object.values(second.servers.pids)]) process.kill(pid, 'SIGKILL');
    await ended(second.program);
    const third = await start();
    expect(await query(third.servers.databaseUrl, 'select answer from kept')).toEqual([{ answer: 42 }]);
    await interrupt(third.program);
  });

  it('come back by themselves on the same ports when one is killed', async () => {
    const { program, servers } = await start();
    process.kill(servers.pids['postgres']!, 'SIGKILL');
    process.kill(servers.pids['temporal']!, 'SIGKILL');
    const deadline = Date.now() + 30_000;
    for (;;) {
      try {
        expect(await query(servers.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
        await withTemporal(servers.address, (client) => client.workflow.getHandle(HELD).describe());
        break;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    await interrupt(program);
  });

  it('all end on Ctrl-C, and leave no pid file', async () => {
    const { program, servers } = await start();
    await interrupt(program);
    expect(Object.values(servers.pids).filter(isAlive)).toEqual([]);
    expect(readdirSync(join(home, 'run')).filter((name) => name.endsWith('.pid'))).toEqual([]);
  });

  it('keep histories for thirty days and listen on loopback only', async () => {
    const { program, servers } = await start();
    const connection = await Connection.connect({ address: servers.address });
    const { config } = await connection.workflowService.describeNamespace({ namespace: 'default' });
    await connection.close();
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 86_400);
    const [{ listen_addresses }] = (await query(servers.databaseUrl, 'show listen_addresses')) as [
      { listen_addresses: string },
    ];
    expect(listen_addresses).toBe('127.0.0.1');
    await interrupt(program);
  });
});

describe('an existing Temporal server', () => {
  it('is refused when a search attribute has another type, and the message names it', async () => {
    const connection = await Connection.connect({ address: process.env['UNDERSTUDY_TEST_TEMPORAL_ADDRESS']! });
    const namespace = `attributes-${Date.now()}`;
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: 86_400 } as never,
    });
    const text = 1;
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: { UnderstudyModel: text } });
    await connection.close();
    await expect(
      prepareNamespace({ address: process.env['UNDERSTUDY_TEST_TEMPORAL_ADDRESS']! }, namespace, false),
    ).rejects.toMatchObject({ message: expect.stringContaining('UnderstudyModel') as string });
  });

  it('is said to be absent when nothing answers at its address', async () => {
    await expect(
      prepareNamespace({ address: '127.0.0.1:1', connectTimeout: 500 }, 'default', false),
    ).rejects.toMatchObject({
      code: 'TEMPORAL_UNAVAILABLE',
    });
  });
});
