// Which plan's views feed a version while another definition is in force, and why it sometimes cannot be fed at all.
// Invariant: a feature reaches a version only as its own definition made it, never because a feature of now has the same name.
import { viewDigest } from '../../data/derive/view-inputs';
import type { FeatureViewPlan, ModelPlan } from '../../domain/plan/plan';
import { isSameTarget } from '../../domain/evaluation/predictions';
import type { TablePlan } from '../../domain/plan/table-plan';
import { targetOf, type Target } from '../../domain/evaluation/task';
import { availableAt } from '../../domain/zones';

/** A reason why a version's own views no longer give what it was trained on. */
export interface Obstacle {
  /** The version's view that is concerned; null: the version as a whole. */
  readonly view: string | null;
  /** A clause that follows the view's name (or stands alone), such as `reads table results, which the definition in force no longer has`. */
  readonly what: string;
}

/** Digests of a plan's views. */
export function viewDigests(plan: ModelPlan): ReadonlySet<string> {
  return new Set(plan.features.map((view) => viewDigest(plan, view)));
}

/** Whether a plan has every view of the version's own plan, by content; their names do not matter. */
export function hasViewsOf(plan: ModelPlan, own: ModelPlan): boolean {
  const there = viewDigests(plan);
  return own.features.every((view) => there.has(viewDigest(own, view)));
}

/**
 * The plan that computes a version's features from the partitions that the definition in force ingests: the current one itself where it has
 * all of the version's views, else the version's own views, tables and zone, with the rest as it is now.
 */
export function fedPlan(current: ModelPlan, own: ModelPlan): ModelPlan {
  if (hasViewsOf(current, own)) return current;
  const tables = Object.entries(own.tables).map(([name, table]): [string, TablePlan] => {
    const now = current.tables[name];
    // Newer partitions lack columns that are gone; no view of the version uses one, or it would not be fed.
    const columns = Object.entries(table.columns).filter(([column]) => now && !columnChange(table, now, column));
    return [name, { ...table, columns: Object.fromEntries(columns) }];
  });
  const { entity, timeZone, features } = own;
  return { ...current, tables: Object.fromEntries(tables), entity, timeZone, features };
}

/** What of the version's own plan the current one has changed under its views; empty: it can be fed. */
export function obstaclesTo(current: ModelPlan, own: ModelPlan): Obstacle[] {
  const ofViews = own.features.flatMap((view) => [
    ...entityObstacles(current, own, view),
    ...Object.keys({ ...view.reads, [own.entity.table]: 0 }).flatMap((name) => {
      const table = own.tables[name];
      return table ? tableObstacles(current, own, view, name, table) : [];
    }),
  ]);
  return [...targetObstacles(current, own), ...ofViews];
}

/** Labels and predictions of another target mean nothing beside each other: such versions are not compared, scored or watched. */
function targetObstacles(current: ModelPlan, own: ModelPlan): Obstacle[] {
  const [now, before] = [targetOf(current), targetOf(own)];
  if (isSameTarget(now, before)) return [];
  const said = ({ task, classes }: Target): string => (classes ? `${task} (${classes.join(', ')})` : task);
  return [{ view: null, what: `its task is ${said(before)}, and the definition in force has ${said(now)}` }];
}

function entityObstacles(current: ModelPlan, own: ModelPlan, view: FeatureViewPlan): Obstacle[] {
  const now = describeEntity(current);
  const before = describeEntity(own);
  if (now === before) return [];
  return [{ view: view.name, what: `has ${before}, and the definition in force predicts ${now}` }];
}

function describeEntity({ entity: { table, key, eventTime } }: ModelPlan): string {
  return `one row per ${key} of ${table} as of ${eventTime}`;
}

function tableObstacles(
  current: ModelPlan,
  own: ModelPlan,
  view: FeatureViewPlan,
  name: string,
  table: TablePlan,
): Obstacle[] {
  const now = current.tables[name];
  if (!now) return [{ view: view.name, what: `reads table ${name}, which the definition in force no longer has` }];
  const found: Obstacle[] = [];
  const tell = (what: string): void => void found.push({ view: view.name, what });
  if (isLater(current, now, own, table)) {
    tell(
      `reads table ${name} as of ${table.availableAt} (${own.timeZone}), and the definition in force has it only at ${now.availableAt} (${current.timeZone})`,
    );
  }
  if (table.rowAvailableAt !== now.rowAvailableAt) {
    const said = (rule: string | undefined): string => (rule === undefined ? 'none' : `"${rule}"`);
    tell(
      `reads table ${name}, whose rowAvailableAt was ${said(table.rowAvailableAt)} and is ${said(now.rowAvailableAt)}`,
    );
  }
  const { key, eventTime } = own.entity;
  const always = name === own.entity.table ? ` ${key} ${eventTime}` : '';
  const sql = `${view.sql} ${table.rowAvailableAt ?? ''}${always}`;
  for (const column of Object.keys(table.columns)) {
    const change = columnChange(table, now, column);
    if (change && mayUse(sql, column)) tell(`uses column ${column} of table ${name}, ${change}`);
  }
  return found;
}

/** On a winter and on a summer day: zones may differ. What the view saw then would now be what nobody can know yet. */
function isLater(current: ModelPlan, now: TablePlan, own: ModelPlan, before: TablePlan): boolean {
  return ['2024-01-15', '2024-07-15'].some(
    (day) => availableAt(now.availableAt, day, current.timeZone) > availableAt(before.availableAt, day, own.timeZone),
  );
}

/** Why a column of now is not the one of before, as a clause; null: it is. Texts and categories are stored alike. */
function columnChange(before: TablePlan, now: TablePlan, name: string): string | null {
  const [old, column] = [before.columns[name], now.columns[name]];
  if (!old) return null;
  if (!column) return 'which the definition in force no longer has';
  const stored = (type: string): string => (type === 'category' ? 'string' : type);
  if (stored(old.type) !== stored(column.type)) return `whose type was ${old.type} and is ${column.type}`;
  if (old.sql !== column.sql) return `whose sql was ${old.sql ?? 'none'} and is ${column.sql ?? 'none'}`;
  if (old.zone !== column.zone) return `whose zone was ${old.zone ?? 'UTC'} and is ${column.zone ?? 'UTC'}`;
  return null;
}

/** Whether SQL may use a column: it names it, or takes all columns. Rather yes than no: a wrong no would feed other values. */
function mayUse(sql: string, column: string): boolean {
  if (new RegExp(`(?<![\\w$])${column}(?![\\w$])`, 'i').test(sql)) return true;
  const rest = sql.replaceAll(/\bcount\s*\(\s*\*\s*\)/gi, '');
  return /(\bselect|\bdistinct|,|\(|\.)\s*\*|\bcolumns\s*\(|\bnatural\b|(^|\(|\bunion|\ball|\bexcept|\bintersect|\bname)\s*from\b/i.test(
    rest,
  );
}
