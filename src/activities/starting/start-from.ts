// Where a training starts: finds the version that a contender's `startFrom` names, and refuses one that does not fit or has seen too much.
// Invariant: no row of a snapshot's holdout or truth set was ever trained on by the version that a training starts from, or by any before it.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { recodeMatrix } from '../../data/snapshot/recode-matrix';
import { canonicalJson } from '../../definition/digest';
import { MEDIA_TYPES, type ArtifactRef } from '../../domain/data/artifacts';
import type { ContenderPlan } from '../../domain/plan/contender-plan';
import { UnderstudyError } from '../../domain/failures';
import type { SnapshotRef } from '../../domain/data/partitions';
import type { ModelPlan } from '../../domain/plan/plan';
import type { ModelVersion } from '../../domain/lifecycle/registry';
import { columnsDiffer, continuedColumns, type StartedFrom, type StartPlan } from '../../domain/plan/start-from';
import type { ModelSignature } from '../../domain/training/training';
import { hasViewsOf } from '../feeding/fed-plan';
import type { FeatureDependencies } from '../features/featurize';
import { createMatrices } from '../snapshots/matrices';
import { planLoader } from '../plans';
import { jsonBytes } from '../snapshots/snapshot-manifest';

/** The start of one training, and what is trained on from there. */
export interface Start {
  readonly startFrom: StartedFrom;
  /** The version's ONNX, from which the linear trainer takes its weights. */
  readonly onnx: ArtifactRef;
  /** The training rows and their signature: the snapshot's, where needed in codes that go on from the version's. */
  readonly matrix: ArtifactRef;
  readonly signature: ArtifactRef;
}

/**
 * Finds the start of a contender; null: it has none yet, because its own model has no such version so far.
 * @throws UnderstudyError `START_REFUSED` naming what does not fit; `VERSION_NOT_FOUND` for a number that does not exist.
 */
export type FindStart = (
  plan: ModelPlan,
  contender: { readonly name: string; readonly plan: ContenderPlan },
  snapshot: SnapshotRef,
) => Promise<Start | null>;

/** See {@link FindStart}. */
export function createStartFinder(dependencies: FeatureDependencies): FindStart {
  const { stores, artifacts, engine } = dependencies;
  const { registry, features, definitions } = stores;
  const loadPlan = planLoader(definitions);
  const matrices = createMatrices(dependencies);

  /** Null: the contender's own model has none yet. Another model has to have it. */
  async function versionOf(plan: ModelPlan, name: string, start: StartPlan): Promise<ModelVersion | null> {
    const model = start.model ?? plan.name;
    if (typeof start.version === 'number') return registry.load(model, start.version);
    if (start.version === 'parent') return registry.newestOf(plan.name, name);
    const pointer = await registry.champion(model);
    const number = start.version === 'champion' ? pointer.version : pointer.previous;
    if (number !== null) return registry.load(model, number);
    if (model === plan.name) return null;
    throw refused(name, `the model ${model} has no ${start.version}`, 'a version that exists');
  }

  async function startedFrom(name: string, found: ModelVersion, own: ModelPlan): Promise<StartedFrom> {
    const { lineage, model, version, contender, training } = found;
    const snapshot = await features.loadSnapshot(lineage.snapshot);
    if (!snapshot)
      throw refused(name, `the snapshot of ${model}@${version} is not recorded`, 'a version whose days are known');
    const before = lineage.startFrom;
    const last = snapshot.trainDays.to;
    const rules = new Set([own.snapshot.truthSet.everyNthDay, ...(before?.truthEveryNthDays ?? [])]);
    return {
      ...{ model, version, contender, native: training.native },
      seenTo: before && before.seenTo > last ? before.seenTo : last,
      truthEveryNthDays: [...rules].sort((a, b) => a - b),
    };
  }

  /** The snapshot's rows in codes that go on from the version's. */
  async function continued(
    snapshot: SnapshotRef,
    now: ModelSignature,
    parent: ModelSignature,
  ): Promise<Pick<Start, 'matrix' | 'signature'>> {
    const to = { ...now, columns: continuedColumns(parent.columns, now.columns) };
    const signature = await artifacts.put(jsonBytes(to), MEDIA_TYPES.json);
    if (signature.sha256 === snapshot.signature.sha256) return { matrix: snapshot.train, signature };
    const dir = await artifacts.tempDir();
    try {
      const outPath = join(dir, 'recoded.parquet');
      await recodeMatrix(engine, { path: await artifacts.localPath(snapshot.train), from: now, to, outPath });
      return { matrix: await artifacts.putFile(outPath, MEDIA_TYPES.parquet, snapshot.train.rows), signature };
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }

  return async (plan, { name, plan: wanted }, snapshot) => {
    if (!wanted.startFrom) return null;
    const found = await versionOf(plan, name, wanted.startFrom);
    if (!found) return null;
    const { plan: own } = await loadPlan(found.lineage.definitionDigest);
    requireFit(plan, name, wanted, found, own);
    const startFrom = await startedFrom(name, found, own);
    requireUnseen(plan, name, startFrom, snapshot);
    const [now, parent] = await Promise.all(
      [snapshot.signature, found.signature].map((ref) => matrices.signature(ref)),
    );
    const differ = columnsDiffer(parent!.columns, now!.columns) ?? restDiffers(parent!, now!);
    if (differ)
      throw refused(name, `${labelOf(startFrom)} has other columns: ${differ}`, 'the same columns in the same order');
    const { native } = startFrom;
    if (!(await artifacts.has(native.sha256)))
      throw refused(name, `the native model of ${labelOf(startFrom)} is gone`, 'a version that retention has kept');
    const rows =
      wanted.trainer === 'logistic'
        ? { matrix: snapshot.train, signature: snapshot.signature }
        : await continued(snapshot, now!, parent!);
    return { startFrom, onnx: found.onnx, ...rows };
  };
}

/** Trainer, task, views and the options that bind all trees have to be the same. */
function requireFit(
  plan: ModelPlan,
  name: string,
  wanted: ContenderPlan,
  { model, version, contender, state, lineage }: ModelVersion,
  own: ModelPlan,
): void {
  const label = `${model}@${version}`;
  if (state === 'deleted') throw refused(name, `${label} was deleted by retention`, 'a version that is kept');
  if (lineage.trainer !== wanted.trainer)
    throw refused(
      name,
      `${label} was trained by ${lineage.trainer}`,
      `a version that was trained by ${wanted.trainer}`,
    );
  if (own.timeZone !== plan.timeZone)
    throw refused(name, `the days of ${label} are those of ${own.timeZone}`, `a version with days of ${plan.timeZone}`);
  const [theirTask, task]: [string, string] = [own.task, plan.task];
  if (theirTask !== task) throw refused(name, `${label} predicts a ${theirTask} task`, `a ${task} one`);
  if (model === plan.name && !hasViewsOf(plan, own))
    throw refused(name, `feature views have changed since ${label}`, 'a version with the views of now');
  const theirs = own.contenders[contender];
  for (const option of ['monotone', 'weights'] as const) {
    const [now, before] = [bindingPart(option, wanted), bindingPart(option, theirs)];
    if (canonicalJson(now) !== canonicalJson(before))
      throw refused(name, `${label} was trained with other ${option}`, `${option} as they were: all of its trees stay`);
  }
}

/** What of an option a model cannot change its mind about: constraints, and the column that it must not use. */
function bindingPart(option: 'monotone' | 'weights', plan: ContenderPlan | undefined): unknown {
  return option === 'monotone' ? (plan?.monotone ?? {}) : (plan?.weights?.column ?? null);
}

/** The holdout is after everything seen; truth days were kept out by the same calendar rule, or by one that keeps out more. */
function requireUnseen(plan: ModelPlan, name: string, start: StartedFrom, snapshot: SnapshotRef): void {
  const { from } = snapshot.holdoutDays;
  if (start.seenTo >= from) {
    const message = `${labelOf(start)} was trained on days up to ${start.seenTo}, and the holdout starts on ${from}`;
    throw refused(name, message, 'a version that has seen no day of the holdout');
  }
  const everyNth = plan.snapshot.truthSet.everyNthDay;
  const other = start.truthEveryNthDays.find((rule) => everyNth % rule !== 0);
  if (other === undefined) return;
  const message = `${labelOf(start)} kept out every ${other}th day, and the truth set is every ${everyNth}th`;
  throw refused(name, message, 'a version that has seen no day of the truth set');
}

/** Statistics of the labels are each snapshot's own. */
function restDiffers(
  { columns: _theirs, labels: _before, ...parent }: ModelSignature,
  { columns: _ours, labels: _now, ...now }: ModelSignature,
): string | null {
  return canonicalJson(parent) === canonicalJson(now) ? null : 'what it predicts is another thing';
}

function labelOf({ model, version }: StartedFrom): string {
  return `${model}@${version}`;
}

function refused(contender: string, found: string, allowed: string): UnderstudyError {
  const message = `contenders.${contender}.startFrom: found: ${found}; allowed is ${allowed}.`;
  return new UnderstudyError('START_REFUSED', message, { contender });
}
