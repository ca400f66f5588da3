// `reproduce`: a version trained again from its snapshot, with the proof that the same bytes come out.
import type { Reproduction } from '../../domain/training/reproduction';
import { required } from '../arguments';
import type { Command } from '../command';
import { namedVersion } from '../named-versions';
import { facts, table } from '../output';

export const reproduce: Command = {
  name: 'reproduce',
  summary: 'Train a version again from its snapshot and compare the digests: exit code 1 when another model comes out.',
  arguments: ['model@version'],
  options: {},
  examples: ['reproduce flight-delay@7', 'reproduce flight-delay@champion --json'],
  async run(context, input) {
    const { model, version } = await namedVersion(
      await context.stores(),
      'reproduce',
      required(input, 'model@version'),
    );
    const { reproductions } = await context.temporal();
    const found = await reproductions.reproduce(model, version);
    if (!found.same) context.setExitCode(1);
    context.output.result(found, () => reproductionText(found));
  },
};

function reproductionText({ model, version, same, digests, environment, seconds }: Reproduction): string {
  const rows = digests.map((each) => [each.what, each.recorded, each.found, each.same ? 'same' : 'DIFFERENT']);
  const verdict = same ? 'Reproduced: the same bytes.' : 'NOT reproduced: another model came out.';
  return [
    facts([
      ['version', `${model}@${version}`],
      ['trained again in', `${seconds.found.toFixed(1)} s (${seconds.recorded.toFixed(1)} s when it was made)`],
    ]),
    table(['artifact', 'recorded SHA-256', 'found', ''], rows),
    verdict,
    environmentText(environment),
  ].join('\n');
}

function environmentText(environment: Reproduction['environment']): string {
  if (environment === null) return 'Environment: one of the two trainings did not record it.';
  if (environment.length === 0) return 'Environment: the same language, platform, threads and packages.';
  const rows = environment.map(({ what, recorded, found }) => [what, recorded, found]);
  return `Environment: ${environment.length} differences\n${table(['', 'recorded', 'now'], rows)}`;
}
