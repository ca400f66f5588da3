// The glossary is short, and its words are the ones that the code uses.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');
const words = [...readFileSync(join(ROOT, 'docs/glossary.md'), 'utf8').matchAll(/^\| ([a-z][a-z ]*) \|/gm)]
  .map(([, word]) => word!)
  .filter((word) => word !== 'word');
const code = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') || name.endsWith('.sql'))
  .map((name) => readFileSync(join(ROOT, 'src', name), 'utf8'))
  .join('\n');

it('has at most thirty words, each once', () => {
  expect(words.length).toBeGreaterThan(20);
  expect(words.length).toBeLessThanOrEqual(30);
  expect(new Set(words).size).toBe(words.length);
});

it.each(words)('"%s" is used in src', (word) => {
  const spelt = word.split(' ').map((part) => `[${part[0]!.toUpperCase()}${part[0]}]${part.slice(1)}`);
  expect(code).toMatch(new RegExp(spelt.join('[ _-]?')));
});
