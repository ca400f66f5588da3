// What a page shows of a search for parameters: how it was done, its space, its plots, and a row per trial. Pure.
import type { Dimension } from '../../domain/plan/tuning-plan';
import type { Params } from '../../domain/training/tuning';
import { details, facts, html, table, type Html, type Part } from '../page/html';
import { count, counted, instant, number } from '../page/numbers';
import type { StudyDocument, TrialDocument } from './study-document';
import { studyPlots } from './study-plots';

/** The content of a section, without its heading. `id`: unique in the page, the plots' begin with it. */
export function studyContent(id: string, study: StudyDocument): Html {
  const { space, metric, better, folds, foldDays, best, states, of, trials } = study;
  const counts = Object.entries(states).map(
    ([state, found]) => `${found} ${state === 'pruned' ? 'given up early' : state}`,
  );
  const names = Object.keys(space);
  const plots = studyPlots(id, { settings: study, trials });
  return html`${facts([
    ['study', html`<code>${study.study}</code>`],
    [
      'judged by',
      `${metric} (${better} is better), the mean of ${counted(folds, 'fold')} of ${counted(foldDays, 'day')} each`,
    ],
    ['trials', `${counts.join(', ') || 'none'}; ${count(of)} at most, ${count(study.parallel)} at once`],
    ['ended', study.ended === null ? 'it runs' : ENDS[study.ended]],
    ['best trial', best ? `trial ${best.trial}: ${metric} ${number(best.value)}` : 'none is complete'],
    ['seconds of all trials', number(study.trialSeconds)],
    ['begun', instant(study.startedAt)],
  ])}
  ${table(
    'What was tried',
    ['parameter', 'values', '#of the best trial'],
    names.map((name): Part[] => [name, dimensionText(space[name]!), best && shown(best.params[name])]),
  )}
  ${
    plots.text === ''
      ? html`<p class="none">No trial has a score: there is nothing to draw.</p>`
      : html`<div class="figures">${plots}</div>`
  }
  ${details(
    'Every trial',
    table(
      counted(trials.length, 'trial'),
      ['trial', 'state', `#${metric}`, ...names.map((name) => `#${name}`), 'folds', '#seconds'],
      trials.map((trial) => trialRow(trial, names)),
      'No trial has begun.',
    ),
  )}`;
}

const ENDS = {
  budget: 'all its trials are done',
  'time-limit': 'its time was over',
  stopped: 'a person stopped it',
  cancelled: 'it was cancelled',
  failed: 'it failed',
} as const satisfies Record<NonNullable<StudyDocument['ended']>, string>;

function trialRow(
  { number: trial, state, params, value, scores, seconds, message }: TrialDocument,
  names: readonly string[],
): Part[] {
  return [
    ...[String(trial), state === 'pruned' ? 'given up early' : state, number(value)],
    ...names.map((name) => shown(params?.[name])),
    ...[scores.length > 0 ? scores.map(number).join(', ') : (message ?? ''), number(seconds)],
  ];
}

/** A range or a list in words. */
export function dimensionText({ choices, low, high, log, step }: Dimension): string {
  if (choices) return choices.join(', ');
  const scale = log ? ', logarithmic' : '';
  return `${String(low)} to ${String(high)}${step === undefined ? '' : ` in steps of ${step}`}${scale}`;
}

function shown(value: Params[string] | undefined): string {
  return typeof value === 'number' ? number(value) : value === undefined ? '–' : String(value);
}
