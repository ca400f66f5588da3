// Reports on single versions for the command line: the explanation, and how one prediction came about. Nothing is stored.
import { TrainingReport, type Explanation } from '../../domain/evaluation/explanation';
import { UnderstudyError } from '../../domain/failures';
import type { ModelVersion } from '../../domain/lifecycle/registry';
import type { ModelSignature } from '../../domain/training/training';
import type { ModelReports } from '../../ports/explanations';
import { encodeRows, type InputRow } from '../../scoring/encode';
import { openExplainer } from '../../scoring/contributions/explainer';
import { openModel } from '../../scoring/session';
import { importanceDrift } from '../../statistics/explanation/importance-drift';
import type { DataDependencies } from '../dependencies';
import { viewDigests } from '../feeding/fed-plan';
import { createMatrices } from '../snapshots/matrices';
import { contributionsReport } from './contributions-report';
import { createExplain } from './explain';

/** What the reports read. */
export type ModelReportDependencies = Pick<DataDependencies, 'artifacts' | 'engine'> & {
  readonly stores: Pick<
    DataDependencies['stores'],
    'registry' | 'definitions' | 'features' | 'online' | 'explanations'
  >;
};

/** The reports on these stores. */
export function createModelReports(dependencies: ModelReportDependencies): ModelReports {
  const { stores, artifacts } = dependencies;
  const matrices = createMatrices(dependencies);
  const explain = createExplain(dependencies);

  async function read(model: string, version: number): Promise<Explanation | null> {
    const found = await stores.explanations.find(model, version);
    return found && (JSON.parse((await artifacts.get(found.artifact)).toString()) as Explanation);
  }

  /** The encoded row of an entity: as it is online, else as it was in the rows that the version was judged on. */
  async function rowOf(version: ModelVersion, signature: ModelSignature, key: string): Promise<Float32Array> {
    const { model, lineage } = version;
    const { plan } = await stores.definitions.load(lineage.definitionDigest);
    const online = await stores.online.lookup(model, [key], [...viewDigests(plan)]);
    if (online.length > 0) {
      const all: InputRow = Object.assign({}, ...online.map(({ features }) => features)) as InputRow;
      const absent = signature.columns.find(({ name }) => !Object.hasOwn(all, name));
      if (absent) {
        throw new UnderstudyError(
          'SIGNATURE_MISMATCH',
          `Input ${absent.name}: found no such feature of ${model} online for the entity ${key}; allowed: ${Object.keys(all).join(', ')}.`,
          { input: absent.name, key },
        );
      }
      return encodeRows(signature, [Object.fromEntries(signature.columns.map(({ name }) => [name, all[name]]))]);
    }
    const snapshot = await stores.features.loadSnapshot(lineage.snapshot);
    for (const role of ['holdout', 'truth'] as const) {
      if (!snapshot) break;
      const { keys, features } = await matrices.readAs(snapshot, role, signature);
      const at = keys.indexOf(key);
      const width = signature.columns.length;
      if (at >= 0) return features.slice(at * width, (at + 1) * width);
    }
    throw new UnderstudyError(
      'ENTITY_UNKNOWN',
      `"${key}" is no entity of ${model} that is online, and none of the rows that version ${version.version} was evaluated on.`,
      { model, key },
    );
  }

  return {
    async explanation(model, version) {
      return (await read(model, version)) ?? explain(model, version);
    },

    async stoppingRows(model, number) {
      const { report } = (await stores.registry.load(model, number)).training;
      if (!(await artifacts.has(report.sha256))) return null;
      const parsed = TrainingReport.safeParse(JSON.parse((await artifacts.get(report)).toString()));
      return parsed.data?.earlyStopping?.rows ?? null;
    },

    async importanceDrift(model, from, to) {
      const [before, after] = await Promise.all([read(model, from), read(model, to)]);
      return before && after && importanceDrift(byFeature(before), byFeature(after));
    },

    async contributions(model, number, key) {
      const version = await stores.registry.load(model, number);
      const signature = await matrices.signature(version.signature);
      const { native, report } = version.training;
      const explainer = openExplainer({
        trainer: version.lineage.trainer,
        signature,
        native: await artifacts.get(native),
        report: await artifacts.get(report),
      });
      const row = await rowOf(version, signature, key);
      const opened = await openModel(await artifacts.get(version.onnx), signature);
      const prediction = await opened.score(row, 1).finally(() => opened.release());
      const parts = explainer.explain(row, prediction);
      const head = { model, version: number, contender: version.contender, key, method: explainer.method };
      return contributionsReport(head, signature, row, prediction, parts);
    },
  };
}

/** Where the metric was undefined there is nothing to compare. */
function byFeature({ importance }: Explanation): Record<string, number> {
  return Object.fromEntries(importance.features.flatMap(({ name, mean }) => (mean === null ? [] : [[name, mean]])));
}
