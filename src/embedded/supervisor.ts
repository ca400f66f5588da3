// Starts child processes, restarts one that dies with growing pauses, and stops all in reverse order. Knows nothing of what they are.
import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UnderstudyError } from '../domain/failures';
import { removePid, writePid } from './pid-files';

export interface ChildSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** True once the child works; asked again and again until then. Default: its ready file exists. */
  readonly isReady?: () => Promise<boolean>;
  readonly readyTimeoutMs: number;
  readonly stopSignal?: NodeJS.Signals;
  readonly stopTimeoutMs?: number;
}

export interface SupervisorOptions {
  /** Folder of the logs, one file per child. */
  readonly logs: string;
  /** Folder of pid and ready files. */
  readonly run: string;
  readonly onEvent: (event: string) => void;
}

export interface Supervisor {
  /** Starts a child and waits until it is ready. Fails with CHILD_FAILED, naming the child and its log, and with INTERRUPTED once all are being stopped. */
  start(spec: ChildSpec): Promise<void>;
  pids(): Readonly<Record<string, number>>;
  /** Stops all children, the last started first. */
  stop(): Promise<void>;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** A child that has run so long starts with the short pause again. */
const HEALTHY_AFTER_MS = 60_000;
const READY_POLL_MS = 50;
/** How long the output of an ended child is waited for. */
const LAST_WORDS_MS = 1_000;

interface Running {
  readonly spec: ChildSpec;
  process: ChildProcess | null;
  pauseMs: number;
  restart: NodeJS.Timeout | null;
  /** Resolves when all output of the present process is in its log. */
  logged: Promise<unknown>;
}

export function createSupervisor({ logs, run, onEvent }: SupervisorOptions): Supervisor {
  const children: Running[] = [];
  let stopping = false;
  mkdirSync(logs, { recursive: true });
  mkdirSync(run, { recursive: true });

  const readyFile = (name: string): string => join(run, `${name}.ready`);

  /** A full disk may refuse it: then the child is unknown to a next start, should this process be killed before it has stopped it. */
  function notePid(name: string, pid: number): void {
    try {
      writePid(run, name, pid);
    } catch (error) {
      onEvent(`the pid file of ${name} could not be written: ${(error as Error).message}`);
    }
  }

  /** What is started after the stop began would never be stopped. */
  function refuseWhileStopping(name: string): void {
    if (stopping) throw new UnderstudyError('INTERRUPTED', `${name} is not started: everything is being stopped`);
  }

  function launch(running: Running): ChildProcess {
    const { spec } = running;
    rmSync(readyFile(spec.name), { force: true });
    const log = createWriteStream(join(logs, `${spec.name}.log`), { flags: 'a' });
    // A full disk costs lines of the log, not the stack.
    log.on('error', () => undefined);
    const child = spawn(spec.command, [...spec.args], {
      env: { ...spec.env, UNDERSTUDY_READY_FILE: readyFile(spec.name) },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: Ctrl-C reaches the supervisor only, which then stops all in order.
      detached: true,
      ...(spec.cwd ? { cwd: spec.cwd } : {}),
      ...(spec.uid === undefined ? {} : { uid: spec.uid }),
      ...(spec.gid === undefined ? {} : { gid: spec.gid }),
    });
    // A child's last words come after its end, and they say why it ended.
    child.once('close', () => log.end());
    running.logged = new Promise<void>((resolve) => log.once('close', () => resolve()));
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    running.process = child;
    const startedAt = Date.now();
    if (child.pid !== undefined) notePid(spec.name, child.pid);
    const ended = (how: string): void => {
      if (running.process !== child) return;
      running.process = null;
      removePid(run, spec.name);
      if (!stopping) restartLater(running, how, Date.now() - startedAt);
    };
    child.once('error', (error) => ended(error.message));
    child.once('exit', (code, signalName) => ended(signalName ?? `exit code ${code}`));
    return child;
  }

  function restartLater(running: Running, how: string, ranMs: number): void {
    running.pauseMs = ranMs > HEALTHY_AFTER_MS ? FIRST_PAUSE_MS : running.pauseMs;
    onEvent(`${running.spec.name} ended (${how}); it is started again in ${running.pauseMs / 1000} s`);
    running.restart = setTimeout(() => {
      running.restart = null;
      if (!stopping) launch(running);
    }, running.pauseMs);
    running.pauseMs = Math.min(running.pauseMs * 2, LONGEST_PAUSE_MS);
  }

  async function stopOne(running: Running): Promise<void> {
    if (running.restart) clearTimeout(running.restart);
    const child = running.process;
    if (!child || child.pid === undefined) return;
    const { spec } = running;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(spec.stopSignal ?? 'SIGTERM');
    const kill = setTimeout(() => child.kill('SIGKILL'), spec.stopTimeoutMs ?? 10_000);
    await exited;
    clearTimeout(kill);
    // A process of its own that it left behind may hold its output open.
    await Promise.race([running.logged, new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS).unref())]);
    removePid(run, spec.name);
    rmSync(readyFile(spec.name), { force: true });
  }

  return {
    async start(spec) {
      refuseWhileStopping(spec.name);
      const running: Running = {
        spec,
        process: null,
        pauseMs: FIRST_PAUSE_MS,
        restart: null,
        logged: Promise.resolve(),
      };
      children.push(running);
      launch(running);
      const isReady = spec.isReady ?? (async () => existsSync(readyFile(spec.name)));
      const deadline = Date.now() + spec.readyTimeoutMs;
      while (!(await isReady())) {
        refuseWhileStopping(spec.name);
        if (Date.now() > deadline) {
          throw new UnderstudyError(
            'CHILD_FAILED',
            `${spec.name} did not become ready within ${spec.readyTimeoutMs / 1000} s; its log is ${join(logs, `${spec.name}.log`)}`,
          );
        }
        await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
      }
    },
    pids: () =>
      Object.fromEntries(
        children.flatMap(({ spec, process: child }) => (child?.pid === undefined ? [] : [[spec.name, child.pid]])),
      ),
    async stop() {
      stopping = true;
      for (const running of [...children].reverse()) await stopOne(running);
      children.length = 0;
    },
  };
}
