// The supervisor with small real children: order, restarts after kill -9, and its end.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSupervisor, type ChildSpec, type Supervisor } from '../../../src/embedded/supervisor';

let folder: string;
let supervisor: Supervisor;
let events: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-supervisor-'));
  events = [];
  supervisor = createSupervisor({
    logs: join(folder, 'logs'),
    run: join(folder, 'run'),
    onEvent: (event) => events.push(event),
  });
});
afterEach(async () => {
  await supervisor.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Notes its end in a file; `deaf` children ignore the request to end. */
function child(name: string, { deaf = false, stopTimeoutMs = 5_000 } = {}): ChildSpec {
  const script = join(folder, `${name}.js`);
  const onTerm = deaf ? '' : `fs.appendFileSync(${JSON.stringify(join(folder, 'ends'))}, '${name} '); process.exit(0);`;
  writeFileSync(
    script,
    `const fs = require('fs'); process.on('SIGTERM', () => { ${onTerm} }); setInterval(() => {}, 1000);
     console.log('says hello'); fs.writeFileSync(process.env.UNDERSTUDY_READY_FILE, '');`,
  );
  return { name, command: process.execPath, args: [script], env: {}, readyTimeoutMs: 10_000, stopTimeoutMs };
}

describe('the supervisor', () => {
  it('stops the last started first', async () => {
    for (const name of ['one', 'two', 'three']) await supervisor.start(child(name));
    await supervisor.stop();
    expect(readFileSync(join(folder, 'ends'), 'utf8').trim().split(' ')).toEqual(['three', 'two', 'one']);
  });

  it('starts a killed child again under a new pid, and says so', async () => {
    await supervisor.start(child('worker'));
    const { worker: before } = supervisor.pids();
    process.kill(before!, 'SIGKILL');
    const deadline = Date.now() + 5_000;
    // The ready file is removed before each start, so it is the new child's.
    const isBack = (): boolean =>
      ![undefined, before].includes(supervisor.pids()['worker']) && existsSync(join(folder, 'run', 'worker.ready'));
    while (!isBack()) {
      if (Date.now() > deadline) throw new Error('not started again within 5 s');
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    expect(events).toEqual([expect.stringContaining('worker ended (SIGKILL)')]);
  });

  it('waits longer after each death in a row', async () => {
    const script = join(folder, 'dies.js');
    writeFileSync(
      script,
      `require('fs').writeFileSync(process.env.UNDERSTUDY_READY_FILE, ''); setTimeout(() => process.exit(3), 50);`,
    );
    await supervisor.start({ name: 'dies', command: process.execPath, args: [script], env: {}, readyTimeoutMs: 5_000 });
    const deadline = Date.now() + 10_000;
    while (events.length < 3 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 25));
    expect(events.slice(0, 3).map((event) => /in ([\d.]+) s/.exec(event)?.[1])).toEqual(['0.5', '1', '2']);
  });

  it('kills a child that does not end when asked', async () => {
    await supervisor.start(child('deaf', { deaf: true, stopTimeoutMs: 200 }));
    const { deaf: pid } = supervisor.pids();
    await supervisor.stop();
    expect(() => process.kill(pid!, 0)).toThrow('ESRCH');
    expect(existsSync(join(folder, 'run', 'deaf.pid'))).toBe(false);
  });

  it('names the child and its log when it does not get ready', async () => {
    const spec = {
      name: 'mute',
      command: process.execPath,
      args: ['-e', 'setInterval(() => {}, 1000)'],
      env: {},
      readyTimeoutMs: 300,
    };
    await expect(supervisor.start(spec)).rejects.toMatchObject({
      message: expect.stringMatching(/mute .*mute\.log/) as string,
    });
  });

  it('writes what a child says to its log, up to its last words', async () => {
    const script = join(folder, 'says.js');
    writeFileSync(
      script,
      `process.on('SIGTERM', () => { console.log('x'.repeat(200_000)); console.log('says goodbye'); process.exitCode = 0; clearInterval(timer); });
       const timer = setInterval(() => {}, 1000);
       console.log('says hello'); require('fs').writeFileSync(process.env.UNDERSTUDY_READY_FILE, '');`,
    );
    await supervisor.start({ ...child('talks'), args: [script] });
    await supervisor.stop();
    const log = readFileSync(join(folder, 'logs', 'talks.log'), 'utf8');
    expect([log.slice(0, 10), log.trim().slice(-12)]).toEqual(['says hello', 'says goodbye']);
  });
});
