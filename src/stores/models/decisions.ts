// Evaluations, the decisions drawn from them, and what people said to a decision.
// Invariant: a decision is stored once under its digest and never changes; verdicts on it are added, the last one counts.
import { z } from 'zod';
import type { Decision, Evaluation } from '../../domain/evaluation/evaluation';
import { UnderstudyError } from '../../domain/failures';
import type { ModelRegistry } from '../../ports/stores';
import { jsonOf, toJson, within, type Database } from '../database';

const EvaluationRow = z.object({ evaluation: jsonOf<Evaluation>() });
const EvaluatedAt = z.object({ at: z.string() });
const DecisionRow = z
  .object({
    decision: jsonOf<Decision>(),
    verdict: z.string().nullable(),
    actor: z.string().nullable(),
    comment: z.string().nullable(),
    at: z.string(),
  })
  .transform(({ decision, verdict, actor, comment, at }) => ({
    ...decision,
    approval: verdict === null ? null : { verdict, by: actor ?? '', comment: comment ?? '' },
    at,
  }));
const Proposed = z.object({ version: z.number().nullable() });
const Cycle = z.object({ cycle: z.string() });

const INSERT_DECISION = `
  insert into decisions (model, digest, cycle, logical_time, snapshot, definition_digest, verdict, proposed_version, decision)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (model, digest) do nothing`;

const INSERT_APPROVAL = `
  insert into approvals (model, digest, verdict, actor, comment)
  select model, digest, $3, $4, $5 from decisions where model = $1 and digest = $2`;

const DECISIONS = `
  select d.decision, d.created_at as at, a.verdict, a.actor, a.comment
  from decisions d
  left join lateral (
    select verdict, actor, comment from approvals where model = d.model and digest = d.digest order by id desc limit 1
  ) a on true
  where d.model = $1 order by d.id desc limit $2`;

/** The part of the registry that concerns judging versions. */
export function createDecisions(
  database: Database,
): Pick<
  ModelRegistry,
  'saveEvaluation' | 'evaluation' | 'evaluatedAt' | 'saveDecision' | 'recordApproval' | 'decisions' | 'findCycle'
> {
  return {
    async saveEvaluation(model, evaluation) {
      await database.run(
        `insert into evaluations (model, version, snapshot, evaluation) values ($1, $2, $3, $4)
         on conflict (model, version, snapshot) do update set evaluation = excluded.evaluation`,
        [model, evaluation.version, evaluation.snapshot, toJson(evaluation)],
      );
    },

    async evaluation(model, version, snapshot) {
      const [row] = await database.query(
        EvaluationRow,
        'select evaluation from evaluations where model = $1 and version = $2 and snapshot = $3',
        [model, version, snapshot],
      );
      return row?.evaluation ?? null;
    },

    async evaluatedAt(model, version, snapshot) {
      const [row] = await database.query(
        EvaluatedAt,
        'select created_at as at from evaluations where model = $1 and version = $2 and snapshot = $3',
        [model, version, snapshot],
      );
      return row?.at ?? null;
    },

    async saveDecision(tx, decision, approval) {
      const { model, digest, cycle, logicalTime, snapshot, definitionDigest, verdict, proposed } = decision;
      const sql = within(tx);
      const added = await sql.run(INSERT_DECISION, [
        ...[model, digest, cycle, logicalTime, snapshot, definitionDigest, verdict],
        ...[proposed?.version ?? null, toJson(decision)],
      ]);
      if (added > 0 && approval)
        await sql.run(INSERT_APPROVAL, [model, digest, 'approved', approval.by, approval.comment]);
    },

    async recordApproval(tx, model, digest, verdict, by, comment) {
      const sql = within(tx);
      const added = await sql.run(INSERT_APPROVAL, [model, digest, verdict, by, comment]);
      const [decided] = await sql.query(
        Proposed,
        'select proposed_version as version from decisions where model = $1 and digest = $2',
        [model, digest],
      );
      if (added === 0 || !decided)
        throw new UnderstudyError('DIGEST_MISMATCH', `${model} has no decision with the digest ${digest}.`, {
          model,
          digest,
        });
      return decided.version;
    },

    decisions: (model, limit) => database.query(DecisionRow, DECISIONS, [model, limit]),

    async findCycle(model, snapshot, definitionDigest) {
      const [row] = await database.query(
        Cycle,
        'select cycle from decisions where model = $1 and snapshot = $2 and definition_digest = $3 order by id limit 1',
        [model, snapshot, definitionDigest],
      );
      return row?.cycle ?? null;
    },
  };
}
