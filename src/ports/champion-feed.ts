// How a process hears that a champion pointer may have moved. Invariant: news is only a hint; the pointer itself is always read.

/** What may have changed: one model's name, or null for any of them (after a connection was made or made again). */
export type ChampionNews = string | null;

/**
 * Tells of moves of champion pointers soon after they are committed. News can be lost while there is no connection, so listeners
 * also look by themselves now and then.
 */
export interface ChampionFeed {
  /** Starts once; returns at once and connects in the background, again and again with back-off. `onChange` must not throw. */
  start(onChange: (news: ChampionNews) => void): void;
  /** Ends the connection; `onChange` is not called afterwards. Doing it twice is no error. */
  stop(): Promise<void>;
}
