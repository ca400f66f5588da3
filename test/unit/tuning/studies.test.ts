// What is the best, what later trials are told, when the contender's own parameters are worth a trial, and what makes a study the same.
import { settingsOf, studyOf } from '../../../src/activities/training/tuning';
import { studyText } from '../../../src/cli/commands/tuning';
import { historyPlot, parameterPlot, studyPlots } from '../../../src/dashboard/study/study-plots';
import type { TrainRequest } from '../../../src/domain/training/training';
import { bestOf, historyFor, ownParams, standingOf } from '../../../src/domain/training/tuning';
import { TuningPlan } from '../../../src/domain/plan/tuning-plan';
import { STUDY, trial, TRIALS } from './study';

describe('the best trial', () => {
  it('is the complete one with the lowest loss, the earlier of two that are equal', () => {
    // Trial 2 had the best score of all when it was given up.
    expect(bestOf([...TRIALS].reverse(), true)).toMatchObject({ trial: 1, value: 0.35 });
    expect(bestOf(TRIALS, false)).toMatchObject({ trial: 0, value: 0.45 });
    expect(bestOf([trial(0, 'pruned', [0.1])], true)).toBeNull();
  });

  it('is told with what became of the others', () => {
    expect(standingOf(TRIALS, true)).toEqual({
      complete: 3,
      pruned: 1,
      failed: 1,
      best: { trial: 1, value: 0.35, params: TRIALS[1]!.params },
      failure: 'TRAINING_FAILED: refused',
    });
  });
});

describe('what a trial is told', () => {
  it('is those before it that have a score, in the order of their numbers, whenever they ended', () => {
    const told = historyFor(4, [...TRIALS].reverse());
    expect(told.map(({ number, state, scores }) => ({ number, state, scores }))).toEqual([
      { number: 0, state: 'complete', scores: [0.4, 0.5] },
      { number: 1, state: 'complete', scores: [0.3, 0.4] },
      { number: 2, state: 'pruned', scores: [0.2] },
    ]);
    expect(historyFor(0, TRIALS)).toEqual([]);
  });
});

describe('the contender’s own parameters', () => {
  const space = {
    num_leaves: { low: 4, high: 20, step: 4 },
    boosting: { choices: ['gbdt', 'dart'] },
    rate: { low: 0.1, high: 1 },
  };
  it('are tried first where they name all of the space and lie inside it', () => {
    const own = { num_leaves: 12, boosting: 'dart', rate: 0.1, other: 5 };
    expect(ownParams(space, own)).toEqual({ num_leaves: 12, boosting: 'dart', rate: 0.1 });
  });
  it.each([
    ['one is missing', { num_leaves: 12, boosting: 'dart' }],
    ['one is outside', { num_leaves: 24, boosting: 'dart', rate: 0.1 }],
    ['one is between two steps', { num_leaves: 13, boosting: 'dart', rate: 0.1 }],
    ['one is no choice', { num_leaves: 12, boosting: 'rf', rate: 0.1 }],
  ])('are not where %s', (_, params) => expect(ownParams(space, params)).toBeNull());
});

describe('a study', () => {
  const ref = (sha256: string) => ({ uri: '', sha256, bytes: 1, mediaType: 'x' });
  const request: TrainRequest = {
    ...{ model: 'm', contender: 'tuned', trainer: 'lightgbm', params: { max_depth: 4 }, seed: 1, threads: 2 },
    ...{ matrix: ref('a'), signature: ref('b'), earlyStoppingDays: 0, earlyStoppingRounds: 50 },
  };
  const settings = settingsOf(TuningPlan.parse({ space: { rate: { low: 0.1, high: 1 } }, timeLimit: '2 minutes' }), 14);

  it('has the defaults that the documentation names', () => {
    expect(settings).toMatchObject({ trials: 20, parallel: 1, folds: 3, foldDays: 14, timeLimitMs: 120_000 });
    expect(settings).toMatchObject({ metric: 'log_loss', randomTrials: 10, pruneAfter: { trials: 5, folds: 1 } });
  });

  it('is the same whatever its budget, its machine and its model', () => {
    const study = studyOf(request, settings);
    expect(study).toMatch(/^[0-9a-f]{12}$/);
    expect(studyOf({ ...request, model: 'n', threads: 8, resources: { cpu: 8 }, warmStart: ref('c') }, settings)).toBe(
      study,
    );
    expect(studyOf(request, { ...settings, trials: 500, timeLimitMs: null, parallel: 4 })).toBe(study);
  });

  it.each([
    ['rows', { matrix: ref('z') }, {}],
    ['fixed parameters', { params: { max_depth: 5 } }, {}],
    ['seed', { seed: 2 }, {}],
    ['space', {}, { space: { rate: { low: 0.1, high: 2 } } }],
    ['folds', {}, { folds: 4 }],
  ])('is another one with other %s', (_, changed, asked) => {
    expect(studyOf({ ...request, ...changed }, { ...settings, ...asked })).not.toBe(studyOf(request, settings));
  });
});

it('is shown as a table with a row per trial', () => {
  const text = studyText(STUDY, TRIALS);
  expect(text).toContain('3 complete, 1 pruned, 1 failed, of 6');
  expect(text).toContain('trial 1: 0.35000, learning_rate=0.02, boosting=dart');
  expect(text).toMatch(/│ 2 +│ pruned after fold 1 +│ 0.20000 +│ 0.03 +│ gbdt +│ 0.2000/);
  expect(text).toMatch(/│ 3 +│ failed .* TRAINING_FAILED: refused/);
});

describe('the plots of a study', () => {
  const drawn = { settings: STUDY.settings, trials: TRIALS };
  it('are one of the scores by trial and one per parameter', () => {
    const { text } = studyPlots('s', drawn);
    expect(text.match(/<figure>/g)).toHaveLength(3);
    expect(text).toContain('log_loss by learning_rate (logarithmic)');
    expect(studyPlots('s', { ...drawn, trials: [] }).text).toBe('');
  });

  it('draw every trial with a score, the best one larger and those given up faint, with the best so far as steps', () => {
    const { text } = historyPlot('s', drawn);
    expect(text.match(/<circle/g)).toHaveLength(4);
    expect(text.match(/r="4"/g)).toHaveLength(1);
    expect(text.match(/opacity="0.3"/g)).toHaveLength(1);
    expect(text).toMatch(/d="M58 [\d.]+H131V[\d.]+H350"/);
    expect(text).toContain('best 0.35 in trial 1; 3 complete, 1 given up early');
  });

  it('put better up, and values beyond the axis on its end', () => {
    const [first, second] = [...historyPlot('s', drawn).text.matchAll(/cy="([\d.]+)"/g)].map(([, y]) => Number(y));
    expect(second!).toBeLessThan(first!);
    const accuracy = { ...drawn, settings: { ...STUDY.settings, metric: 'accuracy' as const } };
    const [one, other] = [...historyPlot('s', accuracy).text.matchAll(/cy="([\d.]+)"/g)].map(([, y]) => Number(y));
    expect(other!).toBeGreaterThan(one!);
  });

  it('have choices side by side', () => {
    const xs = [...parameterPlot('s', drawn, 'boosting').text.matchAll(/cx="([\d.]+)"/g)].map(([, x]) => Number(x));
    expect(xs).toEqual([58, 350, 58, 58]);
  });
});
