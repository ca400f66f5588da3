// Gathers the facts of a model card from the stores. Invariant: nothing is changed, and a part that is gone leaves a card without it.
import { addDays, type IsoTimestamp } from '../../domain/days';
import { UnderstudyError } from '../../domain/failures';
import type { MonitorReport } from '../../domain/monitoring/monitoring';
import type { ModelVersion } from '../../domain/lifecycle/registry';
import type { DecisionReports } from '../../ports/decision-reports';
import type { ModelReports } from '../../ports/explanations';
import type { Stores } from '../../ports/stores';
import type { CardFacts, DecisionFact } from './facts';

/** Where the facts come from. */
export interface CardSources {
  readonly stores: Pick<Stores, 'definitions' | 'registry' | 'features' | 'monitoring' | 'studies'>;
  readonly reports: Pick<ModelReports, 'explanation' | 'importanceDrift' | 'stoppingRows'>;
  readonly comparisons: Pick<DecisionReports, 'compare'>;
}

/** How far back a monitoring report says something about the time of a training. */
const MONITORING_DAYS = 30;
const DECISIONS_LOOKED_AT = 1_000;

/**
 * The facts of a version.
 * @param now - the machine's time.
 * @throws UnderstudyError `VERSION_NOT_FOUND`, `DATABASE_UNAVAILABLE`
 */
export async function gatherCard(
  { stores, reports, comparisons }: CardSources,
  model: string,
  number: number,
  now: IsoTimestamp,
): Promise<CardFacts> {
  const { registry } = stores;
  const version = await registry.load(model, number);
  const { lineage } = version;
  const loan = await loanOf(stores, version);
  const trained = loan?.lender ?? version;
  const decisions = await registry.decisions(model, DECISIONS_LOOKED_AT);
  // A borrowed version is measured as the champion only, by the decisions of its own model.
  const judgedOn = loan ? decisions.find(({ champion }) => champion?.version === number)?.snapshot : lineage.snapshot;
  const [{ plan }, snapshot, evaluation, explained, moves, monitoring] = await Promise.all([
    stores.definitions.load(lineage.definitionDigest),
    stores.features.loadSnapshot(lineage.snapshot),
    judgedOn === undefined ? null : registry.evaluation(model, number, judgedOn),
    explanationOf(reports, trained),
    registry.moves(model),
    monitoringBefore(stores, trained),
  ]);
  const decision = decisions.find((each) => each.candidates.some((candidate) => candidate.version === number)) ?? null;
  const championEvaluation = await championOf(stores, version, decision);
  return {
    ...{ version, plan, madeAt: now, snapshot, evaluation, ...explained, loan, decision, monitoring },
    importanceDrift: await driftOf(reports, version),
    championEvaluation,
    differences: await differencesOf(comparisons, version, snapshot, championEvaluation),
    search: await searchOf(stores, version),
    stoppingRows: await reports.stoppingRows(model, number).catch(() => null),
    moves: moves.filter(({ to }) => to === number).sort((a, b) => a.epoch - b.epoch),
  };
}

/** Follows a loan to the version that was trained; null: the version is its model's own. */
async function loanOf(
  { registry, definitions }: CardSources['stores'],
  version: ModelVersion,
): Promise<CardFacts['loan']> {
  if (!version.lineage.borrowed) return null;
  const chain: string[] = [];
  let lender: ModelVersion | null = version;
  for (let next = lender.lineage.borrowed; next !== undefined; next = lender?.lineage.borrowed) {
    chain.push(`${next.model}@${next.version}`);
    lender = await recorded(registry.load(next.model, next.version));
  }
  const current = await definitions.current(version.model);
  return {
    ...{ chain, lender },
    evaluation: lender && (await registry.evaluation(lender.model, lender.version, lender.lineage.snapshot)),
    plan: current && (await definitions.load(current.digest)).plan,
  };
}

async function recorded(version: Promise<ModelVersion>): Promise<ModelVersion | null> {
  try {
    return await version;
  } catch (error) {
    if (error instanceof UnderstudyError && error.code === 'VERSION_NOT_FOUND') return null;
    throw error;
  }
}

/** A card without an explanation is better than none: what is wrong stands on it. */
async function explanationOf(
  reports: CardSources['reports'],
  { model, version }: ModelVersion,
): Promise<Pick<CardFacts, 'explanation' | 'explanationProblem'>> {
  try {
    return { explanation: await reports.explanation(model, version), explanationProblem: '' };
  } catch (error) {
    if (!(error instanceof UnderstudyError) || error.code === 'DATABASE_UNAVAILABLE') throw error;
    return { explanation: null, explanationProblem: error.message };
  }
}

/** Something to compare with may be gone; the card is about the version itself. */
async function driftOf(
  reports: CardSources['reports'],
  { model, version, lineage: { parent } }: ModelVersion,
): Promise<CardFacts['importanceDrift']> {
  if (parent === null || parent === version) return null;
  const drift = await reports.importanceDrift(model, parent, version).catch(() => null);
  return drift && { ...drift, since: parent };
}

/** Invariant: a version is never shown beside itself. */
async function championOf(
  { registry }: CardSources['stores'],
  { model, version, lineage }: ModelVersion,
  decision: DecisionFact | null,
): Promise<CardFacts['championEvaluation']> {
  // No decision judges an experiment: it was evaluated beside the champion of its time.
  const champion = lineage.experiment ? lineage.parent : decision?.champion?.version;
  if (champion === undefined || champion === null || champion === version) return null;
  return registry.evaluation(model, champion, decision?.snapshot ?? lineage.snapshot);
}

/** Rows and models may be gone: then the card has the recorded numbers without intervals of their difference. */
async function differencesOf(
  comparisons: CardSources['comparisons'],
  { model, version }: ModelVersion,
  snapshot: CardFacts['snapshot'],
  champion: CardFacts['championEvaluation'],
): Promise<CardFacts['differences']> {
  if (!snapshot || champion?.snapshot !== snapshot.id) return null;
  try {
    return (await comparisons.compare(model, [champion.version, version], snapshot)).differences[0] ?? null;
  } catch (error) {
    if (!(error instanceof UnderstudyError) || error.code === 'DATABASE_UNAVAILABLE') throw error;
    return null;
  }
}

/** A borrowed version's search was its lender's. */
async function searchOf(
  { studies }: CardSources['stores'],
  { model, lineage: { tuning, borrowed } }: ModelVersion,
): Promise<CardFacts['search']> {
  if (!tuning) return null;
  const owner = borrowed?.model ?? model;
  const study = await studies.load(owner, tuning.study);
  return study && { study, trials: await studies.trials(owner, tuning.study) };
}

async function monitoringBefore(
  { monitoring }: CardSources['stores'],
  { model, lineage: { logicalTime } }: ModelVersion,
): Promise<MonitorReport | null> {
  const found = await monitoring.list(model, addDays(logicalTime, -MONITORING_DAYS), logicalTime);
  return found.filter(({ drift }) => drift.length > 0).at(-1) ?? null;
}
