// What a command is, and what it is given: the contract between main.ts and the files in commands/.
import type { ExperimentClient } from '../client/experiments';
import type { LifecycleClient } from '../client/lifecycle-client';
import type { ReproductionClient } from '../client/reproductions';
import type { ScheduleClient } from '../client/schedules';
import type { TaskQueues } from '../client/task-queues';
import type { ServedState } from '../client/serving-readiness';
import type { ColumnDescription, ColumnSketch } from '../domain/data/partitions';
import type { ModelPlan } from '../domain/plan/plan';
import type { ContenderFindings } from '../domain/training/training';
import type { Loans } from '../ports/loans';
import type { ArtifactReports } from '../ports/artifact-reports';
import type { DecisionReports } from '../ports/decision-reports';
import type { ModelReports } from '../ports/explanations';
import type { FeatureReports } from '../ports/features';
import type { Stores } from '../ports/stores';
import type { Output } from './output';

/** One option of a command, as `--name` on the command line. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  /** One line for --help. */
  readonly help: string;
  /** What stands for the value in --help, such as `DAY`. Only with type `string`. */
  readonly value?: string;
  readonly required?: boolean;
  /** May be given several times; the values come as one text, separated by commas. */
  readonly multiple?: boolean;
}

/** What a person typed, checked against the command's specification. */
export interface CommandInput {
  /** Positional arguments by name; one that was not given is absent. */
  readonly arguments: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string | boolean>>;
  /** Everything after the command's name, as typed. */
  readonly raw: readonly string[];
}

/** One command of the CLI. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /**
   * Names of positional arguments in their order; a `?` at the end makes one optional, `...` at the end of the last one stands for one or more, which
   * come as one text, separated by spaces.
   */
  readonly arguments: readonly string[];
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Hands all arguments on unparsed, to a program of its own. */
  readonly passThrough?: boolean;
  /** Example lines for --help, without `npx understudy`. */
  readonly examples?: readonly string[];
  run(context: CliContext, input: CommandInput): Promise<void>;
}

/** The messages and Schedules of lifecycles over one open connection. */
export interface TemporalAccess {
  readonly lifecycles: LifecycleClient;
  readonly schedules: ScheduleClient;
  readonly reproductions: ReproductionClient;
  readonly experiments: ExperimentClient;
  readonly taskQueues: TaskQueues;
}

/** One thing that `doctor` looked at. */
export interface Finding {
  readonly what: string;
  readonly state: 'found' | 'missing';
  readonly detail: string;
  /** What to do; empty when found. */
  readonly remedy: string;
}

/** A drafted contract: TypeScript for people, the same as data. */
export interface ContractDraft {
  readonly text: string;
  readonly document: unknown;
  /** Rows that were read; `partial`: the file has more. */
  readonly rows: number;
  readonly partial: boolean;
}

/** What commands work with. Connections are opened on first use and closed by main.ts. */
export interface CliContext {
  readonly output: Output;
  /** The folder of definitions. */
  readonly modelsDir: string;
  /** The folder with Understudy's package.json. */
  readonly packageRoot: string;
  /** Who sends the messages unless --by says otherwise; null: nobody is known. */
  readonly user: string | null;
  /** Fails with TEMPORAL_UNAVAILABLE. */
  readonly temporal: () => Promise<TemporalAccess>;
  /** Fails with DATABASE_UNAVAILABLE. */
  readonly stores: () => Promise<Stores>;
  /** Reports on features over the same stores. Fails with DATABASE_UNAVAILABLE. */
  readonly features: () => Promise<FeatureReports>;
  /** Reports that read artifacts, with an engine that main.ts closes. Fails with DATABASE_UNAVAILABLE, CONFIG_INVALID. */
  readonly artifactReports: () => Promise<ArtifactReports>;
  /** Reports on decisions and versions over the same engine. Fails with DATABASE_UNAVAILABLE, CONFIG_INVALID. */
  readonly decisionReports: () => Promise<DecisionReports>;
  /** Reports on single versions, as `artifactReports` are made. */
  readonly modelReports: () => Promise<ModelReports>;
  /** Takes loans of other models' versions. Fails with DATABASE_UNAVAILABLE. */
  readonly loans: () => Promise<Loans>;
  /** Runs another program of this package with this terminal; resolves with its exit code. `program` is relative to the built folder. */
  readonly runProgram: (program: string, args: readonly string[]) => Promise<number>;
  /** Aborted by Ctrl-C, from the first call on: for a command that only watches. Until then Ctrl-C ends the process. */
  readonly interruption: () => AbortSignal;
  /** The code with which the process ends when the command succeeds; 0 unless set. */
  readonly setExitCode: (code: number) => void;
  /** Merges the sketches of one column's partitions and describes them. */
  readonly describeSketches: (sketches: readonly ColumnSketch[]) => ColumnDescription;
  /** Reads a file and drafts its contract; options as typed: format, encoding, delimiter, null. Fails with USAGE for others, SOURCE_NOT_FOUND, SOURCE_UNREADABLE. */
  readonly inferTable: (path: string, options: Readonly<Record<string, string>>) => Promise<ContractDraft>;
  /** Lets the Python trainer look at a plan's contenders, where its environment is there. Fails with MODEL_CODE_FAILED. */
  readonly checkContenders: (plan: ModelPlan) => Promise<ContenderFindings>;
  /** What serving answers with; null: its address is not known, or it does not answer. */
  readonly serving: () => Promise<readonly ServedState[] | null>;
  /** Looks at everything that a running stack needs; for `doctor`. */
  readonly diagnose: () => Promise<Finding[]>;
}
