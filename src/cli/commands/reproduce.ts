// `reproduce`: a version trained again from its snapshot, with the proof that the same bytes come out.
import type { Reproduction, StoredFile } from '../../domain/training/reproduction';
import { required, sender } from '../arguments';
import type { Command } from '../command';
import { namedVersion } from '../named-versions';
import { facts, table } from '../output';

export const reproduce: Command = {
  name: 'reproduce',
  summary:
    'Train a version again from its snapshot and compare the digests: exit code 1 when another model comes out, or a stored file is damaged.',
  arguments: ['model@version'],
  options: {
    repair: {
      type: 'boolean',
      help: 'put damaged or missing files of the version back when the recorded bytes come out',
    },
    by: { type: 'string', value: 'NAME', help: 'who repairs (default: $USER)' },
  },
  examples: ['reproduce flight-delay@7', 'reproduce flight-delay@champion --json', 'reproduce flight-delay@7 --repair'],
  async run(context, input) {
    const { model, version } = await namedVersion(
      await context.stores(),
      'reproduce',
      required(input, 'model@version'),
    );
    const { reproductions } = await context.temporal();
    const repair = input.options['repair'] === true;
    const found = await reproductions.reproduce(model, version, {
      repair,
      by: repair ? sender(context, input) : 'reproduce',
    });
    if (!found.same || !(found.stored ?? []).every((each) => isSound(each, repair))) context.setExitCode(1);
    context.output.result(found, () => reproductionText(found));
  },
};

/** Without a repair what was not whole is told by the exit code, also where the training has stored it again. */
function isSound({ state, now }: StoredFile, repair: boolean): boolean {
  return repair ? now === 'intact' : state === 'intact';
}

function storedText({ what, sha256, state, now, repaired }: StoredFile): string {
  const became = repaired
    ? 'the training put the recorded bytes back'
    : state === 'damaged' && now === 'missing'
      ? 'the damaged bytes were taken away, and other ones came out'
      : 'it stays so; --repair puts the recorded bytes back if they come out';
  return `Stored ${what} ${sha256}: ${state.toUpperCase()}; ${became}.`;
}

function reproductionText({ model, version, same, digests, environment, seconds, stored = [] }: Reproduction): string {
  const rows = digests.map((each) => [each.what, each.recorded, each.found, each.same ? 'same' : 'DIFFERENT']);
  const verdict = same ? 'Reproduced: the same bytes.' : 'NOT reproduced: another model came out.';
  return [
    facts([
      ['version', `${model}@${version}`],
      ['trained again in', `${seconds.found.toFixed(1)} s (${seconds.recorded.toFixed(1)} s when it was made)`],
    ]),
    table(['artifact', 'recorded SHA-256', 'found', ''], rows),
    verdict,
    ...stored.filter(({ state }) => state !== 'intact').map(storedText),
    environmentText(environment),
  ].join('\n');
}

function environmentText(environment: Reproduction['environment']): string {
  if (environment === null) return 'Environment: one of the two trainings did not record it.';
  if (environment.length === 0) return 'Environment: the same language, platform, threads and packages.';
  const rows = environment.map(({ what, recorded, found }) => [what, recorded, found]);
  return `Environment: ${environment.length} differences\n${table(['', 'recorded', 'now'], rows)}`;
}
