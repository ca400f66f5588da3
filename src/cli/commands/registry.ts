// `versions`, `decisions` and `lineage`: what the database knows of a model's versions and how they came to be.
import type { GateResult } from '../../domain/evaluation/evaluation';
import type { ModelVersion } from '../../domain/lifecycle/registry';
import { stoppingOf, stoppingText } from '../../dashboard/study/how-trained';
import type { StudyRecord } from '../../domain/training/tuning';
import { shownOfGate } from '../../domain/gates/shortfall';
import { lossName, meanRowLoss } from '../../domain/evaluation/row-loss';
import type { Stores } from '../../ports/stores';
import { count, required } from '../arguments';
import { askedVersion, deployed } from '../asked-version';
import type { Command } from '../command';
import { taskOf } from '../named-versions';
import { gateNumber, intervalText, shown } from '../decision-text';
import { facts, table } from '../output';

export const versions: Command = {
  name: 'versions',
  summary: 'List the versions of a model with their state and their numbers.',
  arguments: ['model'],
  options: { experiments: { type: 'boolean', help: 'those that experiments have made, with their settings' } },
  examples: ['versions flight-delay', 'versions flight-delay --experiments'],
  async run(context, input) {
    const { stores, model } = await deployed(context, required(input, 'model'));
    const tried = input.options['experiments'] === true;
    const listed = (await stores.registry.list(model)).filter(
      ({ lineage }) => (lineage.experiment !== undefined) === tried,
    );
    const past = await stores.registry.decisions(model, 1_000);
    const found = await Promise.all(listed.map((version) => withNumbers(stores, version, past)));
    const loss = lossName(await taskOf(stores, model));
    if (tried) {
      context.output.result({ model, versions: found }, () => experimentTable(found));
      return;
    }
    context.output.result({ model, versions: found }, () =>
      table(
        ['version', 'contender', 'state', 'logical time', 'rows', `${loss} holdout`, `${loss} truth`, 'created'],
        found.map((each) => [
          each.version,
          each.contender,
          each.rejected ? `${each.state} ${each.rejected}` : each.state,
          each.lineage.logicalTime,
          each.training.rows,
          shown(each.logLoss.holdout),
          shown(each.logLoss.truth),
          each.createdAt,
        ]),
      ),
    );
  },
};

function experimentTable(found: readonly WithNumbers[]): string {
  return table(
    ['version', 'contender', 'settings', 'snapshot', 'log loss holdout', 'log loss truth', 'by', 'created', 'state'],
    found.map(({ version, contender, state, lineage, logLoss, createdAt }) => [
      version,
      contender,
      lineage.experiment?.settings.join('\n') || 'as defined',
      lineage.snapshot.slice(0, 12),
      shown(logLoss.holdout),
      shown(logLoss.truth),
      lineage.experiment?.by ?? null,
      createdAt,
      state,
    ]),
  );
}

type WithNumbers = ModelVersion & {
  readonly logLoss: { readonly holdout: number | null; readonly truth: number | null };
  /** By whom or what, and why; null: it is not rejected. */
  readonly rejected: string | null;
};

/** Mean row loss on the snapshot that the version was trained for; null while it has not been evaluated. */
async function withNumbers(
  stores: Stores,
  version: ModelVersion,
  past: Awaited<ReturnType<Stores['registry']['decisions']>>,
): Promise<WithNumbers> {
  const evaluation = await stores.registry.evaluation(version.model, version.version, version.lineage.snapshot);
  const of = (on: 'holdout' | 'truth') => evaluation && meanRowLoss(evaluation[on]).value;
  const rejected = version.state === 'rejected' ? rejectedBy(version.version, past) : null;
  return { ...version, logLoss: { holdout: of('holdout'), truth: of('truth') }, rejected };
}

/** A person's no, nobody's answer, or a gate. */
function rejectedBy(version: number, past: Parameters<typeof withNumbers>[2]): string {
  const answered = past.find(({ proposed }) => proposed?.version === version)?.approval;
  if (answered?.verdict === 'expired') return `(${answered.comment || 'nobody decided in time'})`;
  if (answered?.verdict === 'rejected')
    return `by ${answered.by}${answered.comment === '' ? '' : `: ${answered.comment}`}`;
  return '(by a gate)';
}

export const decisions: Command = {
  name: 'decisions',
  summary: 'List the decisions of a model, newest first, with every gate, number and threshold.',
  arguments: ['model'],
  options: { limit: { type: 'string', value: 'N', help: 'how many (default: 20)' } },
  async run(context, input) {
    const limit = count(input, 'limit') ?? 20;
    const { stores, model } = await deployed(context, required(input, 'model'));
    const found = await stores.registry.decisions(model, limit);
    context.output.result({ model, decisions: found }, () => {
      if (found.length === 0) return `No decision of "${model}" yet.`;
      return found
        .map((each) => {
          const proposed = each.proposed
            ? `version ${each.proposed.version} (${each.proposed.contender}, ${each.proposed.kind})`
            : null;
          const head = facts([
            ['cycle', each.cycle],
            ['verdict', each.verdict],
            ['proposed', proposed],
            ['digest', each.digest],
            [
              'approval',
              each.approval &&
                `${each.approval.verdict} by ${each.approval.by}${each.approval.comment ? `: ${each.approval.comment}` : ''}`,
            ],
            ['reasons', each.reasons.join('; ')],
          ]);
          const gates = each.candidates.flatMap(({ contender, gates }) =>
            gates.map((gate) => gateRow(contender, gate)),
          );
          return `${head}\n${table(['contender', 'gate', 'on', 'value', 'interval', 'threshold', 'n', ''], gates)}`;
        })
        .join('\n\n');
    });
  },
};

function gateRow(contender: string, gate: GateResult): (string | number | null)[] {
  return [
    contender,
    gate.gate,
    gate.of ? `${gate.on}, ${gate.of}` : gate.on,
    gateNumber(gate),
    intervalText(gate),
    `${gate.comparison} ${shownOfGate(gate, gate.threshold)}`,
    gate.n,
    gate.passed ? 'passed' : 'failed',
  ];
}

export const lineage: Command = {
  name: 'lineage',
  summary:
    'Show how a version came to be: code, definition, snapshot, parameters, seed, libraries, parent, decision, approver.',
  arguments: ['model@version'],
  options: {},
  examples: ['lineage flight-delay@champion', 'lineage flight-delay@7 --json'],
  async run(context, input) {
    const { stores, model, version } = await askedVersion(context, 'lineage', required(input, 'model@version'));
    const found = await stores.registry.load(model, version);
    const moves = (await stores.registry.moves(model)).filter((move) => move.to === version);
    const from = found.lineage;
    const study = from.tuning ? await stores.studies.load(from.borrowed?.model ?? model, from.tuning.study) : null;
    // Opens the artifact store: only where there is something to read in it.
    const asked = stoppingOf(found, null);
    const reports = asked && context.modelReports();
    const rows = reports && (await reports.then((each) => each.stoppingRows(model, version)).catch(() => null));
    const earlyStopping = stoppingOf(found, rows);
    const past = await stores.registry.decisions(model, 1_000);
    const decision = past.find((each) => each.candidates.some((candidate) => candidate.version === version)) ?? null;
    context.output.result({ ...found, earlyStopping, study, decision, moves }, () => {
      const { training } = found;
      const parts = [
        facts([
          ['version', `${model}@${version} (${found.contender}, ${found.state})`],
          ['code', from.codeCommit],
          ['definition', from.definitionDigest],
          ['cycle', `${from.cycle}, logical time ${from.logicalTime}`],
          ['snapshot', from.snapshot],
          [
            'trainer',
            `${from.trainer}, seed ${from.seed}, ${from.threads} threads, ${training.rows} rows, ${training.seconds.toFixed(1)} s`,
          ],
          ['parameters', pairs(from.params)],
          ['searched for by', from.tuning ? searchOf(from.tuning, study) : null],
          ['early stopping', earlyStopping ? stoppingText(earlyStopping) : 'none'],
          ['libraries', pairs(from.libraries)],
          ['environment', training.environment ? `sha256 ${training.environment.sha256}` : null],
          [
            'experiment',
            from.experiment ? `${from.experiment.settings.join(', ') || 'as defined'}, by ${from.experiment.by}` : null,
          ],
          ['parent', from.parent],
          ['borrowed from', from.borrowed ? `${from.borrowed.model}@${from.borrowed.version}` : null],
          ['started from', from.startFrom ? `${from.startFrom.model}@${from.startFrom.version}` : null],
          ['ONNX', `sha256 ${found.onnx.sha256}, ${found.onnx.bytes} bytes`],
          ['decision', decision && `${decision.digest}: ${decision.verdict}`],
          ['approval', decision?.approval ? `${decision.approval.verdict} by ${decision.approval.by}` : null],
        ]),
      ];
      if (moves.length > 0) {
        parts.push(
          table(
            ['moved to champion', 'why', 'by', 'reason', 'epoch'],
            moves.map((move) => [move.asOf, move.why, move.by, move.reason, move.epoch]),
          ),
        );
      }
      return parts.join('\n');
    });
  },
};

function searchOf({ study, trial }: NonNullable<ModelVersion['lineage']['tuning']>, found: StudyRecord | null): string {
  if (trial === null) return `study ${study}, ended before a trial was complete`;
  if (!found) return `study ${study}, trial ${trial}`;
  const { space, metric, folds } = found.settings;
  return `study ${study}, trial ${trial}: ${Object.keys(space).join(', ')} by ${metric} on ${folds} folds`;
}

function pairs(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(', ');
}
