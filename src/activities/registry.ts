// Registry and messages: the short control activities. Each effect passes the ledger or a transaction of its own.
import { lifecycleSettings } from '../definition/settings';
import { UnderstudyError } from '../domain/failures';
import type { ModelVersion, PromotionRequest } from '../domain/lifecycle/registry';
import { localDay } from '../domain/zones';
import { logicalDayOf } from '../domain/lifecycle/ticks';
import type { ControlActivities } from '../ports/activities';
import type { ControlDependencies } from './dependencies';
import { digestOf } from './digest';
import { planLoader } from './plans';
import { requireServable } from './servable';

type RegistryActivities = Omit<ControlActivities, 'awaitServing' | 'recordQuarantineVerdict' | 'recordArrivals'>;

export function createRegistryActivities({ stores, gateway, artifacts }: ControlDependencies): RegistryActivities {
  const { registry, definitions, outbox, ledger } = stores;
  const loadPlan = planLoader(definitions);
  return {
    async loadLifecycle({ model }) {
      const [pointer, current] = await Promise.all([registry.champion(model), definitions.current(model)]);
      const champion = pointer.version === null ? null : await registry.load(model, pointer.version);
      return {
        champion: champion && { version: champion.version, contender: champion.contender },
        previous: pointer.previous,
        epoch: pointer.epoch,
        definitionDigest: current?.digest ?? null,
      };
    },

    async loadSettings({ definitionDigest }) {
      return lifecycleSettings((await loadPlan(definitionDigest)).plan);
    },

    async localDayOf({ definitionDigest, asOf }) {
      return localDay(asOf, (await loadPlan(definitionDigest)).plan.timeZone);
    },

    async resolveVersion({ model, version, contender, purpose, override }) {
      const pointer = await registry.champion(model);
      if (purpose === 'rollback' && version === undefined && pointer.previous === null) {
        throw new UnderstudyError('NO_PREVIOUS', `${model} has no previous version to go back to`);
      }
      const wanted = version ?? (purpose === 'rollback' ? pointer.previous : null);
      const found =
        wanted === null ? await registry.newestOf(model, contender ?? '') : await registry.load(model, wanted);
      if (!found) throw new UnderstudyError('VERSION_NOT_FOUND', `${model} has no version of contender "${contender}"`);
      refuseUnfit(found, pointer.version, override);
      if (purpose === 'promote') await requireServable(artifacts, found);
      return { version: found.version };
    },

    async moveChampion(request) {
      const epoch = request.expectedEpoch + 1;
      const version = await registry.load(request.model, request.version);
      // Serving keeps previous open: a fallback or rollback needs no file, and must not wait for one.
      if (request.why === 'promotion' || request.why === 'override') await requireServable(artifacts, version);
      const { result } = await ledger.once(`move/${request.model}/${epoch}`, digestOf(request), async (tx) => {
        const pointer = await registry.move(tx, request, moveAlert(request, epoch));
        return pointer;
      });
      return { ...result, contender: version.contender };
    },

    async raiseAlert(alert) {
      await stores.transaction((tx) => outbox.add(tx, alert));
    },

    async recordApproval({ model, digest, verdict, by, comment, asOf }) {
      await ledger.once(`approval/${model}/${digest}`, digestOf({ verdict, by }), async (tx) => {
        const version = await registry.recordApproval(tx, model, digest, verdict, by, comment);
        // Nobody's answer ends the proposal alone; a later one may be answered. One that an override has brought to serve meanwhile stays what it is.
        if (verdict === 'rejected' && version !== null && (await registry.load(model, version)).state === 'candidate')
          await registry.setState(tx, model, version, 'rejected');
        await stores.audit.add(tx, {
          model,
          asOf,
          by,
          action: `proposal.${verdict}`,
          subject: digest,
          details: { comment, version },
        });
      });
    },

    findEnded: ({ ids }) => gateway.ended(ids),

    async deliverTick({ model, kind, asOf }) {
      const current = await definitions.current(model);
      if (!current) throw new UnderstudyError('MODEL_NOT_DEPLOYED', `${model} is not deployed`);
      const { plan } = await loadPlan(current.digest);
      return gateway.tick(model, current.clock, { kind, asOf, logicalTime: logicalDayOf(kind, asOf, plan.timeZone) });
    },
  };
}

/** A version that gates or a fallback ruled out serves again only when a person overrides, by name and reason. */
function refuseUnfit(found: ModelVersion, championVersion: number | null, override: boolean): void {
  const name = `version ${found.version}`;
  if (found.version === championVersion)
    throw new UnderstudyError('VERSION_NOT_ALLOWED', `${name} is the champion already`);
  if (found.state === 'deleted') throw new UnderstudyError('VERSION_NOT_ALLOWED', `${name} was deleted by retention`);
  if (found.state === 'experiment')
    throw new UnderstudyError(
      'VERSION_NOT_ALLOWED',
      `${name} is an experiment, which never serves; put its settings into the definition and retrain`,
    );
  if (!override && ['rejected', 'quarantined', 'candidate'].includes(found.state)) {
    throw new UnderstudyError(
      'VERSION_NOT_ALLOWED',
      `${name} is ${found.state}; without override only a version that has served before (previous or archived) can be promoted; --override with --reason lets it through`,
    );
  }
}

function moveAlert(
  request: PromotionRequest,
  epoch: number,
): Parameters<ControlDependencies['stores']['outbox']['add']>[1] {
  const { model, version, why, by, reason, asOf } = request;
  return {
    key: `champion-moved/${model}/${epoch}`,
    model,
    severity: why === 'fallback' ? 'critical' : 'info',
    event: `champion.${why}`,
    what: `version ${version} is now the champion of ${model} (${why} by ${by})`,
    why: reason,
    command: why === 'rollback' ? '' : `npx understudy rollback ${model} --reason "<why>"`,
    asOf,
  };
}
