// Models of scikit-learn, LightGBM and XGBoost that this project neither trained nor converted, scored through src/scoring.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelColumn, ModelSignature } from '../../../src/domain/training/training';
import { encodeRows, type InputRow } from '../../../src/scoring/encode';
import { openModel } from '../../../src/scoring/session';
import { redressed, type OneMatrix, type OneTensorPerColumn } from './redressed';

/** The files' own tolerance. */
const TOLERANCE = 1e-5;
const TEXTS = ['carrier', 'origin', 'dest'];

interface Case {
  readonly name: string;
  readonly layout: OneMatrix | OneTensorPerColumn;
  /** Categories that no training has seen. */
  readonly unseen?: readonly string[];
}

it.each<Case>([
  { name: 'lightgbm_binary_flights', layout: { kind: 'matrix', input: 'input' } },
  { name: 'xgboost_binary_flights', layout: { kind: 'matrix', input: 'input' } },
  { name: 'sklearn_pipeline_strings_flights', layout: { kind: 'columns' }, unseen: ['ZZ', 'XXX'] },
])('scores $name as onnxruntime in Python does', async ({ name, layout, unseen = [] }) => {
  const folder = join(__dirname, '../../reference/onnx', name);
  const { rows, names } = readRows(join(folder, 'input.csv'), layout.kind === 'columns' ? TEXTS : []);
  const signature = signatureOf(names, rows, layout.kind === 'columns' ? TEXTS : [], unseen);
  const { expected_onnxruntime_python: expected } = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as {
    expected_onnxruntime_python: { probabilities: [number, number][]; label: number[] };
  };
  const model = await openModel(redressed(readFileSync(join(folder, 'model.onnx')), signature, layout), signature);
  const scored = await model.score(encodeRows(signature, rows), rows.length);
  await model.release();
  expect(scored).toHaveLength(expected.probabilities.length);
  const differences = expected.probabilities.map(([, positive], row) => Math.abs(scored[row]! - positive));
  expect(Math.max(...differences)).toBeLessThan(TOLERANCE);
  expect([...scored].map((positive) => (positive > 0.5 ? 1 : 0))).toEqual(expected.label);
});

function signatureOf(
  names: readonly string[],
  rows: readonly InputRow[],
  texts: readonly string[],
  unseen: readonly string[],
): ModelSignature {
  const columns = names.map((name): ModelColumn => {
    if (!texts.includes(name)) return { kind: 'number', name };
    const values = [...new Set(rows.map((row) => row[name] as string))];
    return { kind: 'category', name, categories: values.filter((value) => !unseen.includes(value)).sort() };
  });
  return { columns };
}

/** An empty cell is missing; no cell of these files holds a comma or a quote. */
function readRows(path: string, texts: readonly string[]): { rows: InputRow[]; names: string[] } {
  const [header = '', ...lines] = readFileSync(path, 'utf8').trimEnd().split(/\r?\n/);
  const names = header.split(',');
  const rows = lines.map((line) => {
    const cells = line.split(',');
    const value = (cell: string, name: string) => (texts.includes(name) ? cell : Number(cell));
    return Object.fromEntries(names.map((name, at) => [name, cells[at] ? value(cells[at], name) : null]));
  });
  return { rows, names };
}
