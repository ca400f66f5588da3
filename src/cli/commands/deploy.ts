// `deploy`: shows what a definition would change, records it, and creates or updates the lifecycle and its Schedules.
import { codeCommit } from '../../definition/code-commit';
import { refuseUntrainable } from '../../definition/contenders/untrainable';
import { loadDefinition } from '../../definition/catalog';
import { planDigest } from '../../definition/digest';
import { deploy as deployPlan, previewDeployment, type DeploymentPreview } from '../../client/definitions-client';
import { failureCodeOf } from '../../domain/failures';
import type { Clock } from '../../domain/lifecycle/lifecycle';
import type { ModelPlan } from '../../domain/plan/plan';
import { required, text, usage } from '../arguments';
import type { Loan } from '../../ports/loans';
import { loanText, serveBorrowed } from '../borrowing';
import type { CliContext, Command } from '../command';
import { deployWarnings } from '../deploy-warnings';
import { facts, table } from '../output';

export const deploy: Command = {
  name: 'deploy',
  summary: 'Show what a definition changes, record it, and create or update its lifecycle and Schedules.',
  arguments: ['model'],
  options: {
    'dry-run': { type: 'boolean', help: 'only show what would change' },
    clock: {
      type: 'string',
      value: 'wall|simulated',
      help: 'clock of a new model; fixed at its creation (default: wall)',
    },
  },
  examples: ['deploy flight-delay --dry-run', 'deploy flight-delay --clock simulated'],
  async run(context, input) {
    const { output } = context;
    const clock = text(input, 'clock');
    if (clock !== undefined && clock !== 'wall' && clock !== 'simulated') {
      throw usage(`deploy: --clock: found "${clock}", allowed is wall or simulated`);
    }
    const chosen: Clock | undefined = clock;
    const { plan } = loadDefinition(context.modelsDir, required(input, 'model'));
    // A cycle would find out only after hours of data, and would go on without the contender.
    const findings = await context.checkContenders(plan);
    refuseUntrainable(plan, findings);
    for (const { contender, reason } of findings.unchecked)
      output.progress(`${plan.name}: contenders.${contender} not tried: ${reason}`);
    const deployment = {
      plan,
      digest: planDigest(plan),
      codeCommit: await codeCommit(context.packageRoot),
      ...(chosen ? { clock: chosen } : {}),
    };
    const stores = await context.stores();
    const preview = await previewDeployment(stores, deployment);
    output.say(previewText(preview, plan));
    for (const warning of await deployWarnings(context, plan, preview)) output.say(warning);
    if (input.options['dry-run'] === true) {
      output.result({ ...preview, deployed: false, schedulesCreated: [] }, () => 'Dry run: nothing was changed.');
      return;
    }
    const result = await deployPlan({ stores, ...(await context.temporal()) }, deployment);
    const borrowed = plan.borrow ? await borrowedBy(context, plan) : {};
    output.result({ ...preview, deployed: true, schedulesCreated: result.schedulesCreated, ...borrowed }, () => {
      const created = result.schedulesCreated.length;
      const schedules =
        created > 0
          ? `${created} Schedules created${result.clock === 'simulated' ? ' (paused)' : ''}`
          : 'Schedules up to date';
      return `Deployed ${result.model} ${result.digest.slice(0, 12)}: lifecycle/${result.model} on a ${result.clock} clock, ${schedules}.`;
    });
  },
};

/** A model that cannot borrow (yet) is deployed all the same; one with a champion borrows again only when a person asks for it. */
async function borrowedBy(context: CliContext, plan: ModelPlan): Promise<{ borrowed?: Loan }> {
  if ((await (await context.stores()).registry.champion(plan.name)).version !== null) return {};
  try {
    const loan = await serveBorrowed(context, plan, context.user ?? 'deploy');
    context.output.say(loanText(plan.name, loan));
    return { borrowed: loan };
  } catch (error) {
    if (failureCodeOf(error) !== 'BORROW_REFUSED') throw error;
    context.output.say(`${(error as Error).message} Try again with: npx understudy borrow ${plan.name}`);
    return {};
  }
}

function previewText(preview: DeploymentPreview, plan: ModelPlan): string {
  if (preview.isNew) {
    const features = plan.features.reduce((sum, view) => sum + Object.keys(view.features).length, 0);
    return facts([
      ['new model', plan.name],
      ['digest', preview.digest],
      ['clock', preview.clock],
      ['tables', Object.keys(plan.tables).join(', ')],
      ['features', `${features} in ${plan.features.length} views`],
      ['contenders', Object.keys(plan.contenders).join(', ')],
      ['approval', plan.approval.when],
      [
        'schedules',
        Object.entries(plan.schedules)
          .map(([kind, cron]) => `${kind} "${cron}"`)
          .join(', '),
      ],
    ]);
  }
  if (preview.differences.length === 0) return `No change: all ${preview.unchanged} fields are as deployed.`;
  const rows = preview.differences.map((each) => [each.change, each.path, short(each.before), short(each.after)]);
  return `${table(['change', 'field', 'before', 'after'], rows)}\n${preview.unchanged} fields unchanged`;
}

function short(value: string | null): string | null {
  const flat = value?.replaceAll('\\n', ' ') ?? null;
  return flat !== null && flat.length > 48 ? `${flat.slice(0, 45)}...` : flat;
}
