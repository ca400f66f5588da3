// One model's place in the serving process: the champion that answers, and previous kept warm beside it.
// Invariant: a lease is always on an open session; the reference switches in one step, and a version is released when its last lease ended.
import { failureCodeOf, UnderstudyError, type FailureCode } from '../domain/failures';
import type { ChampionPointer } from '../domain/lifecycle/registry';
import { messageOf, type Log } from './log';
import type { ServedModel } from './served-model';

/** The right to use a version until `end`. */
export interface Lease {
  readonly served: ServedModel;
  /** Ends the lease; doing it twice is no error. */
  end(): void;
}

/** A version that could not be opened. */
interface LoadFailure {
  readonly version: number;
  readonly code: FailureCode;
  readonly message: string;
  readonly attempts: number;
}

/** What a slot holds, for the readiness details. */
export interface SlotState {
  readonly model: string;
  /** The champion by the registry; null: none yet. */
  readonly champion: number | null;
  readonly previous: number | null;
  readonly epoch: number;
  /** The version that answers; differs from `champion` while that one loads or cannot be loaded. */
  readonly serving: number | null;
  readonly loaded: readonly number[];
  readonly requestsInFlight: number;
  readonly failures: readonly LoadFailure[];
}

/** See {@link createModelSlot}. */
export interface ModelSlot {
  /** Makes the slot hold what the pointer names; resolves when it does or when that failed. Never rejects. */
  follow(pointer: ChampionPointer): Promise<void>;
  /**
   * Takes the serving version, or a loaded one by number.
   * @throws UnderstudyError `NO_CHAMPION` when nothing serves, `VERSION_NOT_FOUND` when the version is not loaded.
   */
  lease(version?: number): Lease;
  state(): SlotState;
  /** Waits for all leases and releases everything. */
  close(): Promise<void>;
}

/** Settings of a slot; all have defaults. */
export interface SlotOptions {
  /** The first wait before a version that failed is tried again, doubled each time, in milliseconds. Default 1,000. */
  readonly firstRetryMs?: number;
  /** The longest wait, in milliseconds. Default 30,000. */
  readonly longestRetryMs?: number;
}

interface Entry {
  readonly served: ServedModel;
  leases: number;
  /** Resolves the wait of a retired version when its last lease ends. */
  drained?: () => void;
}

/** An empty slot. `load` opens and warms a version; its failures keep what serves, and are tried again as long as the pointer names it. */
export function createModelSlot(
  model: string,
  load: (version: number) => Promise<ServedModel>,
  log: Log,
  options: SlotOptions = {},
): ModelSlot {
  const { firstRetryMs = 1_000, longestRetryMs = 30_000 } = options;
  const loaded = new Map<number, Entry>();
  const failed = new Map<number, LoadFailure & { readonly retryAtMs: number }>();
  const draining = new Set<Promise<void>>();
  let pointer: ChampionPointer | undefined;
  let serving: Entry | undefined;
  let work: Promise<void> = Promise.resolve();
  let closed = false;

  /** The loaded version, opened now if need be; undefined when that failed, or failed lately. */
  async function ensure(version: number): Promise<Entry | undefined> {
    const known = loaded.get(version);
    if (known) return known;
    const before = failed.get(version);
    if (before && performance.now() < before.retryAtMs) return undefined;
    const startedAt = performance.now();
    try {
      const entry: Entry = { served: await load(version), leases: 0 };
      loaded.set(version, entry);
      failed.delete(version);
      log('info', 'version loaded', { model, version, milliseconds: Math.round(performance.now() - startedAt) });
      return entry;
    } catch (error) {
      const attempts = (before?.attempts ?? 0) + 1;
      const waitMs = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(attempts - 1, 20));
      const failure = { version, code: failureCodeOf(error), message: messageOf(error), attempts };
      failed.set(version, { ...failure, retryAtMs: performance.now() + waitMs });
      log('error', 'version cannot be loaded', {
        model,
        version,
        code: failure.code,
        error: failure.message,
        serving: serving?.served.version ?? null,
        retryInMs: waitMs,
      });
      return undefined;
    }
  }

  function retire(entry: Entry): void {
    loaded.delete(entry.served.version);
    const idle = entry.leases === 0 ? Promise.resolve() : new Promise<void>((resolve) => (entry.drained = resolve));
    const done = idle
      .then(() => entry.served.release())
      .catch((error: unknown) =>
        log('warn', 'release failed', { model, version: entry.served.version, error: messageOf(error) }),
      )
      .finally(() => draining.delete(done));
    draining.add(done);
  }

  async function align(): Promise<void> {
    if (closed || !pointer) return;
    const { version, previous, epoch } = pointer;
    if (version !== null && serving?.served.version !== version) {
      const entry = await ensure(version);
      if (entry) {
        const from = serving?.served.version ?? null;
        serving = entry;
        log('info', 'champion switched', { model, from, to: version, epoch });
      }
    }
    if (previous !== null) await ensure(previous);
    const wanted = new Set([serving?.served.version, version, previous]);
    for (const entry of [...loaded.values()]) if (!wanted.has(entry.served.version)) retire(entry);
    for (const failure of [...failed.keys()]) if (!wanted.has(failure)) failed.delete(failure);
  }

  function find(version: number | undefined): Entry {
    if (version === undefined) {
      if (serving) return serving;
      throw new UnderstudyError('NO_CHAMPION', whyNothingServes(model, pointer, failed), { model });
    }
    const entry = loaded.get(version);
    if (entry) return entry;
    const names = [...loaded.keys()].map(
      (number) => `${number}${number === serving?.served.version ? ' (champion)' : ''}`,
    );
    throw new UnderstudyError(
      'VERSION_NOT_FOUND',
      `Version ${version} of ${model} is not loaded; loaded: ${names.join(', ') || 'none'}.`,
      { model, version, loaded: [...loaded.keys()] },
    );
  }

  return {
    follow(next) {
      pointer = next;
      // One at a time, each with the newest pointer.
      return (work = work.then(align));
    },
    lease(version) {
      const entry = find(version);
      entry.leases++;
      let ended = false;
      return {
        served: entry.served,
        end() {
          if (ended) return;
          ended = true;
          if (--entry.leases === 0) entry.drained?.();
        },
      };
    },
    state: () => ({
      model,
      champion: pointer?.version ?? null,
      previous: pointer?.previous ?? null,
      epoch: pointer?.epoch ?? 0,
      serving: serving?.served.version ?? null,
      loaded: [...loaded.keys()],
      requestsInFlight: [...loaded.values()].reduce((sum, entry) => sum + entry.leases, 0),
      failures: [...failed.values()].map(({ version, code, message, attempts }) => ({
        version,
        code,
        message,
        attempts,
      })),
    }),
    async close() {
      closed = true;
      await work;
      serving = undefined;
      for (const entry of [...loaded.values()]) retire(entry);
      await Promise.all(draining);
    },
  };
}

function whyNothingServes(
  model: string,
  pointer: ChampionPointer | undefined,
  failed: ReadonlyMap<number, LoadFailure>,
): string {
  const version = pointer?.version ?? null;
  if (version === null) return `${model} has no champion yet: no version was promoted.`;
  const failure = failed.get(version);
  if (failure)
    return `Version ${version}, the champion of ${model}, cannot be loaded (${failure.code}): ${failure.message}`;
  return `Version ${version}, the champion of ${model}, is being loaded.`;
}
