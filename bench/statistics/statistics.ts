// Statistics of many rows in one thread: what a report, a comparison and a metric cost, the report also beside Evidently's. Goals are those of a plain process.
import { driftReport, type DriftColumn } from '../../src/statistics/drift/report';
import { domainClassifier } from '../../src/statistics/drift/representation/domain-classifier';
import { pcaDrift } from '../../src/statistics/drift/representation/pca-drift';
import { evaluateBinary } from '../../src/statistics/metrics/binary/evaluate';
import { rocAuc } from '../../src/statistics/metrics/binary/ranking';
import { randomNumbers } from '../../src/domain/random';
import { delongTest } from '../../src/statistics/significance/rows/delong';
import { row, type Benchmark } from '../benchmark';
import { besideEvidently } from './evidently';

const REPEATS = 3;
const WIDE = { rows: 100_000, columns: 14, categories: 3 } as const;

export const statistics: Benchmark = {
  name: 'statistics',
  summary: 'drift reports, tests and metrics of up to a million rows, one thread',
  async measure(context) {
    const { say } = context;
    say(`each ${REPEATS} times, the fastest counts`);
    const random = randomNumbers(20130101);
    const uniform = (n: number, shift = 0): Float64Array => Float64Array.from({ length: n }, () => random() + shift);
    const letters = (n: number): string[] =>
      Array.from({ length: n }, () => 'abcdefghijkl'[Math.floor(random() * 12)]!);
    const wide = Array.from({ length: WIDE.columns }, (_, i): DriftColumn =>
      i < WIDE.categories
        ? { name: `c${i}`, kind: 'category', reference: letters(WIDE.rows), current: letters(WIDE.rows) }
        : { name: `n${i}`, kind: 'number', reference: uniform(WIDE.rows), current: uniform(WIDE.rows, i / 100) },
    );
    const reference = Array.from({ length: WIDE.columns }, () => uniform(WIDE.rows));
    const current = Array.from({ length: WIDE.columns }, () => uniform(WIDE.rows, 0.02));
    const million = outcomes(uniform(1_000_000), random);
    const some = outcomes(uniform(200_000), random);
    const few = outcomes(uniform(15_000), random);
    const report = fastest(() => driftReport(wide));
    return [
      row('drift report, 100,000 rows against as many, 14 columns', report, 's', 1),
      ...(await besideEvidently(
        context,
        wide,
        fastestCpu(() => driftReport(wide)),
        REPEATS,
      )),
      row(
        'drift by principal components, the same',
        fastest(() => pcaDrift(reference, current)),
        's',
        1,
      ),
      row(
        'drift by a classifier, the same',
        fastest(() => domainClassifier(reference, current)),
        's',
        2,
      ),
      row(
        'ROC AUC, 1,000,000 rows',
        fastest(() => rocAuc(million.labels, million.scores)),
        's',
        1,
      ),
      row(
        'DeLong test, 200,000 rows',
        fastest(() => delongTest(some.labels, some.scores, uniform(200_000))),
        's',
        1,
      ),
      row(
        'six metrics with intervals, 15,000 rows in 40 days',
        fastest(() =>
          evaluateBinary(
            few.labels,
            few.scores,
            Int32Array.from(few.labels, (_, i) => i % 40),
          ),
        ),
        's',
        0.5,
      ),
    ];
  },
};

/** Scores and labels that follow them. */
function outcomes(scores: Float64Array, random: () => number): { labels: Uint8Array; scores: Float64Array } {
  return { scores, labels: Uint8Array.from(scores, (score) => (random() < score ? 1 : 0)) };
}

/** Seconds of the fastest of some runs. */
function fastest(work: () => unknown): number {
  const seconds = Array.from({ length: REPEATS }, () => {
    const started = performance.now();
    work();
    return (performance.now() - started) / 1000;
  });
  return Math.min(...seconds);
}

/** Seconds of processor time of the run that took least, of all threads: other programs do not count. */
function fastestCpu(work: () => unknown): number {
  const seconds = Array.from({ length: REPEATS }, () => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  });
  return Math.min(...seconds);
}
