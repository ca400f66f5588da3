// Which views feed a version while another definition is in force: its own, or it is refused with what has changed.
import { fedPlan, hasViewsOf, obstaclesTo } from '../../../src/activities/feeding/fed-plan';
import { defineModel } from '../../../src/definition/define-model';
import type { ModelPlan, ModelPlanInput } from '../../../src/domain/plan/plan';
import tiny from '../../models/tiny/model';

type Tables = ModelPlanInput['tables'];
const OWN = plan({});
const TABLES = tiny.plan.tables as Tables;
const VIEWS = tiny.plan.features;

function plan(change: Partial<ModelPlanInput>): ModelPlan {
  return defineModel({ ...tiny.plan, ...change }).plan;
}
function withView(sql: string): ModelPlan {
  return plan({ features: [{ ...VIEWS[0]!, sql }, VIEWS[1]!] });
}
function withTable(name: 'orders' | 'results', change: Partial<Tables[string]>, more: Partial<ModelPlanInput> = {}) {
  return plan({ tables: { ...TABLES, [name]: { ...TABLES[name]!, ...change } }, ...more });
}
function withColumn(name: string, change: Record<string, unknown> | null): ModelPlan {
  const { [name]: column, ...others } = TABLES['orders']!.columns;
  const columns = change === null ? others : { ...others, [name]: { ...column!, ...change } };
  const features = change === null ? [{ ...VIEWS[0]!, sql: VIEWS[0]!.sql.replace(`${name}, `, '') }, VIEWS[1]!] : VIEWS;
  const kept = Object.fromEntries(Object.entries(VIEWS[0]!.features).filter(([feature]) => feature !== name));
  const without = change === null ? [{ ...features[0]!, features: kept }, VIEWS[1]!] : features;
  return withTable('orders', { columns }, { features: without });
}
const told = (current: ModelPlan, own = OWN) =>
  obstaclesTo(current, own).map(({ view, what }) => `${view ?? 'all'} ${what}`);

describe('a version is fed', () => {
  it('by the definition in force itself while that has its views by content, under whatever names and beside new ones', () => {
    const more = {
      name: 'more',
      reads: { orders: 0 },
      sql: 'SELECT id, x1 AS y FROM orders',
      features: { y: 'number' },
    };
    const renamed = VIEWS.map((view) => ({ ...view, name: `${view.name}-now` }));
    const current = plan({
      features: [...renamed, more] as ModelPlanInput['features'],
      evaluation: { ...tiny.plan.evaluation, sliceMinRows: 9 },
    });
    expect(hasViewsOf(current, OWN)).toBe(true);
    expect(fedPlan(current, OWN)).toBe(current);
  });

  it('by its own views where the SQL has changed, with everything else as it is now', () => {
    const current = plan({
      features: withView('SELECT id, x1 * 100 AS x1, x2, kind FROM orders').features,
      online: { keepDays: 9 },
    });
    expect(told(current)).toEqual([]);
    expect(fedPlan(current, OWN)).toEqual({ ...current, features: OWN.features, tables: OWN.tables });
  });

  it('without the columns that are gone or other ones, where no view of it uses them', () => {
    const sql = "SELECT id, x1, x2, count(*) OVER () * 0 AS none FROM orders WHERE 'kinds' <> 'a kind_of'";
    const features = { x1: 'number', x2: 'number', none: 'number' } as const;
    const own = plan({ features: [{ ...VIEWS[0]!, sql, features }, VIEWS[1]!] });
    const current = withColumn('kind', { sql: 'lower(kind)' });
    expect(told(current, own)).toEqual([]);
    const { kind, ...columns } = own.tables['orders']!.columns;
    expect(kind).toBeDefined();
    expect(fedPlan(current, own).tables['orders']?.columns).toEqual(columns);
  });
});

describe('a version is refused', () => {
  it('when a table that a view reads is gone', () => {
    const features = [VIEWS[0]!];
    const { orders } = TABLES;
    const current = plan({
      tables: { orders: orders!, delays: TABLES['results']! },
      label: { table: 'delays', sql: 'delay >= 15' },
      features,
    });
    expect(told(current)).toEqual(['past reads table results, which the definition in force no longer has']);
  });

  it('when a column that a view uses is gone or made otherwise', () => {
    expect(told(withColumn('x1', null))).toEqual([
      'order uses column x1 of table orders, which the definition in force no longer has',
    ]);
    expect(told(withColumn('x1', { type: 'integer' }))).toEqual([
      'order uses column x1 of table orders, whose type was number and is integer',
    ]);
    expect(told(withColumn('x1', { sql: 'x1 * 60' }))).toEqual([
      'order uses column x1 of table orders, whose sql was none and is x1 * 60',
    ]);
    const moved = withColumn('leaves_at', { zone: 'Europe/Rome' });
    expect(told(moved)).toEqual(
      ['order', 'past'].map(
        (view) => `${view} uses column leaves_at of table orders, whose zone was UTC and is Europe/Rome`,
      ),
    );
  });

  it.each([
    'SELECT * EXCLUDE (partition_day, available_at, leaves_at) FROM orders',
    'SELECT o.* FROM orders o',
    'SELECT count(DISTINCT *) FROM orders',
    'FROM orders',
    'SELECT id FROM (FROM orders)',
    "SELECT COLUMNS('x.*') FROM orders",
    'SELECT id FROM orders NATURAL JOIN results',
    'SELECT id, "X1" FROM orders',
  ])('when a column is gone that %s may use', (sql) => {
    const own = withView(sql.includes('results') ? sql : `${sql} `);
    expect(told(withColumn('x1', null), own)).toContain(
      'order uses column x1 of table orders, which the definition in force no longer has',
    );
  });

  it('when it predicts other entities, or as of another instant', () => {
    const current = plan({ entity: { table: 'orders', key: 'id', eventTime: 'leaves_at' }, timeZone: 'UTC' });
    expect(told(current)).toEqual([]);
    const other = { ...OWN, entity: { ...OWN.entity, eventTime: 'packed_at' } };
    expect(told(other)[0]).toBe(
      'order has one row per id of orders as of leaves_at, and the definition in force predicts one row per id of orders as of packed_at',
    );
  });

  it('when it would see rows before they are available by the definition in force, not when they now come earlier', () => {
    const later = withTable('results', { availableAt: 'D+2 00:00' });
    expect(told(later)).toEqual([
      'past reads table results as of D+1 00:00 (America/New_York), and the definition in force has it only at D+2 00:00 (America/New_York)',
    ]);
    expect(told(OWN, later)).toEqual([]);
  });
});

it('a version is not fed where the definition in force has another task, or other classes', () => {
  const contenders = { main: { trainer: 'logistic' } } as const;
  const ofClasses = (...classes: string[]) =>
    plan({ task: 'multiclass', label: { ...tiny.plan.label, classes }, contenders });
  expect(told(ofClasses('a', 'b', 'c'))).toEqual([
    'all its task is binary, and the definition in force has multiclass (a, b, c)',
  ]);
  expect(told(ofClasses('a', 'c', 'b'), ofClasses('a', 'b', 'c'))).toEqual([
    'all its task is multiclass (a, b, c), and the definition in force has multiclass (a, c, b)',
  ]);
  expect(told(ofClasses('a', 'b', 'c'), ofClasses('a', 'b', 'c'))).toEqual([]);
});
