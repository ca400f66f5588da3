// Which feature views a version was trained on, by content: what requests by entity key may be answered with.
import type { ModelPlan } from '../domain/plan/plan';
import type { DefinitionStore, ModelRegistry } from '../ports/stores';

/** Digests of a version's feature views. @throws UnderstudyError `VERSION_NOT_FOUND`, `MODEL_NOT_DEPLOYED`, `DATABASE_UNAVAILABLE` */
export type VersionViews = (model: string, version: number) => Promise<readonly string[]>;

/** Looks each version up once; what fails is looked up again. @param digestsOf - the digests of a plan's views, as publishing names them. */
export function createVersionViews(
  registry: Pick<ModelRegistry, 'load'>,
  definitions: Pick<DefinitionStore, 'load'>,
  digestsOf: (plan: ModelPlan) => Iterable<string>,
): VersionViews {
  const known = new Map<string, Promise<readonly string[]>>();
  return (model, version) => {
    const name = `${model}/${version}`;
    let found = known.get(name);
    if (!found) {
      found = look(model, version);
      known.set(name, found);
      found.catch(() => known.delete(name));
    }
    return found;
  };

  async function look(model: string, version: number): Promise<readonly string[]> {
    const { lineage } = await registry.load(model, version);
    return [...digestsOf((await definitions.load(lineage.definitionDigest)).plan)];
  }
}
