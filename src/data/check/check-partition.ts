// Checks one day of one table against its contract and writes what passes: accepted rows, and quarantined rows with their rule.
// Invariant: each delivered row is in exactly one of the two files; equal rows give equal bytes.
import { join } from 'node:path';
import type { CheckOutcome } from '../../domain/data/partitions';
import { describeColumns, type ColumnDescriptions } from '../describe/column-sketches';
import type { Connection, Engine } from '../engine';
import { copyToParquet, quoteName } from '../sql-text';
import { assumptionFindings } from './assumptions';
import { calendarFindings } from './calendar-rules';
import { NO_SURROUNDINGS, type CheckRequest, type CheckResult, type CheckSurroundings } from './check-request';
import { knownCategories } from './distribution-rules';
import { outcomeOf, sentenceOf, type Finding } from './findings';
import { labelMirrorFindings } from './label-mirror';
import { partitionFindings } from './partition-rules';
import { quarantineSummary, writeQuarantine, type BadRows } from './quarantine';
import { columnFindings, missingFinding, rawColumns, type RawColumns } from './raw-columns';
import { rowFindings } from './row-findings';
import { keyRule, rowRules, type RowRule } from './row-rules';
import { blame, noRows, typeRows, type TypedRows } from './typed-rows';

/**
 * Checks and writes one partition. A delivery that breaks its contract is a value (`rejected`), no error.
 * @throws UnderstudyError `MODEL_CODE_FAILED` when SQL of the contract is not valid, naming table and column or rule.
 */
export function checkPartition(engine: Engine, request: CheckRequest): Promise<CheckResult> {
  return engine.task(async (connection) => {
    const surroundings = request.surroundings ?? NO_SURROUNDINGS;
    const { plan, fileName, rawPath } = request;
    const unknown = missingReferences(request, surroundings);
    if (unknown.length > 0) return rejected(request, unknown, null);
    const raw = rawPath === null ? null : await rawColumns(connection, rawPath, plan);
    const schema = raw ? columnFindings(plan, raw, surroundings.sourceTypes, fileName) : [];
    const types = raw?.types ?? null;
    if (schema.some(({ verdict }) => verdict === 'rejected')) return rejected(request, schema, types);
    const all = rowRules(plan, { ...surroundings, knownCategories: knownCategories(plan.columns, request.recent) });
    const isWaived = ({ rule, canBeWaived }: RowRule) => canBeWaived && (request.waivedRules ?? []).includes(rule);
    const rules = all.filter((rule) => !isWaived(rule));
    const typed = await typedRows(connection, request, raw, rules);
    if ('check' in typed) return rejected(request, [typed], types);

    const good = typed.rows - typed.bad;
    const bad: BadRows | null =
      raw && rawPath !== null && typed.bad > 0
        ? { typed, rules: [...rules, keyRule(plan)], plan, rawPath, raw, fileName }
        : null;
    const quarantined = bad ? await quarantineSummary(connection, bad) : [];
    const described = await describe(connection, request, typed);
    const delivery = { rows: typed.rows, quarantinedRows: typed.bad, quarantined, ...described };
    const place = { ...request, ...surroundings, good: typed.good, rows: good };
    const findings = [
      ...schema,
      ...rowFindings([...all, keyRule(plan)], isWaived, quarantined),
      ...partitionFindings({ rules: plan.partitionRules, columns: plan.columns, delivery, recent: request.recent }),
      ...(await calendarFindings(connection, { ...place, hasFile: raw?.hasFile ?? false })),
      ...(await labelMirrorFindings(connection, place)),
      ...(await assumptionFindings(connection, plan.assumptions, { ...place, columns: Object.keys(plan.columns) })),
    ];
    if (findings.some(({ verdict }) => verdict === 'rejected')) return rejected(request, findings, types);

    const dataPath = join(request.outDir, 'data.parquet');
    const columns = Object.keys(plan.columns).map(quoteName).join(', ');
    const order = plan.key.map(quoteName).join(', ');
    await connection.run(copyToParquet(`SELECT ${columns} FROM ${typed.good} ORDER BY ${order}`, dataPath));
    const quarantinePath = bad && join(request.outDir, 'quarantine.parquet');
    if (bad && quarantinePath) await writeQuarantine(connection, bad, quarantinePath);
    return {
      verdict: 'accepted',
      dataPath,
      rows: good,
      quarantinePath,
      quarantinedRows: typed.bad,
      quarantined,
      ...described,
      outcomes: findings.map(outcomeOf),
      warnings: findings
        .filter(({ verdict }) => verdict === 'warned')
        .map((found) => `${heading(request)}: ${sentenceOf(found)}`),
      sourceTypes: types,
    };
  });
}

function heading({ fileName, partition, table }: CheckRequest): string {
  return `${fileName}, partition ${partition} of table ${table}`;
}

function rejected(
  request: CheckRequest,
  findings: readonly Finding[],
  sourceTypes: RawColumns['types'],
): Extract<CheckResult, { verdict: 'rejected' }> {
  const broken = findings.filter(({ verdict }) => verdict === 'rejected');
  const sentences = broken.map(sentenceOf).join('; ');
  // Sentences on the file's columns name the file and its line themselves.
  const message = broken[0]!.kind === 'schema' ? sentences : `${heading(request)}: ${sentences}`;
  const outcomes: CheckOutcome[] = findings.map(outcomeOf);
  return { verdict: 'rejected', rule: broken[0]!.check, message, outcomes, sourceTypes };
}

/** A partition that refers to a table without any partition up to the day cannot be judged. */
function missingReferences({ plan, partition }: CheckRequest, { references }: CheckSurroundings): Finding[] {
  return Object.entries(plan.columns).flatMap(([name, { references: other }]): Finding[] => {
    if (!other || references[name]) return [];
    return [
      {
        check: `${name}_reference`,
        kind: 'partition',
        verdict: 'rejected',
        what: `column ${name}: table ${other.table}, which it refers to, has no accepted partition yet`,
        found: `none up to ${partition}`,
        allowed: `a partition of ${other.table} of ${partition} or before`,
      },
    ];
  });
}

/** The typed rows, or the finding of a column that the file lacks. */
async function typedRows(
  connection: Connection,
  request: CheckRequest,
  raw: RawColumns | null,
  rules: readonly RowRule[],
): Promise<TypedRows | Finding> {
  const { rawPath, plan, fileName } = request;
  if (rawPath === null || raw === null) return noRows(connection, plan);
  try {
    return await typeRows(connection, { ...request, rawPath }, raw, rules);
  } catch (error) {
    const renamed = await blame(connection, { ...request, rawPath }, rules);
    if (renamed === null) throw error;
    return missingFinding(plan, raw, [renamed], fileName);
  }
}

function describe(
  connection: Connection,
  { plan }: CheckRequest,
  { good, rows, bad }: TypedRows,
): Promise<ColumnDescriptions> {
  const unique = plan.key.length === 1 ? { uniqueColumn: plan.key[0]! } : {};
  return describeColumns(connection, good, plan.columns, { rows: rows - bad, ...unique });
}
