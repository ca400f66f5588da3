// `snapshot`: what cycles were trained and evaluated on, and the proof that it can still be built again, byte by byte.
import { UnderstudyError } from '../../domain/failures';
import type { SnapshotRef } from '../../domain/data/partitions';
import type { SnapshotFile, SnapshotVerification } from '../../ports/artifact-reports';
import type { Stores } from '../../ports/stores';
import { actionOf, count, required, sender, usage } from '../arguments';
import type { CliContext, Command, CommandInput } from '../command';
import { facts, table } from '../output';

const ACTIONS = ['list', 'show', 'verify'] as const;
const DEFAULT_LIMIT = 20;
/** Files that are named one by one; `--json` has all. */
const NAMED_FILES = 20;
const SHORT = 12;
const TELL_EVERY = 200;

export const snapshot: Command = {
  name: 'snapshot',
  summary:
    'List and show the snapshots of a model, or verify one: every file, and that it is built again byte by byte.',
  arguments: ['action', 'model', 'which?'],
  options: {
    repair: {
      type: 'boolean',
      help: 'for verify: put back damaged or missing matrices that were built again with the same bytes',
    },
    by: { type: 'string', value: 'NAME', help: 'who repairs (default: $USER)' },
    limit: { type: 'string', value: 'N', help: `for list: how many, the newest first (default: ${DEFAULT_LIMIT})` },
  },
  examples: [
    'snapshot list flight-delay',
    'snapshot verify flight-delay',
    'snapshot verify flight-delay flight-delay@3',
    'snapshot verify flight-delay --repair',
    'snapshot show flight-delay 4fa1c09be2d7 --json',
  ],
  async run(context, input) {
    switch (actionOf(input, 'snapshot', ACTIONS)) {
      case 'list':
        return list(context, input);
      case 'show':
        return show(context, input);
      case 'verify':
        return verify(context, input);
    }
  },
};

interface Known {
  readonly snapshot: SnapshotRef;
  readonly fixedAt: string;
  /** Versions that were trained on it. */
  readonly versions: readonly { readonly version: number; readonly contender: string; readonly state: string }[];
}

/** The snapshots of a model, the newest first. Fails with MODEL_NOT_DEPLOYED. */
async function snapshotsOf(stores: Stores, model: string): Promise<Known[]> {
  if ((await stores.definitions.current(model)) === null) {
    throw new UnderstudyError('MODEL_NOT_DEPLOYED', `"${model}" is not deployed.`, { model });
  }
  const [fixed, versions] = await Promise.all([stores.features.snapshots(model), stores.registry.list(model)]);
  return fixed.map(({ snapshot, fixedAt }) => {
    const of = versions.filter(({ lineage }) => lineage.snapshot === snapshot.id);
    return { snapshot, fixedAt, versions: of.map(({ version, contender, state }) => ({ version, contender, state })) };
  });
}

/** The one that is asked for: by the start of its id, by a version that was trained on it, or the newest. */
async function asked(context: CliContext, input: CommandInput): Promise<Known> {
  const model = required(input, 'model');
  const which = input.arguments['which'];
  const known = await snapshotsOf(await context.stores(), model);
  if (known.length === 0) throw usage(`snapshot: no snapshot of "${model}" has been fixed yet`);
  if (which === undefined) return known[0]!;
  const [, of, number] = /^(.+)@(\d{1,9})$/.exec(which) ?? [];
  if (of !== undefined) {
    if (of !== model) throw usage(`snapshot: found "${which}", allowed is a version of ${model}, such as ${model}@1`);
    const found = known.find(({ versions }) => versions.some(({ version }) => version === Number(number)));
    if (found) return found;
    throw new UnderstudyError('VERSION_NOT_FOUND', `"${model}" has no version ${number}.`, { model, version: which });
  }
  const found = known.filter(({ snapshot }) => snapshot.id.startsWith(which));
  if (found.length === 1) return found[0]!;
  const what = found.length === 0 ? 'no snapshot has an id that starts so' : `${found.length} snapshots have`;
  throw usage(
    `snapshot: found "${which}" (${what}), allowed is the start of an id of npx understudy snapshot list ${model}, or ${model}@VERSION`,
  );
}

async function list(context: CliContext, input: CommandInput): Promise<void> {
  const model = required(input, 'model');
  const known = await snapshotsOf(await context.stores(), model);
  const shown = known.slice(0, count(input, 'limit') ?? DEFAULT_LIMIT);
  context.output.result({ model, snapshots: shown }, () => {
    if (shown.length === 0) return `No snapshot of "${model}" has been fixed yet.`;
    return table(
      ['snapshot', 'fixed at', 'training days', 'holdout days', 'truth days', 'training rows', 'versions'],
      shown.map(({ snapshot, fixedAt, versions }) => [
        ...[snapshot.id.slice(0, SHORT), fixedAt, days(snapshot.trainDays), days(snapshot.holdoutDays)],
        ...[snapshot.truthDays.count, snapshot.train.rows ?? null, versionsText(versions)],
      ]),
    );
  });
}

async function show(context: CliContext, input: CommandInput): Promise<void> {
  const { snapshot, fixedAt, versions } = await asked(context, input);
  context.output.result({ model: required(input, 'model'), ...snapshot, fixedAt, versions }, () =>
    facts([
      ['snapshot', snapshot.id],
      ['fixed at', fixedAt],
      ['training', `${days(snapshot.trainDays)}, ${snapshot.train.rows ?? 0} rows, ${snapshot.train.sha256}`],
      ['holdout', `${days(snapshot.holdoutDays)}, ${snapshot.holdout.rows ?? 0} rows, ${snapshot.holdout.sha256}`],
      ['truth', `${snapshot.truthDays.count} days, ${snapshot.truth.rows ?? 0} rows, ${snapshot.truth.sha256}`],
      ['signature', snapshot.signature.sha256],
      ['manifest', snapshot.manifest.sha256],
      ['versions', versionsText(versions)],
    ]),
  );
}

async function verify(context: CliContext, input: CommandInput): Promise<void> {
  const model = required(input, 'model');
  const { snapshot } = await asked(context, input);
  const reports = await context.artifactReports();
  const repair = input.options['repair'] === true;
  const by = repair ? sender(context, input) : '';
  const tell = (done: number, of: number): void => {
    if (done % TELL_EVERY === 0) context.output.progress(`${done} of ${of} files read`);
  };
  const found = await reports.verifySnapshot(model, snapshot, tell, repair);
  const back = found.files.filter(({ state }) => state === 'repaired').map(({ name, sha256 }) => ({ name, sha256 }));
  if (back.length > 0) {
    const stores = await context.stores();
    const entry = { model, asOf: new Date().toISOString(), by, action: 'artifacts.repaired', subject: snapshot.id };
    await stores.transaction((tx) => stores.audit.add(tx, { ...entry, details: { files: back } }));
  }
  if (!found.verified) context.setExitCode(1);
  context.output.result({ model, ...found }, () => verdictText(model, found));
}

function verdictText(model: string, { id, verified, isManifestOfId, files, rebuilt }: SnapshotVerification): string {
  const notIntact = files.filter(({ state }) => state !== 'intact');
  const lines = [
    verified
      ? `Snapshot ${id.slice(0, SHORT)} of ${model} is verified: the training input built again from its manifest is byte-identical.`
      : `Snapshot ${id.slice(0, SHORT)} of ${model} is NOT verified.`,
    `${files.length - notIntact.length} of ${files.length} files are intact.`,
    ...(isManifestOfId === false ? ['The manifest is another one: its digest is not the id.'] : []),
    ...notIntact.slice(0, NAMED_FILES).map(fileText),
    ...(notIntact.length > NAMED_FILES ? [`… and ${notIntact.length - NAMED_FILES} more; --json has all`] : []),
    ...(rebuilt ?? []).map(({ name, identical, expected, found }) =>
      identical ? `${name}: built again, ${expected}` : `${name}: built again as ${found}, allowed is ${expected}`,
    ),
    ...(rebuilt === null ? ['Nothing was built again: an input is not intact.'] : []),
  ];
  return lines.join('\n');
}

function fileText({ kind, name, state, sha256, found }: SnapshotFile): string {
  const why = state === 'swept' ? 'retention has deleted it, nothing alive refers to it' : found;
  return `${state}: ${kind === 'matrix' ? `matrix ${name}` : name}, ${sha256}: ${why}`;
}

function days({ from, to, count }: SnapshotRef['trainDays']): string {
  return `${from} to ${to} (${count})`;
}

function versionsText(versions: Known['versions']): string | null {
  return versions.map(({ version, contender }) => `${version} (${contender})`).join(', ') || null;
}
