// Every command of the CLI, in the order of --help: the list is the only place that a new command is added to.
import type { Command } from './command';
import { arrivals } from './commands/arrivals';
import { backfill } from './commands/backfill';
import { borrow } from './commands/borrow';
import { card } from './commands/card';
import { check } from './commands/check';
import { compare } from './commands/compare';
import { contributions } from './commands/contributions';
import { approve, reject } from './commands/decide';
import { deploy } from './commands/deploy';
import { describe } from './commands/describe';
import { docs } from './commands/docs';
import { doctor } from './commands/doctor';
import { monitor } from './commands/monitor';
import { plan } from './commands/plan';
import { demo, start } from './commands/processes';
import { evaluate } from './commands/evaluate';
import { experiment } from './commands/experiment';
import { explain } from './commands/explain';
import { infer } from './commands/infer';
import { promote, rollback } from './commands/promote';
import { quarantine } from './commands/quarantine';
import { decisions, lineage, versions } from './commands/registry';
import { reproduce } from './commands/reproduce';
import { snapshot } from './commands/snapshot';
import { status } from './commands/status';
import { trials, tune } from './commands/tuning';
import { views } from './commands/views';
import { ingest, pause, resume, retrain } from './commands/work';

export const COMMANDS: readonly Command[] = [
  start,
  demo,
  doctor,
  check,
  infer,
  plan,
  deploy,
  borrow,
  status,
  retrain,
  ingest,
  backfill,
  arrivals,
  quarantine,
  describe,
  docs,
  approve,
  reject,
  promote,
  rollback,
  views,
  snapshot,
  trials,
  tune,
  experiment,
  versions,
  decisions,
  explain,
  monitor,
  evaluate,
  compare,
  lineage,
  reproduce,
  card,
  contributions,
  pause,
  resume,
];
