/** @jest-environment ./test/setup/host-arrays-environment.js */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createCuttable } from './cuttable';
import { loggedRow, send } from './requests';
import { until } from './running-server';
import { MODEL, createSmallModel, type SmallModel } from './small-model';

describe('the serving process', () => {
  let small: SmallModel;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    small = await createSmallModel();
    await small.addVersions(1);
    await small.promote(1);
  });
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await small.close();
  });

  /** Starts it; `output` collects its log, `exited` is its exit code. */
  function start(env: Record<string, string>) {
    const root = join(__dirname, '../../..');
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/serving/main.ts'], {
      cwd: root,
      env: {
        PATH: process.env['PATH'],
        UNDERSTUDY_HOME: small.artifactRoot,
        DATABASE_URL: small.databaseUrl,
        ARTIFACT_STORE: pathToFileURL(small.artifactRoot).href,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const output = { text: '' };
    child.stdout.on('data', (part: Buffer) => (output.text += part.toString()));
    const exited = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
    return { child, output, exited };
  }

  it('says when it is ready, serves, and on SIGTERM writes its predictions before it ends', async () => {
    const readyFile = join(small.artifactRoot, 'serving.ready');
    const line = await createCuttable(small.databaseUrl);
    await line.cut();
    const { child, output, exited } = start({
      DATABASE_URL: line.url,
      SERVING_PORT: '0',
      UNDERSTUDY_READY_FILE: readyFile,
    });
    await until(() => output.text.includes('waiting for PostgreSQL'), 30_000);
    await line.mend();
    await until(() => existsSync(readyFile), 30_000);
    const { pid, url } = JSON.parse(readFileSync(readyFile, 'utf8')) as { pid: number; url: string };
    expect(pid).toBe(child.pid);
    const keys = Array.from({ length: 50 }, (_, n) => `k${n}`);
    const answers = await Promise.all(
      keys.map((key) => send('POST', `${url}/v2/models/${MODEL}/infer`, loggedRow(key))),
    );
    child.kill('SIGTERM');
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await exited).toBe(0);
    expect(await small.stores.predictions.count(MODEL, '2013-07-01')).toBe(50);
    expect(output.text).toContain('"message":"stopped"');
    await line.cut();
  });

  it('ends in a sentence when the port that was asked for is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const { output, exited } = start({ SERVING_PORT: String(port) });
    expect(await exited).toBe(2);
    expect(output.text).toContain(
      `SERVING_PORT is ${port}: another process listens there; allowed: a free port, or 0 for any.`,
    );
    other.close();
  });
});
