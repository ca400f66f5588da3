// The rows of one day for scoring and monitoring: every entity with its features as a client would send them, and its label where known.
import type { Day, IsoTimestamp } from '../../domain/days';
import { UnderstudyError } from '../../domain/failures';
import type { ModelPlan } from '../../domain/plan/plan';
import { targetOf } from '../../domain/evaluation/task';
import { modelSql, type Engine } from '../engine';
import { labelNumber, requireLabels } from '../label-sql';
import { entitiesOf, withRows } from '../population';
import { quoteName, quoteText } from '../sql-text';

/** All entities of a day that are the model's, in key order; the three lists are parallel. */
export interface DayFeatureRows {
  readonly keys: readonly string[];
  /** When each prediction is for: the entity's event time. */
  readonly eventTimes: readonly IsoTimestamp[];
  /** Features by name, null for missing; categories as text. */
  readonly rows: readonly Readonly<Record<string, number | string | null>>[];
}

/**
 * What scoring sends to the serving process for a day: the rows that are the model's.
 * @param request.featurePaths view → its file for the day; `entityPath`: the day's accepted partition of the entity table.
 * @throws UnderstudyError `PARTITION_MISSING` without a view's file; `INTERNAL` when a view lacks an entity of the file given.
 */
export async function dayFeatureRows(
  engine: Engine,
  request: {
    readonly plan: ModelPlan;
    readonly day: Day;
    readonly featurePaths: Readonly<Record<string, string>>;
    readonly entityPath: string;
  },
): Promise<DayFeatureRows> {
  const { plan, day, featurePaths, entityPath } = request;
  const key = quoteName(plan.entity.key);
  const joins = plan.features.map((view) => {
    const path = featurePaths[view.name];
    if (path === undefined) {
      const message = `feature view ${view.name}: no partition for day ${day}`;
      throw new UnderstudyError('PARTITION_MISSING', message, { view: view.name, day });
    }
    return `JOIN read_parquet(${quoteText(path)}) ${quoteName(view.name)} USING (${key})`;
  });
  const names = plan.features.flatMap((view) => Object.keys(view.features));
  const columns = plan.features.flatMap((view) =>
    Object.keys(view.features).map((name) => `${quoteName(view.name)}.${quoteName(name)}`),
  );
  return engine.task(async (connection) => {
    const entity = entitiesOf(plan, entityPath);
    const [count] = await withRows(plan, () => connection.rows(`SELECT count(*) AS n FROM ${entity}`));
    const keys: string[] = [];
    const eventTimes: IsoTimestamp[] = [];
    const rows: Record<string, number | string | null>[] = [];
    const query = `SELECT ${key}, epoch_ms(e.${quoteName(plan.entity.eventTime)})::DOUBLE, ${columns.join(', ')} FROM ${entity} e ${joins.join(' ')} ORDER BY ${key}`;
    await connection.chunks(query, (chunk) => {
      for (let i = 0; i < chunk.rows; i++) {
        keys.push(chunk.vectors[0]!.getItem(i) as string);
        eventTimes.push(new Date(chunk.vectors[1]!.getItem(i) as number).toISOString());
        rows.push(
          Object.fromEntries(
            names.map((name, c) => [name, chunk.vectors[c + 2]!.getItem(i) as number | string | null]),
          ),
        );
      }
    });
    if (rows.length !== Number(count!['n'])) {
      const message = `day ${day}: ${rows.length} of ${Number(count!['n'])} entities have a row in every feature view; the features are of another revision`;
      throw new UnderstudyError('INTERNAL', message, { day });
    }
    return { keys, eventTimes, rows };
  });
}

/**
 * Labels of a day by entity key, as numbers (see `src/domain/evaluation/task.ts`); an entity without a label is not in the map.
 * @throws UnderstudyError `MODEL_CODE_FAILED` when `label.sql` fails, or gives what is no label of the task.
 */
export async function dayLabels(
  engine: Engine,
  request: {
    readonly plan: ModelPlan;
    readonly day: Day;
    readonly labelPath: string;
    /** The day's accepted partition of the entity table; needed where the plan has `rows`. Absent: labels of all rows. */
    readonly entityPath?: string;
  },
): Promise<Map<string, number>> {
  const { plan, day, labelPath, entityPath } = request;
  const target = targetOf(plan);
  const { sql } = plan.label;
  const key = quoteName(plan.entity.key);
  const file = `read_parquet(${quoteText(labelPath)})`;
  const own =
    plan.rows === undefined || entityPath === undefined
      ? ''
      : ` SEMI JOIN (SELECT ${key} FROM ${entitiesOf(plan, entityPath)}) USING (${key})`;
  const rows = await engine.task(async (connection) => {
    await requireLabels(connection, target, { sql, from: file });
    return modelSql(`label.sql (${sql}), day ${day}`, () =>
      connection.rows(
        `SELECT ${key} AS key, ${labelNumber(target, sql)} AS label FROM ${file}${own} WHERE (${sql}) IS NOT NULL ORDER BY ${key}`,
      ),
    );
  });
  return new Map(rows.map((row) => [String(row['key']), Number(row['label'])]));
}
