// Posted rows as text: what is let in, in the client's own words, and what refuses the whole post.
import { readPost } from '../../../src/serving/push-text';

it('keeps every digit of a number, in each of the three shapes', () => {
  const row = '{"id": 12345678901234567890, "x":1.10, "nested": [{"a": "]}\\""}]}';
  expect(readPost(`[ ${row},\n${row} ]`, undefined).json).toBe(`[${row},${row}]`);
  const envelope = readPost(`{"batch":"rows: [","rows":[${row}]}`, 'application/json');
  expect([envelope.json, envelope.batch]).toEqual([`[${row}]`, 'rows: [']);
  expect(readPost(`\n${row}\r\n\n${row}`, 'application/x-ndjson').json).toBe(`[${row},${row}]`);
});

it.each([
  ['[1', undefined, 'the body is no JSON: '],
  ['{"a":1}\nx', 'application/jsonl', 'line 2 is no JSON: '],
  ['"rows"', undefined, 'found: "rows"; allowed: a JSON array of objects'],
  ['{"rows":[],"other":1}', undefined, 'found: an object with rows, other'],
  ['[]', undefined, 'found: no rows; allowed: at least one row'],
  ['[{"a":1},[2]]', undefined, 'found: row 2 is a list; allowed: rows that are objects'],
  ['[{"a":1},null]', undefined, 'found: row 2 is null; allowed: rows that are objects'],
  ['{"rows":[{"a":1}],"rows":[{"a":2}]}', undefined, 'found: "rows" twice; allowed: each field once'],
  ['[{"a":1,"a":2}]', undefined, 'found: row 1 has a field twice; allowed: each field once'],
  ['[{"a":1,"A":2}]', undefined, 'found: row 1 has "a" and "A"; allowed: names that differ not only in case'],
  ['[{"":1}]', undefined, 'found: row 1 has a field without a name; allowed: fields with names'],
  ['[{"__line":1}]', undefined, 'found: row 1 has a field "__line"; allowed: names that do not begin with __'],
  ['[{"a":{"b":["x\\u0000"]}}]', undefined, 'found: row 1 has \\u0000 or half of a surrogate pair in a text'],
  ['[{"a":"\\ud800"}]', undefined, 'found: row 1 has \\u0000 or half of a surrogate pair in a text'],
])('refuses %s', (text, contentType, part) => {
  expect(() => readPost(text, contentType)).toThrow(part);
  expect(() => readPost(text, contentType)).toThrow('Nothing of this post was stored.');
});
