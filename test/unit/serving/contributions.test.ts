// Contributions beside predictions over the protocol: they add up to the log-odds of the row, and are refused in words.
import type { ModelSignature } from '../../../src/domain/training/training';
import { openExplainer } from '../../../src/scoring/contributions/explainer';
import { linearShapReport, softmaxShapReport } from '../../../src/scoring/contributions/linear';
import { rowEncoder } from '../../../src/scoring/encode';
import { openModel } from '../../../src/scoring/session';
import { infer } from '../../../src/serving/infer';
import { readRequest } from '../../../src/serving/request';
import type { ServedModel } from '../../../src/serving/served-model';
import type { LogisticModel } from '../../../src/training/logistic-model';
import { linearToOnnx, softmaxToOnnx } from '../../../src/training/linear/onnx-models';
import { logisticToOnnx } from '../../../src/training/onnx-logistic';

const signature: ModelSignature = {
  columns: [
    { kind: 'number', name: 'x' },
    { kind: 'category', name: 'c', categories: ['a', 'b'] },
  ],
};
const model: LogisticModel = {
  intercept: -0.25,
  terms: [
    { kind: 'number', name: 'x', mean: 2, scale: 4, weight: 1.5, missingWeight: 0.5 },
    { kind: 'category', name: 'c', categories: ['a', 'b'], weights: [0.3, -0.7] },
  ],
};
const shap = linearShapReport(model, Float32Array.from([2, 0, 6, 1, NaN, 1]));
const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

async function served(native: LogisticModel = model, trainer = 'logistic'): Promise<ServedModel> {
  const opened = await openModel(logisticToOnnx(model), signature);
  return {
    ...{ version: 3, contender: 'main', signature, encode: rowEncoder(signature) },
    score: (matrix, rows) => opened.score(matrix, rows),
    explainer: async () => openExplainer({ trainer, signature, native: bytes(native), report: bytes({ shap }) }),
    release: () => opened.release(),
  };
}

interface Answer {
  readonly outputs: readonly { readonly name: string; readonly shape: number[]; readonly data: number[] }[];
}
async function ask(on: ServedModel, contributions: unknown, rows = 3): Promise<Answer> {
  const pick = <T>(values: readonly T[]): T[] => Array.from({ length: rows }, (_, row) => values[row % values.length]!);
  const body = {
    parameters: { contributions },
    inputs: [
      { name: 'x', shape: [rows], datatype: 'FP32', data: pick([6, null, -1]) },
      { name: 'c', shape: [rows], datatype: 'BYTES', data: pick(['b', 'a', 'unseen']) },
    ],
  };
  const deps = { now: () => new Date(0), take: () => true };
  try {
    const { body: answer } = await infer('m', on, readRequest(bytes(body), undefined, on.signature.task), deps);
    return JSON.parse(answer.toString()) as Answer;
  } finally {
    await on.release();
  }
}

it("gives one number per input and the base, which add up to the prediction's log-odds", async () => {
  const { outputs } = await ask(await served(), true);
  expect(outputs.map(({ name, shape }) => [name, shape])).toEqual([
    ['probability', [3]],
    ['label', [3]],
    ['contributions', [3, 3]],
  ]);
  const [probability, , parts] = outputs.map(({ data }) => data) as [number[], number[], number[]];
  probability.forEach((p, row) => {
    const logOdds = parts.slice(3 * row, 3 * row + 3).reduce((sum, part) => sum + part, 0);
    expect(1 / (1 + Math.exp(-logOdds))).toBeCloseTo(p, 6);
  });
});

it('says nothing of contributions to who has not asked', async () => {
  for (const asked of [false, undefined]) expect((await ask(await served(), asked)).outputs).toHaveLength(2);
});

it('refuses what is no yes or no, too many rows, trainers that have none, and parts of another prediction', async () => {
  await expect(ask(await served(), 'yes')).rejects.toThrow('found "yes"; allowed: true or false');
  await expect(ask(await served(), true, 51)).rejects.toThrow('allowed: at most 50 rows with it');
  const code = 'CONTRIBUTIONS_UNAVAILABLE';
  await expect(ask(await served(model, 'sklearn'), true)).rejects.toMatchObject({ code });
  await expect(ask(await served({ ...model, intercept: 1 }), true)).rejects.toMatchObject({
    code,
    message: expect.stringContaining('they would explain another prediction') as string,
  });
});

const CLASSES = ['low', 'middle', 'high'];
const models: LogisticModel[] = [model, { ...model, intercept: 0.5 }, { ...model, intercept: 2 }];
const ofClasses: ModelSignature = { ...signature, task: 'multiclass', classes: CLASSES };
const ofValues: ModelSignature = { ...signature, task: 'regression' };

async function servedAs(target: ModelSignature, onnx: Uint8Array, native: unknown): Promise<ServedModel> {
  const opened = await openModel(onnx, target);
  const matrix = Float32Array.from([2, 0, 6, 1, NaN, 1]);
  const report = bytes({ shap: target === ofValues ? shap : softmaxShapReport(models, CLASSES, matrix) });
  const trainer = target === ofValues ? 'linear' : 'logistic';
  return {
    ...{ version: 3, contender: 'main', signature: target, encode: rowEncoder(target) },
    score: (rows, count) => opened.score(rows, count),
    explainer: async () => openExplainer({ trainer, signature: target, native: bytes(native), report }),
    release: () => opened.release(),
  };
}

it('gives of several classes the parts of each score, whose softmax are the probabilities', async () => {
  const { outputs } = await ask(await servedAs(ofClasses, softmaxToOnnx(models), { classes: models }), true);
  const [probabilities, , parts] = outputs;
  expect(parts).toMatchObject({ name: 'contributions', shape: [3, 3, 3] });
  for (let row = 0; row < 3; row++) {
    const exponentials = CLASSES.map((_, k) => {
      const from = (row * 3 + k) * 3;
      return Math.exp(parts!.data.slice(from, from + 3).reduce((sum, part) => sum + part, 0));
    });
    const total = exponentials.reduce((sum, each) => sum + each, 0);
    exponentials.forEach((each, k) => expect(each / total).toBeCloseTo(probabilities!.data[row * 3 + k]!, 6));
  }
  const many = await servedAs(ofClasses, softmaxToOnnx(models), { classes: models });
  await expect(ask(many, true, 17)).rejects.toThrow('allowed: at most 16 rows with it');
});

it('gives of a regression the parts of the value, and refuses those of another model', async () => {
  const { outputs } = await ask(await servedAs(ofValues, linearToOnnx(model), model), true);
  const [value, parts] = outputs;
  expect(parts!.shape).toEqual([3, 3]);
  value!.data.forEach((found, row) =>
    expect(parts!.data.slice(3 * row, 3 * row + 3).reduce((sum, part) => sum + part, 0)).toBeCloseTo(found, 5),
  );
  const shifted = models.map((each) => ({ ...each, intercept: each.intercept ** 2 }));
  for (const [on, what] of [
    [await servedAs(ofValues, linearToOnnx(model), { ...model, intercept: 1 }), 'add up to the value'],
    [await servedAs(ofClasses, softmaxToOnnx(models), { classes: shifted }), 'add up to the probability of low'],
  ] as const) {
    await expect(ask(on, true)).rejects.toThrow(what);
  }
});
