// Asks the serving process over HTTP, again and again, which version answers; notes when that changes.
import { setTimeout as sleep } from 'node:timers/promises';

/** From this instant on the version answered. */
export interface VersionSeen {
  readonly version: string | null;
  readonly atMs: number;
}

const POLL_MS = 25;

/** The version that answers requests which name none; null: nobody answers. */
export async function servedVersion(servingUrl: string, model: string): Promise<string | null> {
  try {
    const response = await fetch(`${servingUrl}/v2/models/${model}`, { signal: AbortSignal.timeout(2_000) });
    if (!response.ok) return null;
    return ((await response.json()) as { versions?: readonly string[] }).versions?.[0] ?? null;
  } catch {
    return null;
  }
}

/** Watches until it is stopped. */
export function watchServing(servingUrl: string, model: string): { stop(): Promise<readonly VersionSeen[]> } {
  const seen: VersionSeen[] = [];
  let stopped = false;
  const watching = (async () => {
    while (!stopped) {
      const version = await servedVersion(servingUrl, model);
      if (seen.at(-1)?.version !== version) seen.push({ version, atMs: Date.now() });
      await sleep(POLL_MS);
    }
  })();
  return {
    async stop() {
      stopped = true;
      await watching;
      return seen;
    },
  };
}
