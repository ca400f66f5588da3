// Documents point to what exists: links between files, source files that are named, scripts, commands, and the fields of a definition.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { z } from 'zod';
import { COMMANDS } from '../../../src/cli/all-commands';
import { ModelPlan } from '../../../src/domain/plan/plan';

const ROOT = join(__dirname, '../../..');
const DOCUMENTS = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  'models/flight-delay/README.md',
];
const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const scripts = (JSON.parse(text('package.json')) as { scripts: Record<string, string> }).scripts;
const all = DOCUMENTS.map(text).join('\n');

describe('documents', () => {
  it.each(DOCUMENTS)('%s links to files that exist', (path) => {
    const targets = [...text(path).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target]) => target!);
    const local = targets.filter((target) => !/^https?:/.test(target));
    expect(local.filter((target) => !existsSync(join(ROOT, dirname(path), target)))).toEqual([]);
  });

  it.each(DOCUMENTS)('%s names source files that exist', (path) => {
    const named = [...text(path).matchAll(/`((?:src|test|trainers|models|docs|scripts|bench)\/[\w./-]+)`/g)].map(
      ([, file]) => file!,
    );
    const missing = named.filter((file) => !existsSync(join(ROOT, file)) && file !== 'models/late-orders/model.ts');
    expect([...new Set(missing)]).toEqual([]);
  });

  it('name scripts that package.json has', () => {
    const named = [...all.matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script!);
    expect(named).toContain('demo');
    expect([...new Set(named)].filter((script) => !scripts[script])).toEqual([]);
    for (const [, script] of all.matchAll(/npm (start|test)\b/g)) expect(scripts[script!]).toBeDefined();
  });

  it('name commands and options that the CLI has', () => {
    const options = new Map(COMMANDS.map(({ name, options }) => [name, Object.keys(options)]));
    const lines = all.split('\n').flatMap((line) => [...line.matchAll(/npx understudy ([a-z]+)([^`|\n]*)/g)]);
    expect(lines.length).toBeGreaterThan(10);
    for (const [line, command, rest] of lines) {
      expect(options.has(command!) ? '' : line).toBe('');
      for (const [, option] of rest!.matchAll(/--([a-z-]+)/g)) {
        expect([...(options.get(command!) ?? []), 'json', 'help']).toContain(option);
      }
    }
  });

  it('give the two commands that do everything exactly', () => {
    const readme = text('README.md');
    expect(readme).toContain('```sh\nnpm ci && npm run demo\n```');
    expect(readme).toContain('```sh\nnpm ci && npm test\n```');
  });
});

describe('the README’s table of commands', () => {
  it('has each command of the CLI, and no other', () => {
    const table = /\| command \| what it does \|\n\|[-|]+\|\n((?:\|.*\n)+)/.exec(text('README.md'))?.[1] ?? '';
    const cells = table.split('\n').flatMap((row) => row.split('|')[1] ?? []);
    const named = cells.flatMap((cell) => [...cell.matchAll(/`([a-z]+)/g)].map(([, name]) => name!));
    expect(named.sort()).toEqual(COMMANDS.map(({ name }) => name).sort());
  });
});

describe('docs/definition.md', () => {
  it('names every field of the plan', () => {
    const page = text('docs/definition.md');
    expect(fieldsOf(ModelPlan).length).toBeGreaterThan(80);
    expect(fieldsOf(ModelPlan).filter((field) => !new RegExp(`[\`.{ ]${field}[\`.,:? ]`).test(page))).toEqual([]);
  });

  it('gives the default of every field that has a plain one', () => {
    const page = text('docs/definition.md');
    const plain = defaultsOf(ModelPlan, '');
    expect(plain.length).toBeGreaterThan(20);
    for (const { field, value } of plain) {
      const rows = page.split('\n').filter((line) => line.startsWith('|') && line.includes(field));
      expect({ field, value, shown: rows.some((line) => line.includes(String(value))) }).toEqual({
        field,
        value,
        shown: true,
      });
    }
  });
});

type Schema = z.ZodType & {
  readonly def: {
    readonly type: string;
    readonly innerType?: Schema;
    readonly valueType?: Schema;
    readonly element?: Schema;
  };
};

/** The schema without its wrappers, and the default that one of them gives. */
function unwrapped(schema: Schema): { readonly inner: Schema; readonly value: unknown } {
  let [inner, value]: [Schema, unknown] = [schema, undefined];
  while (inner.def.innerType) {
    if (inner.def.type === 'default') value = (inner.def as unknown as { defaultValue: unknown }).defaultValue;
    inner = inner.def.innerType;
  }
  return { inner, value };
}

function childrenOf(schema: Schema): [name: string | null, child: Schema][] {
  const { inner } = unwrapped(schema);
  if (inner.def.type === 'object') return Object.entries((inner as unknown as z.ZodObject).shape);
  if (inner.def.type === 'record') return [[null, inner.def.valueType!]];
  return inner.def.type === 'array' ? [[null, inner.def.element!]] : [];
}

/** Names of all fields, at any depth. */
function fieldsOf(schema: z.ZodType): string[] {
  return childrenOf(schema as Schema).flatMap(([name, child]) => [
    ...(name === null ? [] : [name]),
    ...fieldsOf(child),
  ]);
}

/** Fields whose default is a number or a text that is not empty. */
function defaultsOf(schema: z.ZodType, name: string): { field: string; value: unknown }[] {
  const { value } = unwrapped(schema);
  const own = typeof value === 'number' || (typeof value === 'string' && value !== '') ? [{ field: name, value }] : [];
  return [...own, ...childrenOf(schema as Schema).flatMap(([child, inner]) => defaultsOf(inner, child ?? name))];
}
