// The definition in the README is a valid one: it is taken out of the text, compiled and run as an author's file would be.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../src/data/engine';
import { checkViewSql } from '../../../src/data/derive/view-sql';
import * as understudy from '../../../src';
import { transformSync } from '@swc/core';

const readme = readFileSync(join(__dirname, '../../../README.md'), 'utf8');
const example = /```ts\n(import [\s\S]*?)```/.exec(readme)?.[1] ?? '';

function run(source: string): understudy.Definition {
  const { code } = transformSync(source, {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
  });
  const exported: { default?: understudy.Definition } = {};
  const load = (name: string): unknown => {
    expect(name).toBe('understudy');
    return understudy;
  };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- the text is our own README
  new Function('require', 'exports', code)(load, exported);
  return exported.default!;
}

it('is a definition without a mistake', () => {
  const { plan } = run(example);
  expect(plan.name).toBe('late-orders');
  expect(Object.keys(plan.contenders)).toEqual(['trees', 'linear']);
});

it('has feature views that read what they declare', async () => {
  const { plan } = run(example);
  const engine = await createEngine({ threads: 1, memoryLimitMb: 256, tempDir: '/tmp' });
  try {
    await engine.task(async (connection) => {
      for (const view of plan.features) await checkViewSql(connection, plan, view);
    });
  } finally {
    engine.close();
  }
});
