// Explains a version once, after its evaluation: what it was judged on is what it is explained with.
import { MEDIA_TYPES } from '../../domain/data/artifacts';
import type { DataActivities } from '../../ports/activities';
import { heartbeating } from '../boundary';
import type { DataDependencies } from '../dependencies';
import { createExplain } from './explain';

export function createExplainActivities(dependencies: DataDependencies): Pick<DataActivities, 'explainVersion'> {
  const { stores, artifacts } = dependencies;
  const explain = createExplain(dependencies);
  return {
    explainVersion: ({ model, version }) =>
      heartbeating(async () => {
        if (await stores.explanations.find(model, version)) return { milliseconds: null };
        const started = performance.now();
        const explanation = await explain(model, version);
        const artifact = await artifacts.put(Buffer.from(JSON.stringify(explanation)), MEDIA_TYPES.json);
        await stores.explanations.save(model, { version, artifact });
        return { milliseconds: Math.round(performance.now() - started) };
      }),
  };
}
