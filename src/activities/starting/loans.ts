// Cold start: a model without a champion takes another model's version as its own `borrowed` one, with all that feeds and explains it.
// Invariant: a loan is a copy: nothing moves when the lender's champion changes, and retention keeps its artifacts as those of any version.
import { BORROWED } from '../../domain/plan/contender-plan';
import { UnderstudyError } from '../../domain/failures';
import type { ModelPlan } from '../../domain/plan/plan';
import type { ModelVersion } from '../../domain/lifecycle/registry';
import type { Loans } from '../../ports/loans';
import type { Stores } from '../../ports/stores';
import { digestOf } from '../digest';
import { obstaclesTo } from '../feeding/fed-plan';

/** See {@link Loans}. */
export function createLoans(stores: Pick<Stores, 'definitions' | 'registry' | 'ledger' | 'audit'>): Loans {
  const { definitions, registry, ledger, audit } = stores;

  async function lent(plan: ModelPlan): Promise<ModelVersion> {
    const { borrow, name } = plan;
    if (!borrow) throw refused(name, 'a definition without borrow', 'borrow: { model } in the definition');
    const number = borrow.version ?? (await registry.champion(borrow.model)).version;
    if (number === null) throw refused(name, `${borrow.model}, which has no champion`, 'a model with a champion');
    const found = await registry.load(borrow.model, number);
    const label = `${borrow.model}@${number}`;
    if (found.state === 'deleted' || found.state === 'quarantined' || found.state === 'rejected')
      throw refused(name, `${label}, which is ${found.state}`, 'a version that may serve');
    const { plan: own } = await definitions.load(found.lineage.definitionDigest);
    const [theirs, ours]: [string, string] = [own.task, plan.task];
    if (theirs !== ours) throw refused(name, `${label}, which predicts a ${theirs} task`, `a ${ours} one`);
    const [obstacle] = obstaclesTo(plan, own);
    if (!obstacle) return found;
    const message = `${label}, whose feature view ${obstacle.view} ${obstacle.what}`;
    throw refused(name, message, 'a version whose views can be computed of the tables of the borrower');
  }

  return {
    async take(plan, { by, asOf }) {
      const { name } = plan;
      const pointer = await registry.champion(name);
      const versions = await registry.list(name);
      const champion = versions.find(({ version }) => version === pointer.version);
      if (champion && champion.contender !== BORROWED) {
        const own = `version ${champion.version} of ${champion.contender}, a champion of its own`;
        throw refused(name, own, 'a model without one, or a promotion by a person with --override');
      }
      const lender = await lent(plan);
      const of = { model: lender.model, version: lender.version, logicalTime: lender.lineage.logicalTime };
      const loans = versions.filter(({ lineage }) => lineage.borrowed);
      const known = loans.find(
        ({ state, lineage: { borrowed } }) =>
          state !== 'deleted' && borrowed?.model === of.model && borrowed.version === of.version,
      );
      const made = known ?? { version: await register(plan, lender, loans.length, { by, asOf }) };
      const { version } = made;
      const told = { lender: of.model, lenderVersion: of.version, expectedEpoch: pointer.epoch };
      return { version, ...told, serves: version === pointer.version };
    },
  };

  async function register(
    { name, snapshot }: ModelPlan,
    lender: ModelVersion,
    earlier: number,
    { by, asOf }: { readonly by: string; readonly asOf: string },
  ): Promise<number> {
    const { model, version, onnx, signature, training, lineage } = lender;
    const label = `${model}@${version}`;
    const key = `borrow/${name}/${label}/${earlier}`;
    const { result } = await ledger.once(key, digestOf(onnx.sha256), async (tx) => {
      const saved = await registry.saveCandidate(tx, {
        ...{ model: name, contender: BORROWED, onnx, signature, training },
        lineage: {
          ...lineage,
          cycle: `borrow/${name}/${label}`,
          // It was there before any own version, so the rows that the two are compared on are those of the own one.
          logicalTime: snapshot.start,
          borrowed: { model, version, logicalTime: lineage.logicalTime },
          parent: null,
        },
      });
      const subject = `version/${saved.version}`;
      await audit.add(tx, { model: name, asOf, by, action: 'version.borrowed', subject, details: { model, version } });
      return { version: saved.version };
    });
    return result.version;
  }
}

function refused(borrower: string, found: string, allowed: string): UnderstudyError {
  const message = `${borrower} cannot borrow: found ${found}; allowed is ${allowed}.`;
  return new UnderstudyError('BORROW_REFUSED', message, { model: borrower });
}
