// One day's monitoring: drift, performance on labels, business metric; the report with its verdict, and an alert in the same transaction.
import { computeBusinessMetric } from '../../data/observe/business-metric';
import { addDays, isTruthDay, type Day } from '../../domain/days';
import { isSameTarget, outputRow } from '../../domain/evaluation/predictions';
import { recordedTarget, targetOf } from '../../domain/evaluation/task';
import { judgeDay, type Observed, type SincePromotion } from '../../domain/monitoring/monitor-rules';
import type { MonitorReport } from '../../domain/monitoring/monitoring';
import type { ModelPlan } from '../../domain/plan/plan';
import type { ChampionPointer } from '../../domain/lifecycle/registry';
import { localDay } from '../../domain/zones';
import type { DataActivities, StepContext } from '../../ports/activities';
import { clusterTotalsTest } from '../../statistics/significance/cluster-t';
import { predictionPsi } from '../../statistics/drift/prediction-drift';
import { rowLossOf, type RowLoss } from '../../statistics/metrics/row-loss';
import { heartbeating } from '../boundary';
import { constantLoss, constantOf, createConstantWatch } from './constant-watch';
import { createDayReader } from '../features/day-features';
import type { DataDependencies } from '../dependencies';
import { createDriftWatch, currentDays, referenceDays } from './drift-watch';
import { finite } from '../evaluation/estimates';
import { createVersionFeatures } from '../feeding/version-features';
import { createMatrices } from '../snapshots/matrices';
import { createPerformanceWatch } from './performance-watch';
import { createSkewWatch } from './skew-watch';
import { createSnapshotActivities } from '../snapshots/snapshot';
import { createTruthJudge } from './truth-check';
import { planLoader } from '../plans';

/** How far back the comparison of champion and previous looks at most. */
const SINCE_PROMOTION_DAYS = 60;

export function createMonitorActivities(dependencies: DataDependencies): Pick<DataActivities, 'monitorDay'> {
  const { stores, engine } = dependencies;
  const loadPlan = planLoader(stores.definitions);
  const days = createDayReader(dependencies);
  const matrices = createMatrices(dependencies);
  const drift = createDriftWatch(dependencies, days, matrices);
  const feeding = createVersionFeatures(stores);
  const performance = createPerformanceWatch(dependencies, matrices, days);
  const constants = createConstantWatch(days);
  const skew = createSkewWatch(dependencies);
  const snapshots = createSnapshotActivities(dependencies);
  const truthJudge = createTruthJudge(dependencies);

  async function observe(plan: ModelPlan, day: Day, asOf: string, pointer: ChampionPointer): Promise<Observed> {
    const champion = pointer.version === null ? null : await stores.registry.load(plan.name, pointer.version);
    const training = champion && (await stores.features.loadSnapshot(champion.lineage.snapshot));
    // What the champion is fed with, which is of another definition than the one in force after a view has changed.
    const fed = champion ? await feeding.planFor(plan, champion) : plan;
    const features = await days.features(fed, day);
    const labels = await days.labels(plan, day, asOf);
    const logged = await stores.predictions.list(plan.name, day, day);
    const target = targetOf(plan);
    const served = new Map(
      logged.flatMap((prediction) => {
        const output = outputRow(target, prediction);
        return output ? [[prediction.entityKey, output] as const] : [];
      }),
    );
    const champions = servedBy(pointer, logged);
    const rowLoss = await rowLossOfVersion(plan, champions.version);
    const scored =
      features && labels && rowLoss
        ? await performance.ofDay(plan, day, { fed, features }, served, labels, champions, rowLoss)
        : null;
    const labelled = features && labels ? features.keys.filter((key) => labels.has(key)) : [];
    const found = labelled.map((key) => labels!.get(key)!);
    const ofDay = constantOf(plan, found);
    const base = await constants.before(plan, day, asOf);
    const metric = plan.monitoring.businessMetric;
    return {
      model: plan.name,
      day,
      ...(plan.task === 'binary' ? {} : { task: plan.task }),
      championVersion: pointer.version,
      rows: features?.keys.length ?? 0,
      labelledRows: labelled.length,
      lateShare: plan.task === 'binary' && ofDay ? ofDay[0]! : null,
      ...(plan.task === 'multiclass' && ofDay ? { labels: { shares: ofDay } } : {}),
      ...(plan.task === 'regression' && ofDay ? { labels: { mean: ofDay[0]! } } : {}),
      drift: features ? await drift.features(fed, day, training) : [],
      predictionPsi: await predictionDrift(plan, day),
      skew: await skew.ofDay(fed, day, features),
      performance: scored?.performance ?? [],
      ...(scored && scored.notFed.length > 0 ? { notFed: scored.notFed } : {}),
      baseRateLogLoss: base && rowLoss ? constantLoss(plan, found, base, rowLoss) : null,
      businessMetric:
        metric && features && served.size > 0
          ? {
              name: metric.name,
              unit: metric.unit,
              value: await computeBusinessMetric(engine, {
                plan,
                entityPath: features.entityPath,
                scored: [...served].map(([key, output]) => ({ key, output, label: labels?.get(key) ?? null })),
              }),
            }
          : null,
      scored: scored?.scored ?? null,
    };
  }

  /**
   * The row loss that a day is judged by: that of the version that served. Null: a regression whose scale is not known, because nothing serves,
   * or what serves predicts something else than the definition in force.
   */
  async function rowLossOfVersion(plan: ModelPlan, version: number | null): Promise<RowLoss | null> {
    const target = targetOf(plan);
    if (target.task !== 'regression') return rowLossOf({ target });
    if (version === null) return null;
    const signature = await matrices.signature((await stores.registry.load(plan.name, version)).signature);
    return isSameTarget(recordedTarget(signature), target) ? rowLossOf({ target, trained: signature.labels }) : null;
  }

  /** Predictions of the current days against those of the days before, as they were served; null before half of the reference days were served. */
  async function predictionDrift(plan: ModelPlan, day: Day): Promise<number | null> {
    const reference = referenceDays(plan, day);
    const current = currentDays(plan, day);
    const logged = await stores.predictions.outputs(plan.name, reference[0]!, day);
    const target = targetOf(plan);
    const outputsOf = (of: typeof logged) =>
      of.flatMap(({ outputs }) => outputs.map((each) => outputRow(target, each)).filter((output) => output !== null));
    const before = outputsOf(logged.filter(({ partition }) => partition < current[0]!));
    const now = outputsOf(logged.filter(({ partition }) => partition >= current[0]!));
    const { minRows } = plan.monitoring.drift;
    const covered = new Set(logged.map(({ partition }) => partition));
    const enough = reference.filter((past) => covered.has(past)).length >= reference.length / 2;
    return enough && Math.min(before.length, now.length) >= minRows ? finite(predictionPsi(target, before, now)) : null;
  }

  /** Champion against previous on the days after the promotion, this day included, from the daily sums. */
  function sincePromotion(
    plan: ModelPlan,
    pointer: ChampionPointer,
    observed: Observed,
    earlier: readonly MonitorReport[],
  ): SincePromotion | null {
    if (pointer.version === null || pointer.previous === null) return null;
    const promotedOn = localDay(pointer.since, plan.timeZone);
    const totals = [...earlier, observed].flatMap((report) => {
      const champion = report.performance.find(({ version }) => version === pointer.version);
      const previous = report.performance.find(({ version }) => version === pointer.previous);
      if (report.day <= promotedOn || !champion || !previous) return [];
      return [{ rows: champion.n, difference: champion.n * (champion.logLoss - previous.logLoss) }];
    });
    const { minDays, level } = plan.monitoring.fallback;
    if (totals.length < minDays) return null;
    const looks = totals.length - minDays + 1;
    const test = clusterTotalsTest(totals, 1 - level / looks);
    return { days: totals.length, rows: test.n, value: finite(test.meanDifference), low: finite(test.low) };
  }

  /** Champion against previous on the truth set as it is now; null when the day is no truth day or there is nothing to compare. */
  async function onRevisedTruth(
    plan: ModelPlan,
    { version, previous }: ChampionPointer,
    context: StepContext & { readonly day: Day },
  ): Promise<{ worse: boolean; reason: string } | null> {
    if (version === null || previous === null || !isTruthDay(context.day, plan.snapshot.truthSet.everyNthDay))
      return null;
    // The truth days that the two were compared on, with the rows that they have now; a later day belongs to the truth set of today.
    const versions = await Promise.all([version, previous].map((each) => stores.registry.load(plan.name, each)));
    const compared = versions.map(({ lineage }) => lineage.logicalTime).reduce((a, b) => (a > b ? a : b));
    const logicalTime = context.day < compared ? compared : localDay(context.asOf, plan.timeZone);
    const cycle = `truth/${plan.name}/${context.day}`;
    const { snapshot } = await snapshots.fixSnapshot({ ...context, cycle, logicalTime });
    return truthJudge.judge(plan, version, previous, context.asOf, snapshot);
  }

  async function save(context: StepContext, report: MonitorReport): Promise<void> {
    const { model, day, verdict, reasons } = report;
    await stores.transaction(async (tx) => {
      await stores.monitoring.save(tx, report);
      if (verdict === 'nothing') return;
      await stores.outbox.add(tx, {
        key: `monitor/${model}/${day}/${verdict}`,
        model,
        severity: verdict === 'fallback' ? 'critical' : 'warning',
        event: `monitor.${verdict}`,
        what: `monitoring of ${day}: ${verdict}`,
        why: reasons.join('; '),
        command: verdict === 'alert' ? `npx understudy retrain ${model}` : `npx understudy status ${model}`,
        asOf: context.asOf,
      });
    });
  }

  return {
    monitorDay: (input) =>
      heartbeating(async () => {
        const { plan } = await loadPlan(input.definitionDigest);
        const pointer = await stores.registry.champion(plan.name);
        const observed = await observe(plan, input.day, input.asOf, pointer);
        const earlier = await stores.monitoring.list(
          plan.name,
          addDays(input.day, -SINCE_PROMOTION_DAYS),
          addDays(input.day, -1),
        );
        const since = sincePromotion(plan, pointer, observed, earlier);
        const truth = input.again ? await onRevisedTruth(plan, pointer, input) : null;
        const judged = judgeDay(plan.monitoring, observed, earlier, since, input.holdFallback, truth);
        const report = { ...observed, ...judged };
        await save(input, report);
        return { verdict: report.verdict, reason: report.reasons.join('; ') };
      }),
  };
}

/** The version that really answered on that day counts as its champion, even if another one has taken over since. */
function servedBy(pointer: ChampionPointer, logged: readonly { readonly version: number }[]): ChampionPointer {
  const version = logged[0]?.version ?? pointer.version;
  if (version === pointer.version) return pointer;
  return { ...pointer, version, previous: pointer.version };
}
