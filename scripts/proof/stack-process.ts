// A whole stack as a process of its own, in a home that is made for it: started from the build, killed in parts from outside, stopped in order.
// Invariant: only processes that this stack's own pid files name are ever killed, and a pid file also says when its process started.
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLive } from '../../src/embedded/pid-files';
import { readStack, type StackAddresses } from '../../src/embedded/stack-file';

/** The child processes of a stack, by the names of their pid files and logs. */
export const PROCESSES = ['worker-control', 'worker-data', 'trainer-python', 'postgres', 'temporal'] as const;
/** One of {@link PROCESSES}. */
export type ProcessName = (typeof PROCESSES)[number];

/** A running stack. */
export interface StackProcess {
  readonly home: string;
  /** Process id of the supervisor. */
  readonly pid: number;
  /** What it has said so far, line by line. */
  readonly said: readonly string[];
  /** Where its services are, as its file says now. */
  addresses(): StackAddresses;
  /** Process id of a child; null while it is dead. */
  pidOf(child: string): number | null;
  /** Sends SIGKILL to a child; false when it is dead at the moment. */
  kill(child: string): boolean;
  /** Sends a signal to the supervisor and waits for its end; gives its exit code (null: ended by the signal). */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** What makes one stack differ from another. */
export interface StackProcessOptions {
  /** Folder with `dist`. */
  readonly packageRoot: string;
  readonly home: string;
  /** Variables beside the present ones; undefined takes one away. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** How long it may take until it is ready, in milliseconds. Default: two minutes, for a machine without any cache. */
  readonly readyTimeoutMs?: number;
}

/** The stack did not start: what it said, and how it ended. */
export class StackRefused extends Error {
  constructor(
    readonly said: readonly string[],
    readonly exitCode: number | null,
  ) {
    super(`the stack ended with exit code ${exitCode}:\n${said.join('\n')}`);
  }
}

/** What would send the stack to services that belong to somebody else. */
const OTHERS_SERVICES =
  /^(TEMPORAL_(?!CLI_PATH)|DATABASE_URL$|ARTIFACT_STORE$|SERVING_|ALERT_WEBHOOK_|UNDERSTUDY_(?!CACHE$))/;

/** A folder for a home; PostgreSQL runs as another user when we are root, and must get in. */
export function makeHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'understudy-stack-'));
  chmodSync(home, 0o755);
  return home;
}

/** Starts a stack and waits until it is ready. Fails with {@link StackRefused} when it ends before. */
export async function startStackProcess(options: StackProcessOptions): Promise<StackProcess> {
  const { packageRoot, home, readyTimeoutMs = 120_000 } = options;
  const inherited = Object.entries(process.env).filter(([name]) => !OTHERS_SERVICES.test(name));
  const given = { UNDERSTUDY_HOME: home, ...options.environment };
  const env = Object.fromEntries(
    [...inherited, ...Object.entries(given)].filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  for (const [name, value] of Object.entries(given)) if (value === undefined) delete env[name];
  const program = spawn(process.execPath, [join(packageRoot, 'dist', 'src', 'embedded', 'main.js'), '--json'], {
    cwd: packageRoot,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  program.stderr.setEncoding('utf8').on('data', (text: string) => said.push(...text.trimEnd().split('\n')));
  const ended = endOf(program);
  const ready = new Promise<'ready'>((resolve) => program.stdout.once('data', () => resolve('ready')));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), readyTimeoutMs)));
  const first = await Promise.race([ready, late, ended.then(() => 'ended' as const)]);
  clearTimeout(timer);
  if (first === 'late') program.kill('SIGINT');
  if (first !== 'ready') throw new StackRefused(said, await ended);

  const pidOf = (child: string): number | null => readLive(join(home, 'run'), child)?.pid ?? null;
  const stack: StackProcess = {
    home,
    pid: program.pid!,
    said,
    addresses() {
      const stack = readStack(home);
      if (!stack) throw new Error(`${home} has no file of a running stack`);
      return stack;
    },
    pidOf,
    kill(child) {
      const pid = pidOf(child);
      if (pid !== null) process.kill(pid, 'SIGKILL');
      return pid !== null;
    },
    end(signal) {
      if (program.exitCode === null && program.signalCode === null) program.kill(signal);
      return ended;
    },
  };
  running.add(stack);
  void ended.then(() => running.delete(stack));
  return stack;
}

const running = new Set<StackProcess>();
const otherStops = new Set<() => Promise<unknown>>();

/** Has something else stopped, too, when {@link stopStacksOnSignals} stops stacks; gives the way to take it back. */
export function alsoStopOnSignals(stop: () => Promise<unknown>): () => void {
  otherStops.add(stop);
  return () => void otherStops.delete(stop);
}

/** For programs: Ctrl-C and SIGTERM end this process only after every stack that it started has stopped and its home is gone. */
export function stopStacksOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      const stops = [...[...running].map(discard), ...[...otherStops].map((stop) => stop())];
      void Promise.allSettled(stops).then(() => process.exit(130));
    });
  }
}

function endOf(program: ChildProcess): Promise<number | null> {
  // `close` and not `exit`: by then everything that it has said has been read.
  return new Promise((resolve) => program.once('close', (code) => resolve(code)));
}

/** Stops a stack in order and removes its home. */
export async function discard(stack: StackProcess): Promise<void> {
  await stack.end('SIGINT');
  rmSync(stack.home, { recursive: true, force: true });
}

/** The nearest folder above that holds a package.json with our name: the same in the sources and in the build. */
export function packageRootOf(folder: string): string {
  const file = join(folder, 'package.json');
  if (existsSync(file) && (JSON.parse(readFileSync(file, 'utf8')) as { name?: string }).name === 'understudy')
    return folder;
  return packageRootOf(join(folder, '..'));
}
