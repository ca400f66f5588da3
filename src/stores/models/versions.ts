// Model versions: numbered candidates with their lineage, and their state.
// Invariant: only the state of a saved version ever changes, along VERSION_TRANSITIONS; only a move of the pointer makes or unmakes a champion.
import { z } from 'zod';
import { ArtifactRef } from '../../domain/data/artifacts';
import { UnderstudyError } from '../../domain/failures';
import { VERSION_STATES, type Lineage, type ModelVersion, type VersionState } from '../../domain/lifecycle/registry';
import { TrainResult } from '../../domain/training/training';
import type { ModelRegistry, Transaction } from '../../ports/stores';
import { jsonOf, lockName, toJson, within, type Database, type Queryable } from '../database';
import { constraintOf } from '../database-failures';

const Row = z
  .object({
    model: z.string(),
    version: z.number(),
    contender: z.string(),
    state: z.enum(VERSION_STATES),
    onnx: ArtifactRef,
    signature: ArtifactRef,
    training: TrainResult,
    lineage: jsonOf<Lineage>(),
    created_at: z.string(),
  })
  .transform(({ created_at, ...version }): ModelVersion => ({ ...version, createdAt: created_at }));
const COLUMNS = 'model, version, contender, state, onnx, signature, training, lineage, created_at';
const Number_ = z.object({ number: z.number() });
const State = z.object({ state: z.enum(VERSION_STATES), contender: z.string(), served: z.boolean() });

/** A version's state and contender, locked until the transaction ends. @throws UnderstudyError `VERSION_NOT_FOUND` */
export async function lockVersion(
  tx: Transaction,
  model: string,
  version: number,
): Promise<{ state: VersionState; contender: string; served: boolean }> {
  const [row] = await within(tx).query(
    State,
    `select v.state, v.contender,
            exists (select from champions c where c.model = v.model and v.version in (c.version, c.previous)) as served
     from model_versions v where v.model = $1 and v.version = $2 for update of v`,
    [model, version],
  );
  if (!row) throw notFound(model, version);
  return row;
}

/** Changes the state; going to the state that it has is no change. @throws UnderstudyError `VERSION_NOT_ALLOWED` for an illegal transition. */
export async function changeState(tx: Transaction, model: string, version: number, state: VersionState): Promise<void> {
  try {
    await within(tx).run('update model_versions set state = $3 where model = $1 and version = $2 and state <> $3', [
      model,
      version,
      state,
    ]);
  } catch (error) {
    if (constraintOf(error) !== 'version_transition' || !(error instanceof Error)) throw error;
    throw new UnderstudyError('VERSION_NOT_ALLOWED', error.message, { model, version, state }, { cause: error });
  }
}

/** The part of the registry that concerns single versions. */
export function createVersions(
  database: Database,
): Pick<ModelRegistry, 'saveCandidate' | 'load' | 'list' | 'newestOf' | 'setState'> {
  return {
    async saveCandidate(tx, { model, contender, onnx, signature, training, lineage }) {
      const sql = within(tx);
      await lockName(tx, `versions/${model}`);
      const [next] = await sql.query(
        Number_,
        'select coalesce(max(version), 0) + 1 as number from model_versions where model = $1',
        [model],
      );
      const [saved] = await sql.query(
        Row,
        `insert into model_versions (model, version, contender, state, onnx, signature, training, lineage, logical_time, snapshot)
         values ($1, $2, $3, $10, $4, $5, $6, $7, $8, $9) returning ${COLUMNS}`,
        [
          ...[model, next!.number, contender],
          ...[onnx, signature, training, lineage].map(toJson),
          ...[lineage.logicalTime, lineage.snapshot],
          lineage.experiment ? 'experiment' : 'candidate',
        ],
      );
      return saved!;
    },

    async load(model, version) {
      const [row] = await database.query(
        Row,
        `select ${COLUMNS} from model_versions where model = $1 and version = $2`,
        [model, version],
      );
      if (!row) throw notFound(model, version);
      return row;
    },

    list: (model) =>
      database.query(Row, `select ${COLUMNS} from model_versions where model = $1 order by version`, [model]),

    newestOf: (model, contender) => newestOf(database, model, contender),

    async setState(tx, model, version, state) {
      const found = await lockVersion(tx, model, version);
      if (found.state === state) return;
      if (state === 'champion' || state === 'previous' || found.served)
        throw new UnderstudyError(
          'VERSION_NOT_ALLOWED',
          `Version ${version} of ${model} is ${found.state}; only a promotion, fallback or rollback can make it ${state}.`,
          { model, version, from: found.state, to: state },
        );
      await changeState(tx, model, version, state);
    },
  };
}

/** Deleted versions have no model file any more, and what was only tried is nobody's parent: they are never the newest. */
async function newestOf(sql: Queryable, model: string, contender: string): Promise<ModelVersion | null> {
  const [row] = await sql.query(
    Row,
    `select ${COLUMNS} from model_versions where model = $1 and contender = $2 and state not in ('deleted', 'experiment') order by version desc limit 1`,
    [model, contender],
  );
  return row ?? null;
}

function notFound(model: string, version: number): UnderstudyError {
  return new UnderstudyError('VERSION_NOT_FOUND', `${model} has no version ${version}.`, { model, version });
}
