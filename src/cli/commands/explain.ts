// `explain`: a decision as a person wants to read it, and the proof that it comes out the same from its stored predictions.
import type { GoneDecision, Recomputation } from '../../ports/decision-reports';
import { required, usage } from '../arguments';
import type { CliContext, Command } from '../command';
import { decisionText, type Recorded } from '../decision-text';
import { requireDeployed } from '../named-versions';

/** Twenty years of weekly decisions. */
const MOST_DECISIONS = 1000;

export const explain: Command = {
  name: 'explain',
  summary:
    'Explain a decision: what was compared on which rows, each gate, why it ended so, what would have to change.',
  arguments: ['model', 'decision?'],
  options: {
    all: { type: 'boolean', help: 'also the numbers of the gates that passed' },
    recompute: { type: 'boolean', help: 'make it again from its stored predictions; exit code 1 if it differs' },
  },
  examples: ['explain flight-delay', 'explain flight-delay 7', 'explain flight-delay 4fa1c09be2d7 --recompute'],
  async run(context, input) {
    const model = required(input, 'model');
    const stores = await context.stores();
    await requireDeployed(stores, model);
    const decision = await asked(context, model, input.arguments['decision']);
    const snapshot = await stores.features.loadSnapshot(decision.snapshot);
    const recomputed = input.options['recompute']
      ? await (await context.decisionReports()).recompute(model, decision)
      : null;
    if (recomputed && ('gone' in recomputed || !recomputed.identical)) context.setExitCode(1);
    context.output.result({ ...decision, ...(recomputed && { recomputed }) }, () =>
      [
        decisionText(decision, snapshot, input.options['all'] === true),
        ...(recomputed ? [recomputedText(recomputed)] : []),
      ].join('\n\n'),
    );
  },
};

/** The newest decision, the newest that judged a version, or the one whose digest starts so. Fails with USAGE. */
async function asked({ stores }: CliContext, model: string, which: string | undefined): Promise<Recorded> {
  const all = await (await stores()).registry.decisions(model, MOST_DECISIONS);
  const named = which !== undefined && /^[1-9]\d{0,5}$/.test(which) ? Number(which) : null;
  const isJudged = (number: number) =>
    all.some(({ candidates }) => candidates.some(({ version }) => version === number));
  // A digest may begin with digits only.
  const version = named !== null && isJudged(named) ? named : null;
  const found = all.filter(
    ({ digest, candidates }) =>
      which === undefined ||
      (version === null ? digest.startsWith(which) : candidates.some((candidate) => candidate.version === version)),
  );
  if (found[0] && (found.length === 1 || which === undefined || version !== null)) return found[0];
  if (which === undefined) throw usage(`explain: there is no decision of "${model}" yet`);
  const what = found.length === 0 ? 'no decision has it' : `${found.length} decisions have digests that start so`;
  throw usage(
    `explain: found "${which}" (${what}), allowed is the start of a digest of npx understudy decisions ${model}, or the number of a version that was judged`,
  );
}

function recomputedText(recomputed: Recomputation | GoneDecision): string {
  if ('gone' in recomputed) return recomputed.gone.message;
  const { identical, found, differences } = recomputed;
  if (identical) return `Recomputed from the stored predictions: the same verdict, the same digest ${found.digest}.`;
  const head = `Recomputed from the stored predictions: ANOTHER decision, ${found.verdict}, digest ${found.digest}.`;
  return [head, ...differences.map((each) => `- ${each}`)].join('\n');
}
