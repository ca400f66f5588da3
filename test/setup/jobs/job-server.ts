// Starts the small job server of this folder as a process of its own, tells it what to do, and reads what it counted.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** One thing that the server was asked or did. */
export interface JobEvent {
  readonly what: string;
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly auth?: string;
}

export interface StartedJob {
  readonly state: string;
  readonly start: {
    readonly request: Readonly<Record<string, unknown>>;
    readonly queue?: string;
    readonly callback?: string;
  };
}

export interface JobServerProcess {
  /** Where jobs are started. */
  readonly url: string;
  readonly origin: string;
  /** Everything that happened, in order. */
  events(): Promise<readonly JobEvent[]>;
  jobs(): Promise<readonly StartedJob[]>;
  /** `release`: held jobs go on; `failing`: the next three answers are 503, 503, 429; `forget`: it knows no job any more. */
  tell(what: 'release' | 'failing' | 'forget'): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again on its port and with its file. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Resolves once it listens; the caller stops it. */
export async function startJobServer(): Promise<JobServerProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-jobs-'));
  let port = 0;
  let child: ChildProcess;
  const launch = async (): Promise<void> => {
    const entry = join(__dirname, 'main.ts');
    const args = ['--require', require.resolve('tsx/cjs'), entry, folder, String(port)];
    child = spawn(process.execPath, args, {
      cwd: resolve(__dirname, '../../..'),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    port = await new Promise<number>((settle, reject) => {
      child.stdout!.once('data', (line: Buffer) => settle((JSON.parse(line.toString()) as { port: number }).port));
      child.once('exit', (code) => reject(new Error(`the job server ended with ${code}`)));
    });
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((settle) => child.once('exit', settle));
    child.kill(signal);
    await ended;
  };
  const control = async (what: string): Promise<{ jobs: Record<string, StartedJob>; log: JobEvent[] }> =>
    (await fetch(`http://127.0.0.1:${port}/control/${what}`)).json() as Promise<{
      jobs: Record<string, StartedJob>;
      log: JobEvent[];
    }>;
  await launch();
  return {
    url: `http://127.0.0.1:${port}/jobs`,
    origin: `http://127.0.0.1:${port}`,
    events: async () => (await control('read')).log,
    jobs: async () => Object.values((await control('read')).jobs),
    tell: async (what) => void (await control(what)),
    kill: () => end('SIGKILL'),
    restart: launch,
    async stop() {
      await end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
