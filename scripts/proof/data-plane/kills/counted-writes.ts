// Sees every write of this process, to the database and to the file system, and ends the process right before a chosen one.
// Invariant: nothing in src knows of it; it stands between the product and the two modules through which the product writes.
import fsPromises from 'node:fs/promises';
import { Client } from 'pg';

/** Statements that change something, and the commits that make it last. */
const WRITES = /^\s*(insert|update|delete|commit|with\b[\s\S]*\b(insert|update|delete)\b)/i;
const FILE_WRITES = ['rename', 'writeFile', 'mkdtemp', 'utimes', 'rm', 'mkdir', 'copyFile', 'unlink'] as const;

/** Which writes there were, in order. */
export interface CountedWrites {
  readonly names: readonly string[];
  /** From now on writes count, from 1. @param dieBefore number of the write that is not made any more; 0: never. */
  begin(dieBefore: number): void;
  /** From now on writes do not count. */
  end(): void;
}

type Method = (this: unknown, ...input: unknown[]) => unknown;

/** Stands in the way of all writes from now on. */
export function countWrites(): CountedWrites {
  let names: string[] = [];
  let counting = false;
  let last = 0;
  const note = (name: string): void => {
    if (!counting) return;
    names.push(name);
    if (names.length === last) dieNow();
  };
  const put = (owner: object, name: string, before: (input: readonly unknown[]) => void): void => {
    const original = Reflect.get(owner, name) as Method;
    Reflect.set(owner, name, function (this: unknown, ...input: unknown[]) {
      before(input);
      return original.apply(this, input);
    });
  };
  put(Client.prototype, 'query', ([statement]) => {
    const text = typeof statement === 'string' ? statement : ((statement as { text?: string } | null)?.text ?? '');
    if (WRITES.test(text)) note(text.trim().replaceAll(/\s+/g, ' ').slice(0, 60));
  });
  for (const name of FILE_WRITES) put(fsPromises, name, () => note(name));
  return {
    get names() {
      return names;
    },
    begin(dieBefore) {
      names = [];
      last = dieBefore;
      counting = true;
    },
    end() {
      counting = false;
    },
  };
}

/** The way of `kill -9`: no handler runs, nothing is tidied up. */
export function dieNow(): never {
  process.kill(process.pid, 'SIGKILL');
  // The signal may need a moment; nothing may happen in it.
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
