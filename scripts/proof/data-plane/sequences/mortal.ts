// A worker's ports that die at a chosen moment: from then on nothing of that worker reads or writes any more, and its open transactions are
// rolled back, as those of a process that was killed are.
import type { Ports } from '../place/place';

/** Ports with an end. */
export interface MortalPorts {
  readonly ports: Ports;
  /** Whether the moment has come. */
  died(): boolean;
  /** Waits until no call of the dead worker is under way. */
  quiet(): Promise<void>;
}

type Call = (...input: unknown[]) => unknown;

/**
 * When a worker dies. Calls: the moments before and after each call of a port, so that there is one between any two writes, inside and outside
 * of transactions. Commits: the moments between a commit and its being known.
 */
export interface Moment {
  readonly of: 'calls' | 'commits';
  /** From 1. */
  readonly number: number;
}

const COMMITTING: readonly unknown[] = ['once', 'transaction'];

/** Wraps all ports. */
export function mortalPorts({ stores, artifacts }: Ports, at: Moment): MortalPorts {
  const moments = { calls: 0, commits: 0 };
  let dead = false;
  const underWay = new Set<Promise<unknown>>();

  const live = (of: Moment['of']): void => {
    moments[of]++;
    if (moments[at.of] >= at.number) dead = true;
    if (dead) throw new Error('the worker is dead');
  };
  const call = (target: object, name: unknown, method: Call): Call =>
    function (...input) {
      live('calls');
      const given = method.apply(target, input);
      if (!isPromise(given)) return given;
      const answered = given.then((value) => {
        if (COMMITTING.includes(name)) live('commits');
        live('calls');
        return value;
      });
      const ended: Promise<unknown> = answered.catch(() => undefined).then(() => underWay.delete(ended));
      underWay.add(ended);
      return answered;
    };
  const wrap = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(_, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value === 'function') return call(target, name, value as Call);
        return typeof value === 'object' && value !== null ? wrap(value) : value;
      },
    });
  return {
    ports: { stores: wrap(stores), artifacts: wrap(artifacts) },
    died: () => dead,
    async quiet() {
      while (underWay.size > 0) await Promise.all([...underWay]);
    },
  };
}

/** By shape: a promise of another realm (a test runner's) is no `instanceof Promise`. */
function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
