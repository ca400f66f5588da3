// Recorded definitions (plans by digest) and the row of each model: its clock and the definition in force.
// Invariant: a plan is stored once per digest and never changes; a model's clock is fixed when the model is created.
import { z } from 'zod';
import { UnderstudyError } from '../../domain/failures';
import { ModelPlan } from '../../domain/plan/plan';
import type { DefinitionStore } from '../../ports/stores';
import { toJson, type Database } from '../database';

const Definition = z.object({ plan: ModelPlan, code_commit: z.string() });
const ModelRow = z.object({ clock: z.enum(['wall', 'simulated']), digest: z.string() });
const ModelName = z.object({ model: z.string() });

/** The definitions on PostgreSQL. */
export function createDefinitionStore(database: Database): DefinitionStore {
  return {
    async save(digest, plan, codeCommit) {
      // The plan of a digest cannot differ; the commit is that of the newest deployment.
      await database.run(
        `insert into definitions (digest, model, plan, code_commit) values ($1, $2, $3, $4)
         on conflict (digest) do update set code_commit = excluded.code_commit`,
        [digest, plan.name, toJson(plan), codeCommit],
      );
    },

    async load(digest) {
      const [row] = await database.query(Definition, 'select plan, code_commit from definitions where digest = $1', [
        digest,
      ]);
      if (!row)
        throw new UnderstudyError('MODEL_NOT_DEPLOYED', `No definition with the digest ${digest} was deployed.`, {
          digest,
        });
      return { plan: row.plan, codeCommit: row.code_commit };
    },

    async setCurrent(model, clock, digest) {
      const changed = await database.run(
        `insert into models (model, clock, digest) values ($1, $2, $3)
         on conflict (model) do update set digest = excluded.digest, updated_at = now() where models.clock = excluded.clock`,
        [model, clock, digest],
      );
      if (changed === 0)
        throw new UnderstudyError(
          'USAGE',
          `The clock of ${model} was fixed when it was first deployed; it cannot become ${clock}.`,
          {
            model,
            clock,
          },
        );
    },

    async current(model) {
      const [row] = await database.query(ModelRow, 'select clock, digest from models where model = $1', [model]);
      return row ?? null;
    },

    async models() {
      const rows = await database.query(ModelName, 'select model from models order by model collate "C"');
      return rows.map(({ model }) => model);
    },
  };
}
