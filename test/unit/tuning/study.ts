// A small study that several tests look at: six trials of every kind.
import type { StudyRecord, TrialRecord } from '../../../src/domain/training/tuning';

const AT = '2013-03-16T08:00:00.000Z';
const fold = (score: number) => ({ score, rows: 80, trainRows: 300, iterations: 40, fitSeconds: 0.4, seconds: 0.5 });

/** A trial with these scores; `params` null: it never said what it tried. */
export function trial(
  number: number,
  state: TrialRecord['state'],
  scores: readonly number[],
  params: TrialRecord['params'] = { learning_rate: 0.01 * (number + 1), boosting: number % 2 ? 'dart' : 'gbdt' },
): TrialRecord {
  const ended = state === 'running' ? null : AT;
  const mean = scores.length === 0 ? null : scores.reduce((sum, score) => sum + score, 0) / scores.length;
  return {
    ...{ number, state, seed: 7 + number, params, value: mean, folds: scores.map(fold) },
    ...{ seconds: 1.2, message: state === 'failed' ? 'TRAINING_FAILED: refused' : null, startedAt: AT, endedAt: ended },
  };
}

export const TRIALS: readonly TrialRecord[] = [
  trial(0, 'complete', [0.4, 0.5]),
  trial(1, 'complete', [0.3, 0.4]),
  trial(2, 'pruned', [0.2]),
  trial(3, 'failed', []),
  trial(4, 'complete', [0.35, 0.35]),
  trial(5, 'running', [], null),
];

export const STUDY: StudyRecord = {
  model: 'm',
  study: '3f9a01c2d4e5',
  contender: 'tuned',
  logicalTime: '2013-03-16',
  snapshot: 'a'.repeat(64),
  workflow: 'tuneModel/m/2013-03-16/tuned',
  settings: {
    space: { learning_rate: { low: 0.01, high: 0.3, log: true }, boosting: { choices: ['gbdt', 'dart'] } },
    trials: 6,
    timeLimitMs: null,
    parallel: 1,
    folds: 2,
    foldDays: 3,
    metric: 'log_loss',
    randomTrials: 10,
    pruneAfter: { trials: 5, folds: 1 },
  },
  ended: null,
  best: null,
  startedAt: AT,
  endedAt: null,
};
