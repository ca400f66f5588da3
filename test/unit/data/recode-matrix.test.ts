// A matrix in other codes has the same rows, and says the same of each.
import { join } from 'node:path';
import type { Engine } from '../../../src/data/engine';
import { readMatrix } from '../../../src/data/snapshot/read-matrix';
import { recodeMatrix } from '../../../src/data/snapshot/recode-matrix';
import type { ModelSignature } from '../../../src/domain/training/training';
import { sha256, workbench } from './tiny-model';

const coded = (...categories: string[]): ModelSignature => ({
  columns: [
    { kind: 'number', name: 'x' },
    { kind: 'category', name: 'c', categories },
  ],
});
const FROM = coded('a', 'b', 'z');

let engine: Engine;
let dir: string;
let close: () => void;
let path: string;
beforeAll(async () => {
  ({ engine, dir, close } = await workbench());
  path = join(dir, 'matrix.parquet');
  const rows = "('k1', 1, 0, 0.5, 0), ('k2', 1, 1, NULL, 1), ('k3', 2, 1, 1.5, NULL), ('k4', 2, 0, 2.5, 2)";
  await engine.run(
    `COPY (SELECT key AS __key, day::INTEGER AS __day, label::FLOAT AS __label, x::FLOAT AS x, c::FLOAT AS c
       FROM (VALUES ${rows}) t(key, day, label, x, c)) TO '${path}' (FORMAT parquet)`,
  );
});
afterAll(() => close());

it('codes each category by its place in the other signature, and leaves everything else', async () => {
  const to = coded('z', 'q', 'a', 'b');
  const outPath = join(dir, 'recoded.parquet');
  await recodeMatrix(engine, { path, from: FROM, to, outPath });
  const [before, after] = [await readMatrix(engine, path, FROM), await readMatrix(engine, outPath, to)];
  expect([...after.features]).toEqual([0.5, 2, NaN, 3, 1.5, NaN, 2.5, 0]);
  expect([after.keys, [...after.days], [...after.labels]]).toEqual([before.keys, [...before.days], [...before.labels]]);
  const again = join(dir, 'again.parquet');
  await recodeMatrix(engine, { path, from: FROM, to, outPath: again });
  expect(sha256(again)).toBe(sha256(outPath));
});

it('refuses a coding that lacks a category or a column', async () => {
  const recode = (to: ModelSignature) => async () =>
    recodeMatrix(engine, { path, from: FROM, to, outPath: join(dir, 'never.parquet') });
  await expect(recode(coded('a', 'b'))()).rejects.toMatchObject({ code: 'SIGNATURE_MISMATCH' });
  await expect(recode({ columns: [...FROM.columns].reverse() })()).rejects.toMatchObject({
    code: 'SIGNATURE_MISMATCH',
  });
});
