// `experiment`: trains and evaluates a contender with other settings on a snapshot, beside the champion. It touches no champion.
import { planDigest } from '../../definition/digest';
import { readSettings, settingTexts, variationOf } from '../../definition/contenders/variation';
import { addDays, type Day } from '../../domain/days';
import { experimentId } from '../../domain/ids';
import type { SnapshotRef } from '../../domain/data/partitions';
import { unservedQueues } from '../deploy-warnings';
import { trainingQueueOf } from '../../domain/plan/contender-plan';
import type { ModelPlan } from '../../domain/plan/plan';
import type { ModelVersion } from '../../domain/lifecycle/registry';
import type { ExperimentClient, ExperimentStart } from '../../client/experiments';
import type { Stores } from '../../ports/stores';
import { required, sender, text, usage } from '../arguments';
import type { CliContext, Command } from '../command';
import { namedSnapshot, requireDeployed } from '../named-versions';
import { comparisonText } from './compare';

/** How often it is looked at, in milliseconds. */
const LOOK_MS = 500;

export const experiment: Command = {
  name: 'experiment',
  summary:
    'Train a contender with other settings on a snapshot and show it beside the champion, which stays what it is.',
  arguments: ['model'],
  options: {
    contender: { type: 'string', value: 'NAME', help: 'of the definition in force', required: true },
    set: {
      type: 'string',
      value: 'PATH=VALUE',
      help: 'a setting of the contender, such as params.num_leaves=31; null takes it away; may be given several times',
      multiple: true,
    },
    snapshot: { type: 'string', value: 'ID', help: 'the start of its id (default: the newest)' },
    by: { type: 'string', value: 'NAME', help: 'who asks (default: the user of this machine)' },
    stop: { type: 'boolean', help: 'end the experiment of these settings, if it runs' },
  },
  examples: [
    'experiment flight-delay --contender gbm --set params.num_leaves=31 --set earlyStopping.days=7',
    'experiment flight-delay --contender gbm --set tuning=null --snapshot 4fa1c09b --json',
  ],
  async run(context, input) {
    const model = required(input, 'model');
    const stores = await context.stores();
    await requireDeployed(stores, model);
    const snapshot = await namedSnapshot(stores, model, text(input, 'snapshot'));
    const settings = readSettings(text(input, 'set'));
    const contender = required(input, 'contender');
    const base = await basePlan(stores, model, snapshot);
    const { plan, digest } = variationOf(base.plan, contender, settings, snapshot.id);
    const versions = await stores.registry.list(model);
    const tried = versions.filter(({ lineage }) => lineage.experiment?.digest === digest);
    const kept = tried.find(({ state }) => state === 'experiment');
    const cycle = experimentId(model, digest, tried.length + (kept ? 0 : 1));
    if (input.options['stop'] === true) return stop(context, { model, cycle });
    if (kept) return show(context, kept, snapshot, true);

    const signal = context.interruption();
    context.output.progress(`checking ${contender} with its trainer; nothing is started yet`);
    // Ctrl-C reaches the trainer too, which then ends without an answer.
    await refuseUntrainable(context, plan, contender).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    if (signal.aborted) {
      context.setExitCode(130);
      const nothing = `Nothing was started for ${model}.`;
      return context.output.result({ model, workflow: null, state: 'not started' }, () => nothing);
    }
    const definitionDigest = planDigest(plan);
    await stores.definitions.save(definitionDigest, plan, base.codeCommit);
    const started: ExperimentStart = {
      ...{ model, definitionDigest, cycle, contender, snapshot },
      logicalTime: logicalTimeOf(snapshot, versions),
      asOf: snapshot.fixed?.revisionsAsOf ?? new Date().toISOString(),
      queue: trainingQueueOf(plan.contenders[contender]!),
      experiment: { digest, settings: settingTexts(settings), by: sender(context, input) },
      championVersion: (await stores.registry.champion(model)).version,
    };
    const { experiments } = await context.temporal();
    const only = { contenders: { [contender]: plan.contenders[contender]! } };
    for (const warning of await unservedQueues(context, only)) context.output.say(warning);
    await experiments.start(started);
    if (!(await watched(context, experiments, started, signal))) {
      context.setExitCode(130);
      context.output.result({ model, workflow: cycle, state: 'running' }, () => goesOn(cycle));
      return;
    }
    const { version } = await experiments.result(started);
    return show(context, await stores.registry.load(model, version), snapshot, false);
  },
};

/** The definition in force; for a snapshot of other views, label or entity the one that it was fixed with. */
async function basePlan(
  { definitions }: Stores,
  model: string,
  { fixed }: SnapshotRef,
): Promise<{ readonly plan: ModelPlan; readonly codeCommit: string }> {
  const current = await definitions.load((await definitions.current(model))!.digest);
  if (!fixed) return current;
  const made = await definitions.load(fixed.definitionDigest);
  const rows = ({ features, label, entity }: ModelPlan): string =>
    JSON.stringify([features.map((view) => ({ ...view, features: Object.entries(view.features) })), label, entity]);
  return rows(current.plan) === rows(made.plan) ? current : made;
}

/** That of the cycle which fixed the snapshot, as far as it is known. */
function logicalTimeOf({ id, holdoutDays }: SnapshotRef, versions: readonly ModelVersion[]): Day {
  const trained = versions.find(({ lineage }) => lineage.snapshot === id);
  return trained?.lineage.logicalTime ?? addDays(holdoutDays.to, 1);
}

/** What the trainer itself refuses is refused before anything is started. */
async function refuseUntrainable(context: CliContext, plan: ModelPlan, contender: string): Promise<void> {
  const only = { ...plan, contenders: { [contender]: plan.contenders[contender]! } };
  const { problems } = await context.checkContenders(only);
  if (problems.length > 0) throw usage(`--set: ${problems.map(({ message }) => message).join('; ')}`);
}

/** Tells what is done until it has ended; false: a person stopped watching. */
async function watched(
  { output }: CliContext,
  experiments: ExperimentClient,
  started: ExperimentStart,
  signal: AbortSignal,
): Promise<boolean> {
  let said = '';
  for (;;) {
    if (signal.aborted) return false;
    const { state, doing } = await experiments.standing(started);
    if (state === 'ended') return true;
    if (doing !== said) output.progress(doing);
    said = doing;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, LOOK_MS);
      signal.addEventListener('abort', wake);
    });
  }
}

function goesOn(cycle: string): string {
  return [
    `It goes on: ${cycle}`,
    `see it:   temporal workflow describe --workflow-id ${cycle}, or the same command again`,
    'stop it:  the same command with --stop',
  ].join('\n');
}

async function stop(context: CliContext, which: { readonly model: string; readonly cycle: string }): Promise<void> {
  const stopped = await (await context.temporal()).experiments.cancel(which);
  context.output.result({ ...which, stopped }, () =>
    stopped ? `Asked to end: ${which.cycle}` : `It does not run: ${which.cycle}`,
  );
}

async function show(context: CliContext, made: ModelVersion, snapshot: SnapshotRef, isKept: boolean): Promise<void> {
  const { model, version, contender, lineage } = made;
  const champion = (await (await context.stores()).registry.champion(model)).version;
  const compared = champion === null ? [version] : [champion, version];
  const report = await (await context.decisionReports()).compare(model, compared, snapshot);
  const { settings = [] } = lineage.experiment ?? {};
  const document = { model, version, contender, settings, kept: isKept, champion, ...report };
  context.output.result(document, () => {
    const head = `${model}@${version}: ${contender} with ${settings.join(', ') || 'its settings as defined'}`;
    const found = isKept ? ', found from an earlier run with the same settings and snapshot' : '';
    const beside = champion === null ? ' There is no champion to compare with.' : '';
    return [`${head}${found}.${beside} It cannot be promoted.`, comparisonText(model, report)].join('\n');
  });
}
