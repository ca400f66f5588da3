// Columns of a continued model: what has to be the same, and the codes of categories.
import { columnsDiffer, continuedColumns } from '../../../src/domain/plan/start-from';

const number = (name: string) => ({ kind: 'number', name });
const category = (name: string, ...categories: string[]) => ({ kind: 'category', name, categories });

it('puts the parent’s categories first, in its order, and keeps those that are gone', () => {
  const parent = [number('x'), category('c', 'm', 'b')];
  expect(continuedColumns(parent, [number('x'), category('c', 'a', 'b', 'z')])).toEqual([
    number('x'),
    category('c', 'm', 'b', 'a', 'z'),
  ]);
});

it('takes columns of the same names and kinds in the same order only', () => {
  const parent = [number('x'), category('c', 'a')];
  expect(columnsDiffer(parent, [number('x'), category('c', 'b')])).toBeNull();
  expect(columnsDiffer(parent, [category('c', 'a'), number('x')])).toBe(
    'column 1 is x (number) there and c (category) now',
  );
  expect(columnsDiffer(parent, [number('x'), number('c')])).toBe('column 2 is c (category) there and c (number) now');
  expect(columnsDiffer(parent, [number('x')])).toBe('column 2 is c (category) there and nothing now');
  expect(columnsDiffer(parent, [...parent, number('y')])).toBe('column 3 is nothing there and y (number) now');
});
