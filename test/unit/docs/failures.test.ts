// The table of failure codes, docs/failures.md and the code agree: each code is documented with its facts, and is used.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FAILURES, type FailureRule } from '../../../src/domain/failures';

const ROOT = join(__dirname, '../../..');
const page = readFileSync(join(ROOT, 'docs/failures.md'), 'utf8');
const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.split('\n')[0]!.trim(), section] as const),
);
const rules: readonly (readonly [string, FailureRule])[] = Object.entries(FAILURES);

function usedCodes(): Set<string> {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && name !== 'domain/failures.ts',
  );
  const python = readdirSync(join(ROOT, 'trainers/python/understudy_trainer')).filter((name) => name.endsWith('.py'));
  const texts = [
    ...files.map((name) => join(ROOT, 'src', name)),
    ...python.map((name) => join(ROOT, 'trainers/python/understudy_trainer', name)),
  ].map((path) => readFileSync(path, 'utf8'));
  const quoted = texts.flatMap((text) => [...text.matchAll(/['"]([A-Z][A-Z_]+)['"]|FAILURES\.([A-Z_]+)/g)]);
  return new Set(quoted.map(([, literal, field]) => literal ?? field!));
}

describe('docs/failures.md', () => {
  it('has a section for each code, in the order of the table, and no other', () => {
    expect([...sections.keys()]).toEqual(rules.map(([code]) => code));
  });

  it.each(rules)('tells symptom, cause and remedy of %s, and its facts as in the table', (code, rule) => {
    const section = sections.get(code) ?? '';
    for (const part of ['Symptom', 'Cause', 'Remedy'])
      expect(section).toMatch(new RegExp(`- \\*\\*${part}:\\*\\* \\S.{10,}`));
    const facts = `- Retried: ${rule.retryable ? 'yes' : 'no'}. HTTP status: ${rule.http}. Exit code: ${rule.exit}.`;
    expect(section).toContain(facts);
  });

  it.each(rules)('gives the remedy of %s that the table gives', (code, rule) => {
    expect((sections.get(code) ?? '').replaceAll('`', '')).toContain(rule.remedy.replaceAll('`', ''));
  });
});

describe('failure codes', () => {
  it('are all used somewhere', () => {
    const used = usedCodes();
    expect(rules.map(([code]) => code).filter((code) => !used.has(code))).toEqual([]);
  });

  it('have a status and an exit code of their groups', () => {
    for (const [code, { http, exit, remedy }] of rules) {
      expect({
        code,
        http: http >= 400 && http < 600,
        exit: exit >= 1 && exit <= 5,
        remedy: /[.>]$|check$|ingest$/.test(remedy),
      }).toEqual({ code, http: true, exit: true, remedy: true });
    }
  });
});
