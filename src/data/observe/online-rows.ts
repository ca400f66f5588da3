// The feature rows of a day page by page, as the online side keeps them: a JSON object for each view and entity, however many entities there are.
import type { Day, IsoTimestamp } from '../../domain/days';
import { UnderstudyError } from '../../domain/failures';
import type { ModelPlan } from '../../domain/plan/plan';
import type { Engine } from '../engine';
import { entitiesOf, withRows } from '../population';
import { quoteName, quoteText } from '../sql-text';

/** Some entities of a day; all lists are parallel. */
export interface OnlinePage {
  readonly keys: readonly string[];
  readonly eventTimes: readonly IsoTimestamp[];
  /** View → for each entity its features by name, as JSON; null for missing. */
  readonly features: Readonly<Record<string, readonly string[]>>;
}

/** Entities of one page: some megabytes. */
const PAGE_ROWS = 10_000;

/**
 * Calls `visit` for each page of a day, in the order of the keys, one after the other.
 * @param request.featurePaths the views that are wanted → their files for the day; `entityPath`: the accepted partition of the entity table.
 * @throws UnderstudyError `INTERNAL` when a view lacks an entity of the file given: they are of different revisions.
 */
export function eachOnlinePage(
  engine: Engine,
  request: {
    readonly plan: ModelPlan;
    readonly day: Day;
    readonly featurePaths: Readonly<Record<string, string>>;
    readonly entityPath: string;
  },
  visit: (page: OnlinePage) => Promise<void>,
): Promise<void> {
  const { plan, day, featurePaths, entityPath } = request;
  const views = plan.features.filter(({ name }) => featurePaths[name] !== undefined);
  const key = quoteName(plan.entity.key);
  const objects = views.map(({ features }, v) => {
    const fields = Object.keys(features).map((field) => `${quoteText(field)}, v${v}.${quoteName(field)}`);
    return `CAST(json_object(${fields.join(', ')}) AS VARCHAR) AS v${v}`;
  });
  const joins = views.map(
    ({ name }, v) => `JOIN read_parquet(${quoteText(featurePaths[name] ?? '')}) v${v} USING (${key})`,
  );
  const entity = entitiesOf(plan, entityPath);
  const at = `CAST(epoch_ms(e.${quoteName(plan.entity.eventTime)}) AS DOUBLE) AS at`;
  return engine.task(async (connection) => {
    await withRows(plan, () =>
      connection.run(
        `CREATE TEMP TABLE online AS SELECT ${[`${key} AS key`, at, ...objects].join(', ')} FROM ${entity} e ${joins.join(' ')} ORDER BY key`,
      ),
    );
    const [counts] = await connection.rows(
      `SELECT (SELECT count(*) FROM ${entity}) AS entities, (SELECT count(*) FROM online) AS found`,
    );
    if (counts?.['entities'] !== counts?.['found']) {
      const message = `day ${day}: ${String(counts?.['found'])} of ${String(counts?.['entities'])} entities have a row in every feature view; the features are of another revision`;
      throw new UnderstudyError('INTERNAL', message, { day });
    }
    for (let first = 0; first < Number(counts?.['found'] ?? 0); first += PAGE_ROWS) {
      const rows = await connection.rows(
        `SELECT * FROM online WHERE rowid >= ${first} AND rowid < ${first + PAGE_ROWS} ORDER BY rowid`,
      );
      await visit({
        keys: rows.map((row) => String(row['key'])),
        eventTimes: rows.map((row) => new Date(Number(row['at'])).toISOString()),
        features: Object.fromEntries(views.map(({ name }, v) => [name, rows.map((row) => String(row[`v${v}`]))])),
      });
    }
  });
}
