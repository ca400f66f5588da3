// The decision as a function of versions, rows and predictions: who is compared with whom, on what, and that it comes out the same again.
import type { Judged } from '../../../src/activities/judging/compare';
import { compare } from '../../../src/activities/judging/compare';
import { decisionDifferences } from '../../../src/activities/judging/differences';
import { decide, judgeAll, type Case } from '../../../src/activities/judging/judge';
import { isOfBefore } from '../../../src/activities/judging/looks';
import { baseRateOf, measure } from '../../../src/activities/evaluation/measure';
import type { JudgedRows } from '../../../src/activities/evaluation/rows';
import { defineModel } from '../../../src/definition/define-model';
import type { Decision } from '../../../src/domain/evaluation/evaluation';
import type { ModelPlan, ModelPlanInput } from '../../../src/domain/plan/plan';
import type { ModelVersion } from '../../../src/domain/lifecycle/registry';
import { randomNumbers } from '../../../src/domain/random';
import { lookLines } from '../../../src/cli/decision-text';
import { levelOfLook } from '../../../src/statistics/significance/corrections/look-levels';
import tiny from '../../models/tiny/model';

const random = randomNumbers(11);
const DAYS = 14;
const PER_DAY = 40;
const truths = Array.from({ length: DAYS * PER_DAY }, () => random());

function rowsOf(kinds: (row: number) => string | null): JudgedRows {
  const rows = DAYS * PER_DAY;
  return {
    rows,
    target: { task: 'binary' },
    labels: Float32Array.from(truths, (truth) => (random() < truth ? 1 : 0)),
    days: Int32Array.from({ length: rows }, (_, row) => 100 + Math.floor(row / PER_DAY)),
    category: (name) => (name === 'kind' ? Array.from({ length: rows }, (_, row) => kinds(row)) : null),
  };
}
const rows = {
  holdout: rowsOf((row) => (row < 30 ? 'rare' : row % 2 === 0 ? 'a' : null)),
  truth: rowsOf(() => 'a'),
};

function planWith(change: NonNullable<ModelPlanInput['evaluation']> = {}): ModelPlan {
  const evaluation = { superiority: { minRows: 100 }, nonInferiority: { holdout: 0.05, truth: 0.05 }, ...change };
  return defineModel({ ...tiny.plan, evaluation }).plan;
}

/** A version that knows the truth but for some noise. */
function version(number: number, contender: string, noise: number, plan: ModelPlan): Judged {
  const noisy = () =>
    Float32Array.from(truths, (truth) => Math.min(0.98, Math.max(0.02, truth + noise * (random() - 0.5))));
  const predictions = { holdout: noisy(), truth: noisy() };
  return {
    version: { version: number, contender } as ModelVersion,
    predictions,
    measures: {
      version: number,
      contender,
      snapshot: 's',
      ...measure(plan, rows, predictions),
      baseRate: baseRateOf({ labels: rows.holdout.labels }, rows),
    },
  };
}

function caseOf(plan: ModelPlan, candidates: readonly Judged[], champion = version(1, 'main', 1, plan)): Case {
  return {
    plan,
    rows,
    holdoutFrom: 100,
    holdoutDays: DAYS,
    champion: { ...champion, epoch: 3, trainedTo: 99 },
    candidates,
    look: { number: 1, of: 8 },
  };
}
const about = { model: 'tiny', cycle: 'c', logicalTime: '2013-03-04', snapshot: 's', definitionDigest: 'd' };

it('compares a challenger with the champion and with the refreshed champion, and proposes it when it beats both', () => {
  const plan = planWith();
  const candidates = [version(2, 'main', 0.7, plan), version(3, 'flat', 0, plan)];
  const decision = decide(caseOf(plan, candidates), about);
  const [refresh, challenger] = decision.candidates;
  const against = (gates: Decision['candidates'][number]['gates']) => [
    ...new Set(gates.flatMap((gate) => gate.against ?? [])),
  ];
  expect([against(refresh!.gates), against(challenger!.gates)]).toEqual([[1], [1, 2]]);
  expect(decision.proposed).toEqual({ version: 3, contender: 'flat', kind: 'switch' });
  expect(decision.champion).toEqual({ version: 1, contender: 'main', epoch: 3 });
});

it('keeps the champion where a challenger is only as good', () => {
  const plan = planWith();
  const decision = decide(caseOf(plan, [version(3, 'flat', 1, plan)]), about);
  expect(decision.verdict).toBe('keep');
  const superiority = decision.candidates[0]!.gates.find(({ gate }) => gate === 'superiority')!;
  expect(superiority.passed).toBe(false);
  expect(superiority.test!.daysNeeded === null || superiority.test!.daysNeeded! >= 14).toBe(true);
});

it('never compares a version with itself', () => {
  const plan = planWith();
  const one = version(1, 'main', 1, plan);
  expect(() => compare(plan.evaluation, rows, one, one, 'the champion')).toThrow('would be compared with itself');
  expect(() => judgeAll(caseOf(plan, [one], one))).toThrow('would be compared with itself');
});

it('fails a candidate that is much worse on one slice, however good it is on the others', () => {
  const plan = planWith({ slices: ['kind'], sliceMinRows: 100 });
  const champion = version(1, 'main', 0.6, plan);
  const candidate = version(2, 'main', 0.1, plan);
  rows.holdout.category('kind')!.forEach((kind, row) => {
    if (kind === 'a') candidate.predictions.holdout[row] = 1 - champion.predictions.holdout[row]!;
  });
  const [judgement] = judgeAll(caseOf(plan, [candidate], champion));
  const slices = judgement!.gates.filter(({ gate }) => gate === 'slice');
  expect(slices.map(({ of, passed }) => [of, passed])).toEqual([
    ['kind = a', false],
    ['kind is missing', true],
  ]);
  expect(slices.every(({ days, test }) => days === DAYS && test!.tests === 2)).toBe(true);
  expect(judgement!.notJudged).toEqual(['where kind = rare: 30 rows of 1 days, needed are 100 rows and 2 days']);
});

it('fails closed where the snapshot does not have the groups of a fairness bound', () => {
  const plan = planWith({ fairness: [{ column: 'kind', metric: 'accuracy', maxGap: 1, minRows: 50 }] });
  const unknown = { ...rows, holdout: { ...rows.holdout, category: () => null } };
  const candidate = version(2, 'main', 0.5, plan);
  const fairness = (judged: Case) =>
    judgeAll(judged)[0]!
      .gates.filter(({ gate }) => gate.startsWith('fairness'))
      .map(({ gate, passed }) => [gate, passed]);
  expect(fairness(caseOf(plan, [candidate]))).toEqual([
    ['fairness-accuracy', true],
    ['fairness-accuracy-increase', true],
  ]);
  expect(fairness({ ...caseOf(plan, [candidate]), rows: unknown })).toEqual([
    ['fairness-accuracy', false],
    ['fairness-accuracy-increase', false],
  ]);
});

it('gives the same record for the same case, and names what differs in another one', () => {
  const plan = planWith({ slices: ['kind'] });
  const judged = caseOf(plan, [version(2, 'main', 0.9, plan), version(3, 'flat', 0.3, plan)]);
  const decision = decide(judged, about);
  const stored = JSON.parse(JSON.stringify(decision)) as Decision;
  expect(decide(judged, about)).toEqual(stored);
  expect(decisionDifferences(stored, decide(judged, about))).toEqual([]);
  const changed = { ...stored, candidates: stored.candidates.map((each) => ({ ...each, notJudged: ['nothing'] })) };
  expect(decisionDifferences(changed, decide(judged, about))).toEqual([
    expect.stringMatching(/^digest of what is recorded: recorded "/),
  ]);
  judged.candidates[1]!.predictions.holdout[0] = 0.5;
  const differences = decisionDifferences(stored, decide(judged, about));
  expect(differences.length).toBeGreaterThan(0);
  expect(differences.every((each) => each.startsWith('version 3 (flat): gate '))).toBe(true);
});

describe('a later look', () => {
  const plan = planWith();
  const candidates = [version(3, 'flat', 0.9, plan), version(4, 'mild', 1, plan)];
  const first = decide({ ...caseOf(plan, candidates), look: { number: 1, of: 8, earlier: [] } }, about);
  const superiority = (decision: Decision, which = 0) =>
    decision.candidates[which]!.gates.find(({ gate }) => gate === 'superiority')!;
  const differencesOf = (decision: Decision) =>
    Object.fromEntries(
      decision.candidates.map(({ contender }, i) => [contender, superiority(decision, i).test!.look!.differences!]),
    );
  const again = (challengers: Readonly<Record<string, Readonly<Record<string, number>>>> | null) =>
    decide({ ...caseOf(plan, candidates), look: { number: 2, of: 8, earlier: [{ number: 1, challengers }] } }, about);

  it('has its part of the level and what it saw by day in the record of the first one', () => {
    const { threshold, test, value } = superiority(first);
    expect(threshold).toBe(levelOfLook(0.05, { number: 1, of: 8 }));
    expect(test!.look).toMatchObject({ spentBefore: 0, spends: threshold, jointly: [], leftOut: null });
    const sums = Object.values(test!.look!.differences!);
    expect(sums).toHaveLength(DAYS);
    expect(sums.reduce((sum, each) => sum + each, 0) / (DAYS * PER_DAY)).toBeCloseTo(test!.difference.value!, 12);
    expect(value!).toBeGreaterThanOrEqual(test!.p!);
  });

  it('has a laxer critical p, the more it has in common with the one before, and says so', () => {
    const whole = superiority(again(differencesOf(first)));
    const part = levelOfLook(0.05, { number: 2, of: 8 });
    expect(whole.test!.look).toMatchObject({ number: 2, leftOut: null, spends: part });
    const [joint] = whole.test!.look!.jointly!;
    expect(joint).toMatchObject({ number: 1, sharedDays: DAYS });
    expect(whole.threshold).toBeGreaterThan(part);
    expect(whole.explanation).toContain(
      'at look 2 of 8 (0.00973 spent before, 0.00814 to spend, jointly with look 1 (',
    );
    expect(lookLines([whole])).toEqual([
      `Look 2 of 8 against version 1: 0.00973 of the level spent before, 0.00814 for this one; critical p ${whole.threshold.toFixed(5)}, ` +
        `jointly with look 1 (14 shared days, correlation ${joint!.correlation.toFixed(2)})`,
    ]);
  });

  it('has its part of the level where the one before had other challengers or is not known', () => {
    const part = levelOfLook(0.05, { number: 2, of: 8 });
    const { flat } = differencesOf(first);
    for (const [earlier, leftOut] of [
      [null, 'look 1: differences by day not recorded'],
      [{ flat: flat! }, 'look 1: other challengers'],
    ] as const) {
      expect(superiority(again(earlier))).toMatchObject({ threshold: part, test: { look: { jointly: [], leftOut } } });
    }
  });

  it('of before exact boundaries has neither, and still is told', () => {
    const earlier = superiority(decide(caseOf(plan, candidates), about));
    expect(earlier.test!.look).toEqual({ number: 1, of: 8 });
    expect([isOfBefore(earlier.test!.look), isOfBefore(superiority(first).test!.look)]).toEqual([true, false]);
    expect(lookLines([earlier])).toEqual([]);
  });
});
