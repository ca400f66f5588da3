// Checks of a table's source across its fields: addresses, formats, and the files of a model's folder that it names.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelPlan } from '../../domain/plan/plan';
import type { FileSourcePlan, SourcePlan } from '../../domain/plan/table-plan';
import { whyNoFunction } from '../load-module';
import { describeValue, type Problem } from './problems';

const PLACEHOLDERS = ['{yyyy}', '{MM}', '{dd}'];
const ADDRESSES = 'a path, file:///path, s3://bucket/key, or https://…';

/** Everything that contradicts itself in a source; empty: nothing. `path` is that of the source's field. */
export function sourceProblems(path: string, source: SourcePlan): Problem[] {
  switch (source.format) {
    case 'push':
      return [];
    case 'postgres':
      return /;\s*\S/.test(source.query.replace(/'[^']*'/g, ''))
        ? [{ path: `${path}.query`, found: 'several statements', allowed: 'one SELECT' }]
        : [];
    case 'hook':
      return hookPathProblems(`${path}.module`, source.module);
    default:
      return [...addressProblems(`${path}.path`, source), ...formatProblems(path, source)];
  }
}

/** What a plan's sources name in the model's folder and is not there, or cannot be called. */
export function missingHooks(plan: ModelPlan, folder: string): Problem[] {
  return Object.entries(plan.tables).flatMap(([name, { source }]) => {
    if (source.format !== 'hook') return [];
    const file = join(folder, source.module);
    const path = `tables.${name}.source.module`;
    if (!existsSync(file) || !statSync(file).isFile()) {
      const allowed = `a TypeScript or JavaScript file in ${folder}`;
      return [{ path, found: `${describeValue(source.module)}, which is no file there`, allowed }];
    }
    const why = whyNoFunction(file);
    const allowed = 'a file whose default export is an async generator function';
    return why === undefined ? [] : [{ path, found: `${describeValue(source.module)}, which has ${why}`, allowed }];
  });
}

function hookPathProblems(path: string, module: string): Problem[] {
  const outside = module.startsWith('/') || module.split('/').includes('..');
  if (!outside && /\.[cm]?[jt]s$/.test(module)) return [];
  const allowed = 'a .ts or .js file in the model\'s folder, such as "hooks/weather.ts"';
  return [{ path, found: describeValue(module), allowed }];
}

function addressProblems(path: string, { path: address, partitionBy }: FileSourcePlan): Problem[] {
  const problems: Problem[] = [];
  const problem = (found: string, allowed: string): void => void problems.push({ path, found, allowed });
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(address)?.[1]?.toLowerCase();
  if (scheme === 'http') {
    if (!/^http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/i.test(address)) problem('http://', 'https://');
  } else if (scheme !== undefined && !['file', 's3', 'https'].includes(scheme)) problem(`${scheme}://`, ADDRESSES);
  if (scheme === 's3' && !/^s3:\/\/[^/]+\/.+/i.test(address)) problem(describeValue(address), 's3://bucket/key');
  if (scheme?.startsWith('http') && address.includes('*')) {
    problem('* in an address of a web server', 'the address of one file: web servers have no list of files');
  }
  if (address.includes('**')) problem('**', '* within one part of the path or key');
  for (const [placeholder] of address.matchAll(/\{[^{}]*\}/g)) {
    if (!PLACEHOLDERS.includes(placeholder)) problem(placeholder, PLACEHOLDERS.join(', '));
  }
  const lacking = PLACEHOLDERS.filter((placeholder) => !address.includes(placeholder));
  if (partitionBy === undefined && lacking.length > 0) {
    const allowed = `${PLACEHOLDERS.join(', ')} in the path (a file for each day), or partitionBy (SQL that gives the day of a row)`;
    problem(`no partitionBy, and no ${lacking.join(', ')} in ${describeValue(address)}`, allowed);
  }
  return problems;
}

function formatProblems(path: string, source: FileSourcePlan): Problem[] {
  const { format, compression, encoding, delimiter } = source;
  const problems: Problem[] = [];
  if (delimiter !== undefined && format !== 'csv' && format !== 'tsv') {
    problems.push({ path: `${path}.delimiter`, found: `a delimiter of ${format}`, allowed: 'csv and tsv only' });
  }
  if (delimiter !== undefined && /["\r\n\0]/.test(delimiter)) {
    const allowed = 'one character that is no quote and no line break';
    problems.push({ path: `${path}.delimiter`, found: describeValue(delimiter), allowed });
  }
  if (format === 'parquet' && compression !== 'auto' && compression !== 'none') {
    const allowed = 'none: Parquet is packed inside';
    problems.push({ path: `${path}.compression`, found: describeValue(compression), allowed });
  }
  if (format === 'parquet' && encoding !== 'utf-8') {
    const allowed = 'no encoding for parquet';
    problems.push({ path: `${path}.encoding`, found: describeValue(encoding), allowed });
  }
  return problems;
}
