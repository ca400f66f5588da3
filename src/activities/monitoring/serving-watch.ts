// Waits until the serving process answers with a version.
import type { ControlActivities } from '../../ports/activities';
import { heartbeating } from '../boundary';
import type { ControlDependencies } from '../dependencies';

const POLL_MS = 100;

export function createServingWatch({ servingUrl }: ControlDependencies): Pick<ControlActivities, 'awaitServing'> {
  return {
    awaitServing: ({ model, version, withinMs }) =>
      heartbeating(async () => {
        const startedAt = Date.now();
        for (;;) {
          const milliseconds = Date.now() - startedAt;
          if ((await servedVersion(servingUrl, model)) === String(version)) return { serving: true, milliseconds };
          if (milliseconds > withinMs) return { serving: false, milliseconds };
          await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        }
      }),
  };
}

/** The version that answers requests without a version; null when none does. */
async function servedVersion(servingUrl: string, model: string): Promise<string | null> {
  try {
    const response = await fetch(`${servingUrl}/v2/models/${model}`, { signal: AbortSignal.timeout(2000) });
    if (!response.ok) return null;
    const { versions } = (await response.json()) as { versions?: readonly string[] };
    return versions?.[0] ?? null;
  } catch {
    return null;
  }
}
