// `trials` and `tune`: searches for parameters, what each of their trials tried and was worth, and an end to one that runs.
import { UnderstudyError } from '../../domain/failures';
import { standingOf, type Params, type StudyRecord, type TrialRecord } from '../../domain/training/tuning';
import { isLowerBetter } from '../../domain/plan/tuning-plan';
import { studyDocument } from '../../dashboard/study/study-document';
import { studyPage } from '../../dashboard/study/study-page';
import { required, text, usage } from '../arguments';
import type { CliContext, Command } from '../command';
import { facts, table } from '../output';
import { writePage } from '../write-page';

export const trials: Command = {
  name: 'trials',
  summary: 'List the searches for parameters of a model, or every trial of one.',
  arguments: ['model', 'study?'],
  options: {
    out: { type: 'string', value: 'FILE.html', help: 'with a study: write a page of it with its plots' },
  },
  examples: [
    'trials flight-delay',
    'trials flight-delay 3f9a01c2d4e5 --out study.html',
    'trials flight-delay 3f9a01c2d4e5',
    'trials flight-delay 3f9a01c2d4e5 --json',
  ],
  async run(context, input) {
    const model = required(input, 'model');
    const stores = await context.stores();
    if ((await stores.definitions.current(model)) === null) {
      const known = (await stores.definitions.models()).join(', ') || 'none';
      throw new UnderstudyError('MODEL_NOT_DEPLOYED', `"${model}" is not deployed; deployed are: ${known}.`, { model });
    }
    const wanted = input.arguments['study'];
    const out = text(input, 'out');
    if (wanted !== undefined) return one(context, await studyOf(context, wanted, model), out);
    if (out !== undefined)
      throw usage('trials: --out needs a study, such as trials flight-delay 3f9a01c2d4e5 --out study.html');
    const studies = await stores.studies.list(model);
    const found = await Promise.all(
      studies.map(async (study) => ({
        ...study,
        standing: standing(study, await stores.studies.trials(model, study.study)),
      })),
    );
    context.output.result({ model, studies: found }, () =>
      table(
        [
          'study',
          'contender',
          'logical time',
          'done',
          'pruned',
          'failed',
          'metric',
          'best',
          'of trial',
          'ended',
          'workflow',
        ],
        found.map(({ standing: { complete, pruned, failed, best }, settings, ...study }) => [
          study.study,
          study.contender,
          study.logicalTime,
          `${complete + pruned + failed} of ${settings.trials}`,
          pruned,
          failed,
          settings.metric,
          best && best.value.toFixed(5),
          best && best.trial,
          study.ended ?? 'running',
          study.workflow,
        ]),
      ),
    );
  },
};

export const tune: Command = {
  name: 'tune',
  summary: 'End a search for parameters with the best so far: tune stop STUDY.',
  arguments: ['action', 'study'],
  options: { model: { type: 'string', value: 'NAME', help: 'needed where several models have the same study' } },
  examples: ['tune stop 3f9a01c2d4e5'],
  async run(context, input) {
    const action = required(input, 'action');
    if (action !== 'stop') throw usage(`tune: found "${action}", allowed is stop`);
    const { model, study, ended, workflow } = await studyOf(context, required(input, 'study'), text(input, 'model'));
    if (ended !== null) throw usage(`tune stop: the study ${study} of ${model} has ended already: ${ended}`);
    await (await context.temporal()).lifecycles.stopTuning(model, workflow);
    context.output.result({ model, study, workflow }, () => `Asked to stop: ${workflow}`);
  },
};

async function one(context: CliContext, study: StudyRecord, out: string | undefined): Promise<void> {
  const { studies } = await context.stores();
  const found = await studies.trials(study.model, study.study);
  if (out !== undefined) {
    const bytes = writePage('trials', out, studyPage(studyDocument(study, found), new Date().toISOString()));
    context.output.progress(`${out}: ${Math.ceil(bytes / 1024)} KB`);
  }
  context.output.result({ ...study, trials: found }, () => studyText(study, found));
}

/** A study in words, and a row per trial. */
export function studyText(study: StudyRecord, found: readonly TrialRecord[]): string {
  const { settings } = study;
  const { best, complete, pruned, failed } = standing(study, found);
  const names = Object.keys(settings.space);
  const head = facts([
    ['study', `${study.study} of ${study.contender}, ${study.logicalTime}, snapshot ${study.snapshot.slice(0, 12)}`],
    ['judged by', `${settings.metric}, ${settings.folds} folds of ${settings.foldDays} days`],
    ['trials', `${complete} complete, ${pruned} pruned, ${failed} failed, of ${settings.trials}`],
    ['ended', study.ended ?? `running: ${study.workflow}`],
    ['best', best && `trial ${best.trial}: ${best.value.toFixed(5)}, ${shown(best.params)}`],
  ]);
  const rows = found.map(({ number, state, value, params, folds, seconds, message }) => [
    number,
    state === 'pruned' ? `pruned after fold ${folds.length}` : state,
    value === null ? null : value.toFixed(5),
    ...names.map((name) => (params?.[name] === undefined ? null : short(params[name]))),
    folds.map(({ score }) => score.toFixed(4)).join(' ') || message,
    seconds === null ? null : seconds.toFixed(1),
  ]);
  return `${head}\n${table(['trial', 'state', settings.metric, ...names, 'folds', 'seconds'], rows)}`;
}

/** The one study whose id begins so. Fails with USAGE when there is none, or more than one. */
async function studyOf(context: CliContext, wanted: string, model: string | undefined): Promise<StudyRecord> {
  const all = await (await context.stores()).studies.list(model);
  const found = all.filter(({ study }) => study.startsWith(wanted));
  const [first, ...more] = found;
  if (first && more.length === 0) return first;
  const names = (first ? found : all).slice(0, 10).map((each) => `${each.study} of ${each.model}`);
  const what = first ? 'several studies are called so' : 'there is no such study';
  throw usage(`found "${wanted}": ${what}; known are: ${names.join(', ') || 'none'}`);
}

function standing({ settings }: StudyRecord, found: readonly TrialRecord[]) {
  return standingOf(found, isLowerBetter(settings.metric));
}

function shown(params: Params): string {
  return Object.entries(params)
    .map(([name, value]) => `${name}=${short(value)}`)
    .join(', ');
}

function short(value: Params[string]): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(5))) : String(value);
}
