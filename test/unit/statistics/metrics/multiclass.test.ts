// Metrics of several classes: against scikit-learn's numbers, ties, classes that are never answered, and tables of the wrong size.
import { calibrationBins, expectedCalibrationError } from '../../../../src/statistics/metrics/binary/calibration';
import { rocAuc } from '../../../../src/statistics/metrics/binary/ranking';
import {
  classReport,
  confusionMatrix,
  confusionOfProbabilities,
  mostProbableClasses,
} from '../../../../src/statistics/metrics/multiclass/confusion';
import { classAgainstRest, oneVsRestAucOf } from '../../../../src/statistics/metrics/multiclass/one-vs-rest';
import {
  multiclassAccuracy,
  multiclassBrier,
  multiclassLogLoss,
  topKAccuracy,
} from '../../../../src/statistics/metrics/multiclass/probabilities';
import { brierScore, logLoss } from '../../../../src/statistics/metrics/binary/probabilities';
import { topLabelRows } from '../../../../src/statistics/metrics/multiclass/top-label';
import { readExpected, readNumbers } from '../reference-rows';
import { EXPECTED, ROWS, expectClose } from './expected';

function referenceRows(): { labels: Float64Array; probabilities: { values: Float64Array; classes: number } } {
  const [labels, ...columns] = readNumbers('metrics/inputs/multiclass_basic.csv', 'y', 'p0', 'p1', 'p2', 'p3');
  const values = new Float64Array(labels!.length * 4).map((_, i) => columns[i % 4]![Math.floor(i / 4)]!);
  return { labels: labels!, probabilities: { values, classes: 4 } };
}

describe('metrics of several classes', () => {
  it('equal scikit-learn on 900 rows of 4 classes', () => {
    const { labels, probabilities } = referenceRows();
    interface Expected {
      readonly cases: { readonly multiclass_basic: { readonly expected: Readonly<Record<string, number>> } };
    }
    const { expected } = readExpected<Expected>('metrics/expected.json').cases.multiclass_basic;
    const { macro, weighted } = classReport(confusionOfProbabilities(labels, probabilities));
    const accuracy = multiclassAccuracy(labels, probabilities);
    expectClose(
      {
        accuracy,
        f1_micro: accuracy,
        log_loss: multiclassLogLoss(labels, probabilities),
        f1_macro: macro.f1,
        f1_weighted: weighted.f1,
        precision_macro: macro.precision,
        recall_macro: macro.recall,
        roc_auc_ovr_macro: oneVsRestAucOf(labels, probabilities, 'macro')(),
      },
      expected,
    );
  });

  it('have the calibration of scikit-learn, each against the rest and of the most probable class', () => {
    const { labels, probabilities } = referenceRows();
    interface Reliability {
      readonly meanProbability: readonly number[];
      readonly positiveShare: readonly number[];
      readonly n: readonly number[];
      readonly ece: number;
    }
    const expected = readExpected<{ readonly classes: readonly Reliability[]; readonly top_label: Reliability }>(
      'class-calibration/expected.json',
    );
    const against = [0, 1, 2, 3].map((k) => classAgainstRest(labels, probabilities, k));
    [...against, topLabelRows(labels, probabilities)].forEach((rows, at) => {
      const wanted = expected.classes[at] ?? expected.top_label;
      const bins = calibrationBins(rows.labels, rows.scores);
      expect(bins.map(({ n }) => n)).toEqual(wanted.n);
      bins.forEach(({ meanProbability, positiveShare }, bin) => {
        expect(Math.abs(meanProbability - wanted.meanProbability[bin]!)).toBeLessThan(1e-12);
        expect(Math.abs(positiveShare - wanted.positiveShare[bin]!)).toBeLessThan(1e-12);
      });
      expect(Math.abs(expectedCalibrationError(rows.labels, rows.scores) - wanted.ece)).toBeLessThan(1e-12);
    });
  });

  it('count answers with weights as scikit-learn does', () => {
    const { labels, probabilities, weights } = ROWS.multiclass;
    const expected = EXPECTED.multiclass.weighted as unknown as { readonly confusion: readonly (readonly number[])[] };
    expect(confusionOfProbabilities(labels, probabilities, weights)).toEqual(expected.confusion);
  });

  it('of two classes are those of the binary task, the Brier score twice', () => {
    const { labels, probabilities } = ROWS.binary;
    const values = Array.from(labels, (_, i) => [1 - probabilities[i]!, probabilities[i]!]).flat();
    const both = { values, classes: 2 };
    expect(multiclassBrier(labels, both)).toBeCloseTo(2 * brierScore(labels, probabilities), 12);
    expect(multiclassLogLoss(labels, both)).toBeCloseTo(logLoss(labels, probabilities), 12);
    const { labels: ofOne, scores } = classAgainstRest(labels, both, 1);
    expect(rocAuc(ofOne, scores)).toBe(rocAuc(labels, probabilities));
  });

  it('take the lower class number of equal probabilities, so that top 1 is the accuracy', () => {
    const probabilities = { values: [0.4, 0.4, 0.2, 0.2, 0.4, 0.4], classes: 3 };
    expect([...mostProbableClasses(probabilities)]).toEqual([0, 1]);
    expect(topKAccuracy([1, 2], probabilities, 1)).toBe(0);
    expect(multiclassAccuracy([0, 1], probabilities)).toBe(1);
    expect([topKAccuracy([1, 2], probabilities, 2), topKAccuracy([2, 0], probabilities, 3)]).toEqual([1, 1]);
    expect(() => topKAccuracy([1, 2], probabilities, 0)).toThrow('k 0; allowed: a whole number of at least 1');
  });

  it('count a class that is never answered as 0 in averages and show it as undefined', () => {
    const { classes, macro, weighted } = classReport([
      [3, 1, 0],
      [1, 1, 0],
      [2, 0, 0],
    ]);
    expect(classes[2]).toEqual({ precision: NaN, recall: 0, f1: 0, support: 2 });
    expect(macro.precision).toBeCloseTo((3 / 6 + 1 / 2) / 3, 14);
    expect(weighted.recall).toBeCloseTo(4 / 8, 14);
    expect(classReport([[2]]).macro).toEqual({ precision: 1, recall: 1, f1: 1 });
    expect(
      Object.values(
        classReport([
          [0, 0],
          [0, 0],
        ]).macro,
      ),
    ).toEqual([NaN, NaN, NaN]);
  });

  it('refuse labels, answers and tables that do not fit', () => {
    const table = { values: [0.5, 0.5, 0.5, 0.5], classes: 2 };
    expect(() => multiclassLogLoss([0, 2], table)).toThrow('row 1 has label 2; allowed: class numbers 0 to 1');
    expect(() => multiclassLogLoss([0, 0.5], table)).toThrow('row 1 has label 0.5');
    expect(() => multiclassLogLoss([0], table)).toThrow('arrays differ in length (labels 1, probabilityRows 2)');
    expect(() => multiclassLogLoss([0], { values: [1], classes: 1 })).toThrow('1 classes; allowed: at least 2');
    expect(() => confusionMatrix([0], [3], 2)).toThrow('answers: row 0 has label 3');
    expect(confusionOfProbabilities([0, 1], { values: [NaN, 1, 0, 1], classes: 2 })).toEqual([
      [NaN, NaN],
      [NaN, NaN],
    ]);
  });
});
