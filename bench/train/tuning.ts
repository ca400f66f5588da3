// How much of the trainer's slots a search spends fitting: the example's trees on January to June, fifty trials, two at once.
import { lightgbm } from '../../src';
import type { TrialRecord } from '../../src/domain/training/tuning';
import { row, type BenchContext, type Row } from '../benchmark';
import { MODEL, openFlights } from '../flights';

/** As many trainings as the Python worker does at once. */
const SLOTS = 2;
const TRIALS = 50;
const GOAL_NOT_FITTING_PERCENT = 10;

/** The section's rows. What is not fitting: asking, reading, scoring, keeping, and slots that wait. */
export async function tuning({ packageRoot }: BenchContext): Promise<Row[]> {
  const flights = await openFlights(packageRoot);
  try {
    await flights.liveOneCycle({
      contenders: {
        tuned: lightgbm({
          ...{ iterations: 150, learningRate: 0.05, minLeafRows: 200, featureShare: 0.5, l2: 10 },
          tuning: {
            space: {
              learning_rate: { low: 0.02, high: 0.3, log: true },
              num_leaves: { low: 8, high: 64, log: true, step: 1 },
              lambda_l2: { low: 0.1, high: 100, log: true },
            },
            ...{ trials: TRIALS, parallel: SLOTS },
          },
        }),
      },
    });
    const { studies } = flights.services.stores;
    const [study] = await studies.list(MODEL);
    if (!study) throw new Error('the cycle had no search');
    return rowsOf(await studies.trials(MODEL, study.study));
  } finally {
    await flights.close();
  }
}

function rowsOf(trials: readonly TrialRecord[]): Row[] {
  const instants = (of: (trial: TrialRecord) => string | null): number[] =>
    trials.map((each) => Date.parse(of(each) ?? ''));
  const wallMs = Math.max(...instants(({ endedAt }) => endedAt)) - Math.min(...instants(({ startedAt }) => startedAt));
  const fitSeconds = trials.flatMap(({ folds }) => folds).reduce((sum, fold) => sum + fold.fitSeconds, 0);
  const ended = (state: string): number => trials.filter((each) => each.state === state).length;
  return [
    row('tuning: wall time', wallMs / 1000, 's'),
    row('tuning: complete trials', ended('complete'), ''),
    row('tuning: trials given up early', ended('pruned'), ''),
    row('tuning: fitting, both slots', fitSeconds, 's'),
    row(
      'tuning: share of the slots’ time not spent fitting',
      100 * (1 - fitSeconds / (SLOTS * (wallMs / 1000))),
      '%',
      GOAL_NOT_FITTING_PERCENT,
    ),
  ];
}
