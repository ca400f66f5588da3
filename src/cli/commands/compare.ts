// `compare`: versions side by side on exactly the same rows, with paired differences. It touches no champion and records no decision.
import type { Estimate } from '../../domain/evaluation/evaluation';
import { lossName } from '../../domain/evaluation/row-loss';
import type { ComparisonReport } from '../../ports/decision-reports';
import { required, text, usage } from '../arguments';
import type { Command } from '../command';
import { shown, WEIGHTED } from '../decision-text';
import { namedSnapshot, namedVersion, type NamedVersion } from '../named-versions';
import { table } from '../output';

export const compare: Command = {
  name: 'compare',
  summary:
    'Compare versions on the same rows of a snapshot: metrics, and paired differences from the first one with intervals by day.',
  arguments: ['model@version', 'others...'],
  options: { snapshot: { type: 'string', value: 'ID', help: 'the start of its id (default: the newest)' } },
  examples: [
    'compare flight-delay@champion flight-delay@7',
    'compare flight-delay@3 flight-delay@5 flight-delay@7 --json',
  ],
  async run(context, input) {
    const stores = await context.stores();
    const named: NamedVersion[] = [];
    for (const each of [required(input, 'model@version'), ...required(input, 'others').split(' ')])
      named.push(await namedVersion(stores, 'compare', each));
    const model = named[0]!.model;
    const stranger = named.find((each) => each.model !== model);
    if (stranger) throw usage(`compare: found a version of "${stranger.model}", allowed are versions of "${model}"`);
    const twice = named.find((each, at) => named.slice(0, at).some(({ version }) => version === each.version));
    if (twice)
      throw usage(
        `compare: version ${twice.version} is named twice (@champion is a version too), allowed are different versions`,
      );
    const snapshot = await namedSnapshot(stores, model, text(input, 'snapshot'));
    const versions = named.map(({ version }) => version);
    const report = await (await context.decisionReports()).compare(model, versions, snapshot);
    context.output.result({ model, ...report }, () => comparisonText(model, report));
  },
};

/** A comparison in tables, for a person. */
export function comparisonText(
  model: string,
  { snapshot, versions, differences, trainedOnHoldout }: ComparisonReport,
): string {
  const counted = versions[0]!.weighted ? `; ${WEIGHTED}` : '';
  const parts = [`${model} on the same rows of snapshot ${snapshot}${counted}`];
  for (const on of ['holdout', 'truth'] as const) {
    const { n, days } = versions[0]![on];
    const head = versions.map(({ version, contender }) => `@${version} (${contender})`);
    const minus = differences.map((each) => `@${each.version} - @${each.minus}`);
    const rows = Object.keys(versions[0]![on].metrics).map((metric) => [
      metric,
      ...versions.map((each) => cell(each[on].metrics[metric])),
      ...differences.map(({ metrics }) => cell(metrics[on][metric])),
    ]);
    const { business } = versions[0]!;
    if (business) {
      const of = versions.map((each) => (each.business ? cell(each.business[on]) : null));
      const more = differences.map((each) => (each.business ? cell(each.business[on]) : null));
      rows.push([`${business.name}, ${business.unit}`, ...of, ...more]);
    }
    const p = [
      `one-sided p, lower ${lossName(versions[0]!.task)}`,
      ...versions.map(() => null),
      ...differences.map((each) => shown(each.pSmallerLoss[on])),
    ];
    parts.push(
      `${on === 'truth' ? 'truth set' : on}, ${n} rows of ${days} days`,
      table(['metric', ...head, ...minus], [...rows, p]),
    );
  }
  for (const version of trainedOnHoldout)
    parts.push(`@${version} was trained on days of this holdout: its numbers on it are too good.`);
  return parts.join('\n');
}

function cell(found: Estimate | undefined): string | null {
  const { value, low, high } = found ?? { value: null, low: null, high: null };
  return low === null || high === null ? shown(value) : `${shown(value)} [${shown(low)}, ${shown(high)}]`;
}
