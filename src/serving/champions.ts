// Follows the champion pointers of all deployed models and keeps a slot for each.
// Invariant: without PostgreSQL nothing changes: what is loaded goes on serving, and the first look after its return catches up.
import type { ChampionFeed, ChampionNews } from '../ports/champion-feed';
import type { DefinitionStore, ModelRegistry } from '../ports/stores';
import { messageOf, type Log } from './log';
import { createModelSlot, type ModelSlot, type SlotOptions } from './slot';
import type { ServedModel } from './served-model';

/** What the follower needs. */
export interface ChampionsDeps {
  readonly definitions: Pick<DefinitionStore, 'models'>;
  readonly registry: Pick<ModelRegistry, 'champion'>;
  readonly feed: ChampionFeed;
  /** Opens and warms a version. */
  readonly load: (model: string, version: number) => Promise<ServedModel>;
  readonly log: Log;
  /** How often all pointers are read whatever the feed says, in milliseconds. Default 1,000. */
  readonly pollMs?: number;
  readonly slots?: SlotOptions;
}

/** Whether the pointers can be read at the moment. */
interface PointerAccess {
  /** False before the first complete look. */
  readonly known: boolean;
  readonly reachable: boolean;
  /** Why not; null while they can be read. */
  readonly problem: string | null;
}

/** See {@link createChampions}. */
export interface Champions {
  /** Looks once, loads what the pointers name, and goes on following. Resolves after that first look, also when it failed. */
  start(): Promise<void>;
  /** The slot of a deployed model; undefined: there is no such model (or no look has seen it yet). */
  slot(model: string): ModelSlot | undefined;
  slots(): readonly ModelSlot[];
  access(): PointerAccess;
  /** Stops following; what is loaded keeps serving until {@link Champions.release}. */
  stop(): Promise<void>;
  /** Waits for the last requests and frees all models. */
  release(): Promise<void>;
}

/** Creates the follower; nothing happens before `start`. */
export function createChampions(deps: ChampionsDeps): Champions {
  const { definitions, registry, feed, log, pollMs = 1_000 } = deps;
  const slots = new Map<string, ModelSlot>();
  /** What each slot is doing since its last look; a slot's own work never rejects. */
  const loading = new Map<string, Promise<void>>();
  let access: PointerAccess = { known: false, reachable: false, problem: 'The champions have not been read yet.' };
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  /** Looks that wait: a set, because many notices of one model need one look. */
  const due = new Set<ChampionNews>();
  let looking: Promise<void> | undefined;

  async function follow(model: string): Promise<void> {
    const pointer = await registry.champion(model);
    let slot = slots.get(model);
    if (!slot)
      slots.set(model, (slot = createModelSlot(model, (version) => deps.load(model, version), log, deps.slots)));
    // Not awaited by the look: one model's slow load must not hold up another model's switch.
    loading.set(model, slot.follow(pointer));
  }

  async function look(news: ChampionNews): Promise<void> {
    try {
      if (news !== null && slots.has(news)) await follow(news);
      else for (const model of await definitions.models()) await follow(model);
      if (!access.reachable && access.known) log('info', 'PostgreSQL answers again', {});
      access = { known: access.known || news === null, reachable: true, problem: null };
    } catch (error) {
      const problem = messageOf(error);
      if (access.problem !== problem)
        log('error', 'the champions cannot be read; what is loaded keeps serving', { problem });
      access = { ...access, reachable: false, problem };
    }
  }

  /** One look after the other, so that an older pointer is never followed after a newer one. */
  function ask(news: ChampionNews): Promise<void> {
    if (stopped) return Promise.resolve();
    due.add(news);
    return (looking ??= lookAtAllDue().finally(() => (looking = undefined)));
  }

  async function lookAtAllDue(): Promise<void> {
    for (const [news] of due.entries()) {
      due.delete(news);
      if (!stopped) await look(news);
    }
  }

  function pollLater(): void {
    timer = setTimeout(() => void ask(null).then(() => (stopped ? undefined : pollLater())), pollMs);
  }

  return {
    async start() {
      await ask(null);
      await Promise.all(loading.values());
      feed.start((news) => void ask(news));
      pollLater();
    },
    slot: (model) => slots.get(model),
    slots: () => [...slots.values()],
    access: () => access,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await feed.stop();
      await looking;
    },
    async release() {
      await Promise.all([...slots.values()].map((slot) => slot.close()));
    },
  };
}
