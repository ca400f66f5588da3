// References to the explanations of versions on PostgreSQL: one row per version, never changed.
import { z } from 'zod';
import { ArtifactRef } from '../../domain/data/artifacts';
import type { ExplanationStore } from '../../ports/explanations';
import { toJson, type Database } from '../database';

const Row = z.object({ version: z.number(), artifact: ArtifactRef });

/** Where explanations of versions are found. */
export function createExplanationStore(database: Database): ExplanationStore {
  return {
    async save(model, { version, artifact }) {
      await database.run(
        'insert into explanations (model, version, artifact) values ($1, $2, $3) on conflict (model, version) do nothing',
        [model, version, toJson(artifact)],
      );
    },

    async find(model, version) {
      const [row] = await database.query(
        Row,
        'select version, artifact from explanations where model = $1 and version = $2',
        [model, version],
      );
      return row ?? null;
    },
  };
}
