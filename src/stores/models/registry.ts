// The model registry on PostgreSQL: versions, the champion pointer, evaluations and decisions as one port.
import type { AuditLog, ModelRegistry, Outbox } from '../../ports/stores';
import { createChampions } from './champions';
import type { Database } from '../database';
import { createDecisions } from './decisions';
import { createVersions } from './versions';

/** The registry; a move writes through the given audit log and outbox, in the move's transaction. */
export function createModelRegistry(database: Database, audit: AuditLog, outbox: Outbox): ModelRegistry {
  return { ...createVersions(database), ...createChampions(database, audit, outbox), ...createDecisions(database) };
}
