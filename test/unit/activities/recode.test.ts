// Rows of a snapshot in the columns and category codes of a version that was trained on another one.
import { recode } from '../../../src/activities/snapshots/matrices';
import { UnderstudyError } from '../../../src/domain/failures';
import type { ModelSignature } from '../../../src/domain/training/training';

const from: ModelSignature = {
  columns: [
    { kind: 'number', name: 'temp' },
    { kind: 'category', name: 'carrier', categories: ['AA', 'DL', 'UA'] },
    { kind: 'number', name: 'wind' },
  ],
};

it('puts columns in the order of the other signature and translates category codes', () => {
  const to: ModelSignature = {
    columns: [
      { kind: 'category', name: 'carrier', categories: ['UA', 'AA'] },
      { kind: 'number', name: 'temp' },
    ],
  };
  const rows = Float32Array.from([10, 0, 1, 20, 2, 2, 30, 1, 3]);
  expect([...recode(rows, 3, from, to)]).toEqual([1, 10, 0, 20, NaN, 30]);
});

it('keeps what is missing missing', () => {
  const to: ModelSignature = { columns: [...from.columns].reverse() };
  expect([...recode(Float32Array.from([NaN, NaN, 4]), 1, from, to)]).toEqual([4, NaN, NaN]);
});

it('takes a code that the snapshot itself does not know for missing', () => {
  expect([...recode(Float32Array.from([1, 7, 2]), 1, from, from)]).toEqual([1, NaN, 2]);
});

it.each([
  ['a column that the rows lack', { kind: 'number', name: 'rain' }],
  ['a column of another kind', { kind: 'number', name: 'carrier' }],
] as const)('refuses %s with its name', (_, column) => {
  const to: ModelSignature = { columns: [column] };
  const act = () => recode(new Float32Array(3), 1, from, to);
  expect(act).toThrow(UnderstudyError);
  expect(act).toThrow(column.name);
});
