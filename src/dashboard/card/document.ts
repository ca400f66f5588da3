// The document of a model card: everything the page shows, as plain JSON. Pure: the same facts give the same document.
import type { IsoTimestamp } from '../../domain/days';
import type { Estimate, Evaluation, GateResult, SliceMetrics } from '../../domain/evaluation/evaluation';
import type { Explanation } from '../../domain/evaluation/explanation';
import { parseMetric, type MetricFacts, type Task } from '../../domain/evaluation/metrics';
import type { Lineage } from '../../domain/lifecycle/registry';
import {
  declaredOf,
  foundOf,
  searchOf,
  stoppingOf,
  type SearchDocument,
  type StoppingDocument,
} from '../study/how-trained';
import type { CardFacts, MoveFact } from './facts';
import { limitsOf } from './limits';
import { loanOf, type LoanDocument } from './loan';
import { outcomeOf } from './outcome';
import { rowsOf, type RowsDocument } from './rows';

/** What metrics are computed on besides training rows. */
const SETS = ['holdout', 'truth'] as const;
/** Share of intervals that hold the true value (clusters are days). */
export const INTERVAL_LEVEL = 0.95;

export interface MetricDocument {
  readonly metric: string;
  readonly better: MetricFacts['direction'];
  readonly holdout: Estimate;
  readonly truth: Estimate;
}

export interface ComparisonDocument {
  readonly champion: number;
  readonly contender: string;
  readonly snapshot: string;
  readonly metrics: readonly {
    readonly metric: string;
    readonly better: MetricFacts['direction'];
    readonly on: 'holdout' | 'truth';
    readonly version: number | null;
    readonly champion: number | null;
    /** This version minus the champion on the same rows; the interval is by day. */
    readonly difference: Estimate;
  }[];
}

export interface DecisionDocument {
  readonly digest: string;
  readonly cycle: string;
  readonly at: IsoTimestamp;
  readonly verdict: string;
  /** Whether this is the version that was proposed. */
  readonly proposed: boolean;
  /** What became of this version, in a sentence. */
  readonly outcome: string;
  readonly kind: string;
  readonly passed: boolean;
  readonly gates: readonly GateResult[];
  readonly reasons: readonly string[];
  readonly approval: { readonly verdict: string; readonly by: string; readonly comment: string } | null;
}

export interface FeatureDocument {
  readonly name: string;
  readonly kind: 'number' | 'category';
  readonly view: string;
  readonly owner: string;
  readonly meanAbsShap: number | null;
  readonly importance: { readonly mean: number | null; readonly deviation: number | null } | null;
}

export interface CardDocument {
  readonly model: string;
  readonly version: number;
  readonly contender: string;
  readonly state: string;
  readonly createdAt: IsoTimestamp;
  readonly madeAt: IsoTimestamp;
  readonly intervalLevel: number;
  readonly purpose: {
    readonly description: string;
    readonly task: Task;
    readonly entity: { readonly table: string; readonly key: string; readonly eventTime: string };
    readonly label: { readonly table: string; readonly sql: string; readonly classes?: readonly string[] | undefined };
    /** Who answers for the model; empty: nobody is named. */
    readonly owner: string;
    /** Owners of the feature views. */
    readonly featureOwners: readonly string[];
  };
  /** Of a borrowed version: whose it is, and what is not known. `data`, `features`, `training` and `explanation` then are the lender's. */
  readonly loan: LoanDocument | null;
  readonly data: {
    readonly snapshot: string;
    readonly tables: readonly string[];
    readonly rows: readonly RowsDocument[];
  };
  readonly features: readonly FeatureDocument[];
  readonly training: Pick<Lineage, 'trainer' | 'params' | 'seed' | 'threads' | 'libraries'> & {
    readonly rows: number;
    readonly iterations: number;
    readonly seconds: number;
    readonly peakMemoryMiB: number;
    /** Parameters as the definition names them (of an experiment: with its settings). */
    readonly declared: Lineage['params'];
    /** Those that the search found; they are in `params` too. null: none was searched for, or no trial was complete. */
    readonly found: Lineage['params'] | null;
    /** null: it does not stop early. */
    readonly earlyStopping: StoppingDocument | null;
    /** Bytes of the ONNX model that serves. */
    readonly modelBytes: number;
  };
  /** null: nothing was searched for. */
  readonly search: SearchDocument | null;
  readonly metrics: readonly MetricDocument[];
  readonly baseRate: Evaluation['baseRate'] | null;
  readonly slices: readonly SliceMetrics[];
  /** Rows of metrics, slices and curves count by the label's weight. Absent: every row counts the same. */
  readonly weighted?: true;
  /** Null: not explained; `limits` says why. */
  readonly explanation: Explanation | null;
  readonly importanceDrift: CardFacts['importanceDrift'];
  readonly comparison: ComparisonDocument | null;
  readonly decision: DecisionDocument | null;
  readonly lineage: Pick<Lineage, 'codeCommit' | 'definitionDigest' | 'cycle' | 'logicalTime' | 'parent'> & {
    readonly onnx: string;
    readonly native: string;
    readonly signature: string;
  };
  readonly moves: readonly MoveFact[];
  /** What a reader has to know before relying on the numbers, in sentences. */
  readonly limits: readonly string[];
}

/** The document of one version. */
export function cardDocument(facts: CardFacts): CardDocument {
  const { version, plan, evaluation, explanation, decision } = facts;
  const { lineage, training } = version;
  const { trainer, params, seed, threads, libraries, codeCommit, definitionDigest, cycle, logicalTime, parent } =
    lineage;
  const { rows, iterations, seconds, peakMemoryMiB } = training;
  const { description, task, entity, label, owner, features } = facts.loan?.plan ?? plan;
  return {
    ...{ model: version.model, version: version.version, contender: version.contender, state: version.state },
    ...{ createdAt: version.createdAt, madeAt: facts.madeAt, intervalLevel: INTERVAL_LEVEL },
    purpose: {
      ...{ description, task, entity, label, owner },
      featureOwners: [...new Set(features.map(({ owner }) => owner).filter((owner) => owner !== ''))],
    },
    loan: loanOf(facts, metricsOf),
    data: { snapshot: lineage.snapshot, tables: Object.keys(plan.tables), rows: rowsOf(facts) },
    features: featuresOf(facts),
    training: {
      ...{ trainer, params, seed, threads, libraries },
      ...{ rows, iterations, seconds, peakMemoryMiB, modelBytes: version.onnx.bytes },
      ...{
        declared: declaredOf(version, plan),
        found: foundOf(version, plan, facts.search),
        earlyStopping: stoppingOf(version, facts.stoppingRows),
      },
    },
    search: searchOf(version, facts.search),
    metrics: evaluation ? metricsOf(evaluation) : [],
    baseRate: evaluation?.baseRate ?? null,
    slices: evaluation?.slices ?? [],
    ...(evaluation?.weighted && { weighted: true }),
    explanation,
    importanceDrift: facts.importanceDrift,
    comparison: comparisonOf(facts),
    decision: decision && decisionOf(facts, decision),
    lineage: {
      ...{ codeCommit, definitionDigest, cycle, logicalTime, parent },
      ...{ onnx: version.onnx.sha256, native: training.native.sha256, signature: version.signature.sha256 },
    },
    moves: facts.moves,
    limits: limitsOf(facts),
  };
}

/** In the order of the views, which is that of the model's columns. */
function featuresOf({ plan, explanation }: CardFacts): FeatureDocument[] {
  const importances = new Map(explanation?.importance.features.map((found) => [found.name, found]));
  return plan.features.flatMap((view) =>
    Object.entries(view.features).map(([name, kind]) => {
      const found = importances.get(name);
      return {
        ...{ name, kind, view: view.name, owner: view.owner },
        meanAbsShap: explanation?.shap?.meanAbs[name] ?? null,
        importance: found ? { mean: found.mean, deviation: found.deviation } : null,
      };
    }),
  );
}

/** A metric that this release does not know is shown as one where more is better: it was recorded by a later one. */
function directionOf(metric: string, task: Task | undefined): MetricFacts['direction'] {
  const parsed = parseMetric(task ?? 'binary', metric);
  return parsed.ok ? parsed.facts.direction : 'higher';
}

function metricsOf({ task, holdout, truth, business }: Evaluation): MetricDocument[] {
  const onTruth: Readonly<Record<string, Estimate>> = truth.metrics;
  const unknown: Estimate = { value: null, low: null, high: null };
  const own = Object.entries(holdout.metrics).map(([metric, estimate]) => {
    return { metric, better: directionOf(metric, task), holdout: estimate, truth: onTruth[metric] ?? unknown };
  });
  if (!business) return own;
  const bare = ({ value, low, high }: Estimate): Estimate => ({ value, low, high });
  const { name, unit, better } = business;
  return [
    ...own,
    { metric: `${name} (${unit})`, better, holdout: bare(business.holdout), truth: bare(business.truth) },
  ];
}

/** Only where both were judged on the same snapshot. */
function comparisonOf({ evaluation, championEvaluation: champion, differences }: CardFacts): ComparisonDocument | null {
  if (!evaluation || champion?.snapshot !== evaluation.snapshot) return null;
  const metrics = SETS.flatMap((on) => {
    const theirs: Readonly<Record<string, Estimate>> = champion[on].metrics;
    const [ours, other] = [evaluation.business, champion.business?.[on].value ?? null];
    const business = ours && {
      ...{ metric: `${ours.name} (${ours.unit})`, better: ours.better, on, version: ours[on].value, champion: other },
      difference: differenceOf(differences?.business?.[on], ours[on].value, other),
    };
    const own = Object.entries(evaluation[on].metrics).map(([metric, { value }]) => {
      return {
        metric,
        better: directionOf(metric, evaluation.task),
        on,
        version: value,
        champion: theirs[metric]?.value ?? null,
        difference: differenceOf(differences?.metrics[on][metric], value, theirs[metric]?.value),
      };
    });
    return business ? [...own, business] : own;
  });
  return { champion: champion.version, contender: champion.contender, snapshot: champion.snapshot, metrics };
}

/** The paired one; else that of the recorded numbers, without an interval. */
function differenceOf(
  paired: Pick<Estimate, 'value' | 'low' | 'high'> | undefined,
  ours: number | null,
  theirs: number | null | undefined,
): Estimate {
  if (paired && paired.value !== null) return { value: paired.value, low: paired.low, high: paired.high };
  const value = ours === null || theirs === null || theirs === undefined ? null : ours - theirs;
  return { value, low: null, high: null };
}

function decisionOf(
  { version: own, moves }: CardFacts,
  decision: NonNullable<CardFacts['decision']>,
): DecisionDocument | null {
  const { version } = own;
  const judged = decision.candidates.find((candidate) => candidate.version === version);
  if (!judged) return null;
  const { digest, cycle, at, verdict, proposed, reasons, approval } = decision;
  return {
    ...{ digest, cycle, at, verdict, proposed: proposed?.version === version, kind: judged.kind },
    ...{ passed: judged.passed, gates: judged.gates, reasons, approval },
    outcome: outcomeOf({ version: own, moves, decision }),
  };
}
