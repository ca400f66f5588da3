// Starts the thread of an author's training hook in a process of its own.
// A thread whose heap fills faster than V8 can stop it takes its process along (seen with Node 20): that must not be the data worker's.
import { fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { entryIn } from '../../scoring/thread-entry';
import type { ThreadInput } from '../thread-messages';

/** A hook that is told to end may put its things away for so long, in milliseconds. */
const GRACE_MS = 1000;
/** What the process is told when its training is no longer wanted. */
export const CANCEL = 'cancel';

/** What the starter of a training needs of its thread: the events `message`, `error` (it died of one) and `exit`. */
export type TrainingThread = EventEmitter & { terminate(): unknown };

/** The process ends with the hook, a second after it is terminated if not before, and when the process that started it is gone. */
export function startHookProcess(input: ThreadInput): TrainingThread {
  const { path, execArgv } = entryIn(__dirname, 'host');
  const child = fork(path, [], { execArgv });
  const events = new EventEmitter();
  child.on('message', (message) => events.emit('message', message));
  // One that could not be started does not exit either.
  child.on('error', (error) => {
    events.emit('error', error);
    if (child.pid === undefined) events.emit('exit', null);
  });
  child.on('exit', (code, signal) => {
    if (signal !== null && !child.killed) events.emit('error', new Error(`its process was ended by ${signal}`));
    events.emit('exit', code);
  });
  child.send(input);
  function terminate(): void {
    child.send(CANCEL, () => undefined);
    const force = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    child.once('exit', () => clearTimeout(force));
  }
  return Object.assign(events, { terminate });
}
