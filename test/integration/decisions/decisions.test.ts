// Decisions of a model with challengers, slices, groups and limits, as its workers make them: explained, made again, and its versions judged and
// compared from the command line.
import { readFileSync, writeFileSync } from 'node:fs';
import { logistic } from '../../../src/index';
import type { Decision, GateResult } from '../../../src/domain/evaluation/evaluation';
import type { ModelPlanInput } from '../../../src/domain/plan/plan';
import type { ComparisonReport, Recomputation, VersionReport } from '../../../src/ports/decision-reports';
import { levelOfLook } from '../../../src/statistics/significance/corrections/look-levels';
import tiny from '../../models/tiny/model';
import { startProduct, type Product } from '../../setup/product';
import { openReports, type Reports } from '../../setup/reports';
import { deployTiny, LONG_ENOUGH_DAY, LONG_HOLDOUT, type Tiny } from '../../setup/tiny-lifecycle';

const CONTENDERS = {
  mild: logistic({ l2: 300 }),
  rough: logistic({ l2: 3000 }),
  flat: logistic({ l2: 20_000 }),
};
const EVALUATION: ModelPlanInput['evaluation'] = {
  ...tiny.plan.evaluation,
  slices: ['kind'],
  sliceMinRows: 50,
  fairness: [{ column: 'kind', metric: 'selection_rate', maxGap: 0.99, maxIncrease: 0.99, minRows: 50 }],
  limits: { bytes: 100_000, oneRowMs: 5000, batchMs: 5000 },
};

let product: Product;
let model: Tiny;
let reports: Reports;
beforeAll(async () => {
  product = await startProduct();
  reports = await openReports(product);
  const first = { contenders: { rough: CONTENDERS.rough } };
  model = await deployTiny(product, 'judged', {
    ...LONG_HOLDOUT,
    approval: { when: 'never' },
    evaluation: EVALUATION,
    ...first,
  });
  await model.retrain(LONG_ENOUGH_DAY);
  await model.redeploy({ contenders: CONTENDERS });
  await model.retrain('2013-03-25');
  await model.retrain('2013-03-29');
});
afterAll(async () => {
  reports.close();
  await product.close();
});

const run = (...args: readonly string[]): ReturnType<Reports['run']> => reports.run(args);
/** Oldest first. */
const decisions = async (): Promise<Decision[]> => (await product.stores.registry.decisions('judged', 20)).reverse();
const gatesOf = (decision: Decision, contender: string): readonly GateResult[] =>
  decision.candidates.find((candidate) => candidate.contender === contender)!.gates;

it('judge slices, groups, latency and size of every candidate, each with rows, days and a sentence', async () => {
  const [, second] = await decisions();
  const gates = gatesOf(second!, 'mild');
  const names = gates.map(({ gate, of }) => (of ? `${gate} ${of}` : gate));
  expect(names).toEqual(
    expect.arrayContaining([
      'latency-one-row',
      'latency-batch',
      'size',
      'fairness-selection_rate kind',
      'fairness-selection_rate-increase kind',
      'slice kind = a',
      'slice kind = b',
      'slice kind = c',
    ]),
  );
  for (const gate of gates.filter(({ on }) => on === 'model')) expect(gate.value).toBeGreaterThan(0);
  const slices = gates.filter(({ gate, against }) => gate === 'slice' && against === 1);
  expect(slices.reduce((sum, { n }) => sum + n, 0)).toBe(gates.find(({ gate }) => gate === 'min-rows')!.value);
  expect(slices.map(({ test, against }) => [test?.tests, against])).toEqual(slices.map(() => [3, 1]));
  expect(gates.every(({ explanation }) => explanation.length > 20)).toBe(true);
});

it('correct the challengers of a decision together, and give each look its part of the level', async () => {
  const [first, second, third] = await decisions();
  expect(first!.candidates.map(({ kind }) => kind)).toEqual(['first']);
  const superiority = (decision: Decision, contender: string) =>
    gatesOf(decision, contender).find(({ gate }) => gate === 'superiority')!;
  const judged = superiority(second!, 'mild');
  expect(judged.test).toMatchObject({ tests: 2, look: { number: 1, of: 8 } });
  expect(judged.threshold).toBe(levelOfLook(0.05, { number: 1, of: 8 }));
  expect(judged.value).toBe(judged.test!.pAdjusted);
  expect(judged.test!.pAdjusted!).toBeGreaterThanOrEqual(judged.test!.p!);
  expect(second!.proposed).toMatchObject({ contender: 'mild', kind: 'switch' });
  // The new champion is of another contender, so its reign begins with a first look.
  expect(third!.champion?.contender).toBe('mild');
  expect(superiority(third!, 'flat').test?.look).toMatchObject({ number: 1, of: 8, spentBefore: 0, jointly: [] });
  expect(superiority(third!, 'flat').passed).toBe(false);
});

it('come out the same when they are made again from stored predictions, to the digest', async () => {
  const before = await decisions();
  for (const { digest, verdict } of before) {
    const { text, code } = await run('explain', 'judged', digest.slice(0, 16), '--recompute', '--json');
    const { recomputed } = JSON.parse(text) as { recomputed: Recomputation };
    expect([code, recomputed.identical, recomputed.found.digest, recomputed.found.verdict]).toEqual([
      0,
      true,
      digest,
      verdict,
    ]);
  }
  expect(await decisions()).toEqual(before);
});

it('are found out when a recorded number is not what the predictions give', async () => {
  const [, second] = await decisions();
  const candidates = second!.candidates.map((candidate) => ({
    ...candidate,
    gates: candidate.gates.map((gate) => (gate.gate === 'better' ? { ...gate, value: -9 } : gate)),
  }));
  const forged = { ...second!, digest: 'f'.repeat(64), candidates };
  await product.stores.transaction((tx) => product.stores.registry.saveDecision(tx, forged, null));
  const { text, code } = await run('explain', 'judged', 'ffff', '--recompute');
  expect(code).toBe(1);
  expect(text).toContain('Recomputed from the stored predictions: ANOTHER decision');
  expect(text).toMatch(
    /\(mild\): gate better on holdout against version 1: recorded -9 < 0 on 560, passed; recomputed -0\.\d+/,
  );
});

it('are told in words: rows, gates, reasons, and what would have to change', async () => {
  const [, second] = await decisions();
  const { text } = await run('explain', 'judged', second!.digest.slice(0, 12));
  expect(text).toContain('promote version');
  expect(text).toMatch(/holdout 2013-03-\d\d to 2013-03-23 \(14 days, 560 rows\), truth set/);
  expect(text).toMatch(/\(mild\), switch to another contender: must be better with evidence: every gate passed/);
  expect(text).toMatch(/Why\n- mild \(version \d+\) passed every gate of a switch/);
  expect(text).toMatch(/\(version \d+\) did not pass as a (switch|refresh): .*; log_loss on holdout 0\.\d+/);
  expect(text).toMatch(/\d+ gates passed: min-rows, base-rate/);
  expect((await run('explain', 'judged', second!.digest.slice(0, 12), '--all')).text).not.toContain('gates passed:');
  // The start of a digest that has digits only is not taken for a version that was never judged.
  const numbered = { ...second!, digest: `0888${'a'.repeat(60)}` };
  await product.stores.transaction((tx) => product.stores.registry.saveDecision(tx, numbered, null));
  expect((await run('explain', 'judged', '0888')).text).toContain(numbered.digest);
  const last = (await decisions()).find(({ champion }) => champion?.contender === 'mild')!;
  const flat = last.candidates.find(({ contender }) => contender === 'flat')!;
  const told = await run('explain', 'judged', String(flat.version));
  expect(told.text).toContain('What would have to change\n');
  expect(told.text).toMatch(/- better on holdout: \d\.\d+ has to fall by \d\.\d+, to < 0/);
  await expect(run('explain', 'judged', 'abc')).rejects.toMatchObject({ code: 'USAGE' });
});

describe('a version judged for a pipeline', () => {
  const judged = async (...args: readonly string[]) => {
    const { text, code } = await run('evaluate', ...args, '--json');
    return { code, report: JSON.parse(text) as VersionReport };
  };

  it('passes and fails by the bounds that are asked for, and by the definition’s gates', async () => {
    const { champion } = await model.status();
    const name = `judged@${champion!.version}`;
    expect((await judged(name)).code).toBe(0);
    expect((await judged(name, '--gate', 'roc_auc=0.5', '--gate', 'truth.log_loss=0.69')).code).toBe(0);
    const failed = await judged(name, '--gate', 'roc_auc=0.999');
    expect(failed.code).toBe(1);
    expect(failed.report.gates.filter(({ passed }) => !passed).map(({ gate }) => gate)).toEqual(['roc_auc-min']);
    expect((await judged('judged@champion', '--gates')).code).toBe(0);
    const flat = (await product.stores.registry.newestOf('judged', 'flat'))!.version;
    const worse = await judged(`judged@${flat}`, '--gates');
    expect([worse.code, worse.report.champion]).toEqual([1, champion!.version]);
    expect(worse.report.gates.find(({ gate }) => gate === 'better')?.passed).toBe(false);
  });

  it('fails on a holdout that it was trained on', async () => {
    const [oldest] = (await product.stores.features.snapshots('judged')).reverse();
    const flat = (await product.stores.registry.newestOf('judged', 'flat'))!.version;
    const { code, report } = await judged(`judged@${flat}`, '--snapshot', oldest!.snapshot.id, '--gates');
    expect(code).toBe(1);
    expect(report.gates.find(({ gate }) => gate === 'unseen')?.passed).toBe(false);
    // Asked for or not: a number on days that it has seen is none.
    expect((await judged(`judged@${flat}`, '--snapshot', oldest!.snapshot.id)).code).toBe(1);
  });

  it('is opened each time, also where its predictions are recorded, and scored again when asked to', async () => {
    const [, second] = await decisions();
    const name = `judged@${second!.proposed!.version}`;
    const on = ['--snapshot', second!.snapshot];
    const { text } = await run('evaluate', name, ...on);
    expect(text).toMatch(/Predictions recorded on \d{4}-\d\d-\d\dT.*; model \w{12} opened, its digest is right/);
    const first = await judged(name, ...on);
    const again = await judged(name, ...on);
    expect(first.report.scored).toMatchObject({ predictions: 'recorded' });
    expect(again.report.measures.holdout).toEqual(first.report.measures.holdout);
    expect(again.report.measures.footprint).not.toEqual(first.report.measures.footprint);
    const fresh = (await judged(name, ...on, '--fresh')).report;
    const same = { different: 0, largest: 0 };
    expect(fresh.scored).toMatchObject({ predictions: 'now', differences: { holdout: same, truth: same } });
    expect(fresh.measures.holdout).toEqual(first.report.measures.holdout);
    expect((await run('evaluate', name, ...on, '--fresh')).text).toContain('are the same; model');
  });

  it('is refused when one byte of its file has changed', async () => {
    const [, second] = await decisions();
    const { version } = second!.proposed!;
    const { onnx } = await product.stores.registry.load('judged', version);
    const file = await product.artifacts.localPath(onnx);
    const bytes = readFileSync(file);
    const flipped = Buffer.from(bytes);
    flipped[bytes.length >> 1]! ^= 1;
    writeFileSync(file, flipped);
    try {
      const asked = run('evaluate', `judged@${version}`, '--snapshot', second!.snapshot, '--gate', 'roc_auc=0.1');
      await expect(asked).rejects.toMatchObject({ code: 'ARTIFACT_CORRUPT' });
    } finally {
      writeFileSync(file, bytes);
    }
  });

  it('refuses a bound that it cannot read', async () => {
    for (const bound of ['roc_auc', 'auc=0.7', 'roc_auc>0.7', 'roc_auc=2', 'log_loss=-1'])
      await expect(run('evaluate', 'judged@1', '--gate', bound)).rejects.toMatchObject({ code: 'USAGE' });
  });
});

it('compares versions on the same rows with paired differences, and none with itself', async () => {
  const { text } = await run('compare', 'judged@1', 'judged@2', 'judged@3', '--json');
  const { versions, differences } = JSON.parse(text) as ComparisonReport;
  expect(versions.map(({ version, holdout }) => [version, holdout.n])).toEqual([1, 2, 3].map((each) => [each, 560]));
  for (const [i, { version, minus, metrics }] of differences.entries()) {
    expect([version, minus]).toEqual([i + 2, 1]);
    const { value, low, high } = metrics.holdout['log_loss']!;
    const own = versions.map(({ holdout }) => holdout.metrics['log_loss']!.value!);
    expect(value).toBeCloseTo(own[i + 1]! - own[0]!, 10);
    expect(low! <= value! && value! <= high!).toBe(true);
  }
  await expect(run('compare', 'judged@1', 'judged@1')).rejects.toMatchObject({ code: 'USAGE' });
  expect((await run('compare', 'judged@1', 'judged@2')).text).toContain('one-sided p, lower log loss');
});

it('is left as it was by all of these commands', async () => {
  const { epoch } = await model.status();
  const evaluationsOf = async (version: number) => {
    const snapshots = await product.stores.features.snapshots('judged');
    const found = snapshots.map(({ snapshot }) => product.stores.registry.evaluation('judged', version, snapshot.id));
    return (await Promise.all(found)).filter((each) => each !== null).length;
  };
  const before = [epoch, (await decisions()).length, await evaluationsOf(2)];
  await run('evaluate', 'judged@2', '--gates');
  await run('compare', 'judged@1', 'judged@2');
  await run('explain', 'judged', '2', '--recompute');
  expect([(await model.status()).epoch, (await decisions()).length, await evaluationsOf(2)]).toEqual(before);
});
