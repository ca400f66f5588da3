// Contracts that contradict themselves are told with the path of the field, what was found and what is allowed.
import { contractProblems } from '../../../src/definition/checks/contract-checks';
import { ModelPlan } from '../../../src/domain/plan/plan';
import { TINY_INPUT } from '../data/tiny-model';

function problems(change: object, columns: object = {}): string[] {
  const base = TINY_INPUT.tables['deliveries']!;
  const deliveries = { ...base, ...change, columns: { ...base.columns, ...columns } };
  const plan = ModelPlan.parse({ ...TINY_INPUT, tables: { ...TINY_INPUT.tables, deliveries } });
  return contractProblems(plan).map(({ path, found, allowed }) => `${path}: found ${found}; allowed ${allowed}`);
}

describe('a contract', () => {
  it('of the test model has no problem', () => expect(problems({})).toEqual([]));

  it.each<[string, object, object, string]>([
    [
      'a rule on a column that is not there',
      { partitionRules: { distribution: { columns: ['size'], maxPsi: 1 } } },
      {},
      'tables.deliveries.partitionRules.distribution.columns: found column "size", which the table does not have; allowed its columns: id, depot, delay',
    ],
    [
      'freshness of a number',
      { partitionRules: { freshness: { column: 'delay', within: '1 h' } } },
      {},
      'tables.deliveries.partitionRules.freshness.column: found "delay" of type integer; allowed date and timestamp columns',
    ],
    [
      'fewer rows at most than at least',
      { partitionRules: { minRows: 5, maxRows: 4 } },
      {},
      'tables.deliveries.partitionRules.maxRows: found 4; allowed at least minRows (5)',
    ],
    [
      'an assumption without bounds',
      { assumptions: [{ name: 'a', check: { test: 'sql', sql: 'SELECT 1' } }] },
      {},
      'tables.deliveries.assumptions[0].check: found neither min nor max; allowed at least one of them',
    ],
    [
      'a test of normality on a text',
      { assumptions: [{ name: 'a', check: { test: 'normal', column: 'depot' } }] },
      {},
      'tables.deliveries.assumptions[0].check.column: found "depot" of type string; allowed integer and number columns',
    ],
    [
      'a zone that does not exist',
      {},
      { at: { type: 'timestamp', zone: 'America/Gotham' } },
      'tables.deliveries.columns.at.zone: found "America/Gotham"; allowed an IANA time zone such as "America/New_York"',
    ],
    [
      'unseen values of a text',
      {},
      { depot: { type: 'string', unseen: 'warn' } },
      'tables.deliveries.columns.depot.unseen: found "warn" on a string column; allowed "warn" and "quarantine" on category columns',
    ],
    [
      'a reference to its own table',
      {},
      { depot: { type: 'string', references: { table: 'deliveries', column: 'depot' } } },
      'tables.deliveries.columns.depot.references.table: found "deliveries"; allowed another table: parcels, traffic',
    ],
    [
      'a reference to a column that is not there',
      {},
      { depot: { type: 'string', references: { table: 'parcels', column: 'city' } } },
      'tables.deliveries.columns.depot.references.column: found column "city", which the table does not have; allowed its columns: id, depot, weight, leaves_at',
    ],
  ])('with %s is refused', (_, change, columns, problem) => {
    expect(problems(change, columns)).toEqual([problem]);
  });
});
