// Verdicts of people on quarantined rows: released (let in when the partition is checked again) or discarded (they stay out, kept as evidence).
// Invariant: a value that does not fit its type, a missing key and a repeated key are never let in.
import { dataOwner } from '../../domain/data/data-owner';
import { UnderstudyError } from '../../domain/failures';
import type { ModelPlan } from '../../domain/plan/plan';
import type { ControlActivities } from '../../ports/activities';
import type { QuarantineEntry } from '../../ports/quarantine';
import type { ControlDependencies } from '../dependencies';
import { digestOf } from '../digest';
import { planLoader } from '../plans';

type QuarantineActivities = Pick<ControlActivities, 'recordQuarantineVerdict'>;

export function createQuarantineActivities({ stores }: ControlDependencies): QuarantineActivities {
  const { quarantine, definitions, ledger, audit } = stores;
  const loadPlan = planLoader(definitions);

  async function planOf(model: string): Promise<ModelPlan> {
    const current = await definitions.current(model);
    if (!current) throw new UnderstudyError('MODEL_NOT_DEPLOYED', `${model} is not deployed.`, { model });
    return (await loadPlan(current.digest)).plan;
  }

  return {
    async recordQuarantineVerdict(input) {
      const { model, table, partition, rule, verdict, by, reason, asOf } = input;
      const plan = await planOf(model);
      if (!plan.tables[table]) {
        const known = Object.keys(plan.tables).join(', ');
        throw refused(`${model} has no table ${table}; it has: ${known}`, input);
      }
      const entries = await quarantine.list(dataOwner(plan), { table, from: partition, to: partition });
      const entry = entries.find((found) => found.rule === rule);
      if (!entry) throw refused(`${table} of ${partition} has ${nothingOf(rule, entries)}`, input);
      const decided = entry.verdict;
      const same = decided?.verdict === verdict && decided.by === by && decided.reason === reason;
      if (decided && !(same && Date.parse(decided.asOf) === Date.parse(asOf))) {
        const when = `${decided.verdict} by ${decided.by} at ${decided.at} (${decided.reason})`;
        throw refused(`the rows of ${table} of ${partition} under ${rule} were ${when}`, input);
      }
      if (verdict === 'released') requireReleasable(plan, input);
      const rows = decided?.rows ?? entry.rows;
      const key = `quarantine/${dataOwner(plan)}/${table}/${partition}/${rule}`;
      const { result } = await ledger.once(key, digestOf({ verdict, by, reason, asOf }), async (tx) => {
        await quarantine.record(tx, { ...input, model: dataOwner(plan), rows });
        await audit.add(tx, {
          model,
          asOf,
          by,
          action: `quarantine.${verdict}`,
          subject: `${table}/${partition}/${rule}`,
          details: { rows, reason },
        });
        return { rows };
      });
      return result;
    },
  };
}

/** The rules of a contract whose rows no person can let in: their values are missing or repeated keys, or no values of the column's type. */
function unreleasableRules({ columns, key }: ModelPlan['tables'][string]): string[] {
  return ['key', ...key.map((name) => `${name}_null`), ...Object.keys(columns).map((name) => `${name}_type`)];
}

function requireReleasable(plan: ModelPlan, input: Verdict): void {
  const { table, rule } = input;
  if (!unreleasableRules(plan.tables[table]!).includes(rule)) return;
  throw refused(
    `rows under ${rule} cannot be released: a value that does not fit its type, a missing key and a repeated key are never made to fit; deliver a corrected file, or discard them`,
    input,
  );
}

type Verdict = Parameters<QuarantineActivities['recordQuarantineVerdict']>[0];

function nothingOf(rule: string, entries: readonly QuarantineEntry[]): string {
  if (entries.length === 0) return 'no rows in quarantine';
  const found = entries.map((entry) => `${entry.rule} (${entry.rows} rows, ${entry.state})`).join(', ');
  return `no rows in quarantine under ${rule}; there are: ${found}`;
}

function refused(why: string, { model, table, partition, rule, verdict }: Verdict): UnderstudyError {
  return new UnderstudyError('QUARANTINE_REFUSED', `The rows cannot be ${verdict}: ${why}.`, {
    model,
    table,
    partition,
    rule,
  });
}
