// Versions of feature views: each distinct content of a name has a number.
// Invariant: numbers of a name count 1, 2, … without gaps, and a content never changes its number.
import { z } from 'zod';
import type { FeatureViewStore } from '../../ports/features';
import { lockName, within, type Database } from '../database';

const Version = z.object({
  view: z.string(),
  digest: z.string(),
  version: z.number(),
  model: z.string(),
  owner: z.string(),
  description: z.string(),
  sql: z.string(),
  createdAt: z.string(),
});

const REGISTER = `
  insert into feature_view_versions (view_name, digest, version, model, owner, description, sql)
  select $1, $2, (select coalesce(max(version), 0) + 1 from feature_view_versions where view_name = $1), $3, $4, $5, $6
  on conflict (view_name, digest) do nothing`;

/** The versions on PostgreSQL. */
export function createFeatureViewStore(database: Database): FeatureViewStore {
  return {
    async register(versions) {
      await database.transaction(async (tx) => {
        for (const { view, digest, model, owner, description, sql } of byName(versions)) {
          await lockName(tx, `feature-view/${view}`);
          await within(tx).run(REGISTER, [view, digest, model, owner, description, sql]);
        }
      });
    },

    versions: (views) =>
      database.query(
        Version,
        `select view_name as view, digest, version, model, owner, description, sql, created_at as "createdAt"
         from feature_view_versions where view_name = any($1) order by view_name collate "C", version`,
        [[...views]],
      ),
  };
}

/** In one order for all callers, so that two of them never wait for each other. */
function byName<V extends { readonly view: string }>(versions: readonly V[]): V[] {
  return [...versions].sort((a, b) => (a.view < b.view ? -1 : a.view > b.view ? 1 : 0));
}
