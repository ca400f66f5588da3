// Holds real activities at their door, so that a test can act while a step is under way. Nothing is replaced: a released one runs as it is.

/** One held activity. */
export interface Hold {
  /** Resolves when an attempt has arrived. */
  readonly reached: Promise<void>;
  /** Lets what waits, and what comes later, go on. */
  release(): void;
}

type Activity = (input: never) => Promise<unknown>;

export interface Holds {
  hold(activity: string): Hold;
  around(activities: object): object;
  releaseAll(): void;
}

export function createHolds(): Holds {
  const doors = new Map<string, { arrive(): void; readonly open: Promise<void>; release(): void }>();
  return {
    hold(activity) {
      let arrive: () => void = () => undefined;
      let open: () => void = () => undefined;
      const reached = new Promise<void>((resolve) => (arrive = resolve));
      const opened = new Promise<void>((resolve) => (open = resolve));
      const release = (): void => {
        doors.delete(activity);
        open();
      };
      doors.set(activity, { arrive, open: opened, release });
      return { reached, release };
    },
    around: (activities) =>
      Object.fromEntries(
        Object.entries(activities as Record<string, Activity>).map(([name, run]) => [
          name,
          async (input: never) => {
            const door = doors.get(name);
            door?.arrive();
            await door?.open;
            return run(input);
          },
        ]),
      ),
    releaseAll() {
      for (const door of doors.values()) door.release();
    },
  };
}
