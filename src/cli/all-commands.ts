// Every command of the CLI, in the order of --help: the list is the only place that a new command is added to.
import type { Command } from './command';
import { backfill } from './commands/backfill';
import { check } from './commands/check';
import { approve, reject } from './commands/decide';
import { deploy } from './commands/deploy';
import { doctor } from './commands/doctor';
import { demo, start } from './commands/processes';
import { promote, rollback } from './commands/promote';
import { decisions, lineage, versions } from './commands/registry';
import { status } from './commands/status';
import { ingest, pause, resume, retrain } from './commands/work';

export const COMMANDS: readonly Command[] = [
  start,
  demo,
  doctor,
  check,
  deploy,
  status,
  retrain,
  ingest,
  backfill,
  approve,
  reject,
  promote,
  rollback,
  versions,
  decisions,
  lineage,
  pause,
  resume,
];
