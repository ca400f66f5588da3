// Recorded plans by digest. A digest never changes its plan, so each worker process reads each plan once.
import type { ModelPlan } from '../domain/plan/plan';
import type { DefinitionStore } from '../ports/stores';

export type LoadPlan = (digest: string) => Promise<{ readonly plan: ModelPlan; readonly codeCommit: string }>;

export function planLoader(definitions: DefinitionStore): LoadPlan {
  const known = new Map<string, ReturnType<DefinitionStore['load']>>();
  return async (digest) => {
    let loading = known.get(digest);
    if (!loading) {
      loading = definitions.load(digest);
      known.set(digest, loading);
      loading.catch(() => known.delete(digest));
    }
    return loading;
  };
}
