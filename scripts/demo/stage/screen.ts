// What a person sees while the demo runs: one line per step with what it is doing now; plain lines where there is no terminal.
import { Listr, PRESET_TIMER } from 'listr2';

/** Shows what a step is doing; the newest text replaces the last one. */
export type Show = (text: string) => void;

/** The demo's output. */
export interface Screen {
  /** Runs a step under its title and shows how long it took. */
  readonly step: <T>(title: string, work: (show: Show) => Promise<T>) => Promise<T>;
  /** A line that stays: now, or after the running step. */
  readonly note: (text: string) => void;
}

/** Without a terminal a step says what it is doing at most this often. */
const PLAIN_EVERY_MS = 10_000;

/** A narrower terminal, or one that does not know its width, gets plain lines. */
const LEAST_COLUMNS = 40;

/** Writes to stdout. */
export function createScreen(): Screen {
  const { isTTY, columns } = process.stdout;
  return isTTY && columns >= LEAST_COLUMNS ? terminalScreen() : plainScreen();
}

function line(text: string): void {
  process.stdout.write(`${text}\n`);
}

function terminalScreen(): Screen {
  let notes: string[] | null = null;
  const note = (text: string): void => {
    if (notes) notes.push(text);
    else line(`  ${text}`);
  };
  return {
    note,
    async step(title, work) {
      const kept: string[] = [];
      notes = kept;
      let result: Awaited<ReturnType<typeof work>> | undefined;
      // Ctrl-C is the demo's own affair: everything has to be stopped in order.
      const task = new Listr(
        [
          {
            title,
            task: async (_, shown) => {
              // What a step started may have more to say after its end; its line is gone then.
              let ended = false;
              const show = (text: string): void => (ended ? note(text) : void (shown.output = text));
              result = await work(show).finally(() => (ended = true));
            },
          },
        ],
        { registerSignalListeners: false, rendererOptions: { timer: PRESET_TIMER, showErrorMessage: false } },
      );
      try {
        await task.run();
      } finally {
        notes = null;
        for (const note of kept) line(`  ${note}`);
      }
      return result!;
    },
  };
}

function plainScreen(): Screen {
  return {
    async step(title, work) {
      const startedAt = performance.now();
      let saidAt = startedAt;
      line(`> ${title}`);
      let ended = false;
      const result = await work((text) => {
        if (ended) return line(`  ${text}`);
        if (performance.now() - saidAt < PLAIN_EVERY_MS) return;
        saidAt = performance.now();
        line(`    ${text}`);
      }).finally(() => (ended = true));
      line(`  done in ${((performance.now() - startedAt) / 1000).toFixed(1)} s: ${title}`);
      return result;
    },
    note: (text) => line(`  ${text}`),
  };
}
