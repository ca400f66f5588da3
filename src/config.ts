// Environment to frozen configuration: the only reader of process.env.
// Invariant: a bad value stops the process here, with the variable's name, what was found and what is allowed.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadClientConfigProfile, loadClientConnectConfig } from '@temporalio/envconfig';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import { z } from 'zod';
import { UnderstudyError } from './domain/failures';

/** How to reach Temporal. `external` is false when neither TEMPORAL_ADDRESS nor a profile names a server: then the embedded one is used. */
export interface TemporalSettings {
  readonly external: boolean;
  /** `host:port`; only with an external server. */
  readonly address?: string;
  /** Default `default`. */
  readonly namespace: string;
  /** TLS, key and headers as `@temporalio/envconfig` read them; for `Connection.connect` and `NativeConnection.connect`. */
  readonly connectionOptions: ClientConnectConfig['connectionOptions'];
}

/** Least to most: what the processes write to their logs. */
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug', 'trace'] as const;
/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The configuration of one process. Paths are absolute. */
export interface Config {
  /** The folder with Understudy's own package.json. */
  readonly packageRoot: string;
  /** UNDERSTUDY_HOME: data, logs and pid files of one stack. Default `<cwd>/.understudy`. */
  readonly home: string;
  /** UNDERSTUDY_CACHE: the Temporal binary and the Python environment, shared by several homes. Default `<package>/.understudy/cache`. */
  readonly cache: string;
  /** UNDERSTUDY_MODELS: the folder of definitions. Default `<package>/models`. */
  readonly models: string;
  /** DATABASE_URL: an existing PostgreSQL; absent means the embedded one. */
  readonly databaseUrl?: string;
  /** ARTIFACT_STORE: `file:///…` or `s3://bucket/prefix`. Default `file://<home>/artifacts`. */
  readonly artifactStore: string;
  /** ARTIFACT_CACHE_MB: bound of `<home>/artifact-cache`, files of an `s3://` artifact store on this machine, in MiB. Default 10240. */
  readonly artifactCacheMb: number;
  /** SOURCE_*: addresses of PostgreSQL databases that tables are read from, by variable. Hold secrets: never log them. */
  readonly sourceConnections: Readonly<Record<string, string>>;
  /** TRAINER_*: values of headers that contenders send to their job servers, by variable. Secrets: never log them. */
  readonly trainerSecrets: Readonly<Record<string, string>>;
  /** CALLBACK_URL: where jobs elsewhere reach the serving process. Default: its own address. No slash at its end. */
  readonly callbackUrl?: string;
  /** AWS_ENDPOINT_URL_S3: an S3-compatible store of one's own for `s3://` sources and artifacts; then the region defaults to us-east-1. */
  readonly sourceS3: { readonly endpoint?: string; readonly region?: string };
  /** TEMPORAL_CLI_PATH: a `temporal` binary to use. */
  readonly temporalCliPath?: string;
  /** PYTHON: the interpreter to use, a path or a name on PATH. */
  readonly python?: string;
  /** SERVING_PORT. Default 8600, or a free one when that is taken; 0 means any free one. */
  readonly servingPort: number;
  /** Whether SERVING_PORT was set: a port that a person asked for is never replaced by another. */
  readonly servingPortIsExplicit: boolean;
  /** SERVING_URL: a serving process that runs elsewhere, or the address that was given to this process. No slash at its end. */
  readonly servingUrl?: string;
  /** ALERT_WEBHOOK_URL: where alerts are posted. */
  readonly alertWebhookUrl?: string;
  /** ALERT_WEBHOOK_SECRET: signs the posts. */
  readonly alertWebhookSecret?: string;
  /** TRAINING_THREADS: threads of one training. Default 2. */
  readonly trainingThreads: number;
  /** LOG_LEVEL. Default `info`. */
  readonly logLevel: LogLevel;
  /** UNDERSTUDY_POLL_MS: how often serving and the outbox look for news, in milliseconds. Default 500. */
  readonly pollMs: number;
  /** UNDERSTUDY_ROLE: which worker this process is; set by the stack. */
  readonly role?: 'control' | 'data';
  /** UNDERSTUDY_READY_FILE: the file that this process writes once it works; set by the stack. */
  readonly readyFile?: string;
  /** TEMPORAL_* and the profile. */
  readonly temporal: TemporalSettings;
  /** The whole environment, to hand on to child processes. Holds secrets: never log it. */
  readonly environment: Readonly<Record<string, string>>;
}

const path = z.string().refine((value) => !value.includes('\0'));
const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .refine((value) => value >= least && value <= most);
const url = (...protocols: readonly string[]) =>
  z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol));

/** Every variable of our own: how it is read, and what a person may write. */
const VARIABLES = {
  UNDERSTUDY_HOME: { schema: path, allowed: 'a folder' },
  UNDERSTUDY_CACHE: { schema: path, allowed: 'a folder' },
  UNDERSTUDY_MODELS: { schema: path, allowed: 'a folder' },
  DATABASE_URL: { schema: url('postgres:', 'postgresql:'), allowed: 'postgresql://user:password@host:port/database' },
  ARTIFACT_STORE: {
    schema: url('file:', 's3:').refine((value) =>
      value.startsWith('file:') ? value.startsWith('file:///') : new URL(value).host !== '',
    ),
    allowed: 'file:///absolute/folder or s3://bucket/prefix',
  },
  ARTIFACT_CACHE_MB: { schema: wholeNumber(64, 100_000_000), allowed: 'a whole number from 64 to 100000000' },
  AWS_ENDPOINT_URL_S3: { schema: url('http:', 'https:'), allowed: 'http://host:port or https://host' },
  TEMPORAL_CLI_PATH: { schema: path, allowed: 'the path of a temporal binary' },
  PYTHON: { schema: path, allowed: 'the path of a Python interpreter, or its name on PATH' },
  SERVING_PORT: { schema: wholeNumber(0, 65_535), allowed: 'a whole number from 0 to 65535' },
  SERVING_URL: { schema: url('http:', 'https:'), allowed: 'http://host:port or https://host' },
  CALLBACK_URL: { schema: url('http:', 'https:'), allowed: 'http://host:port or https://host' },
  ALERT_WEBHOOK_URL: { schema: url('http:', 'https:'), allowed: 'an http:// or https:// address' },
  ALERT_WEBHOOK_SECRET: { schema: z.string().min(8), allowed: 'at least 8 characters' },
  TRAINING_THREADS: { schema: wholeNumber(1, 256), allowed: 'a whole number from 1 to 256' },
  LOG_LEVEL: { schema: z.enum(LOG_LEVELS), allowed: LOG_LEVELS.join(', ') },
  UNDERSTUDY_POLL_MS: { schema: wholeNumber(10, 60_000), allowed: 'milliseconds, a whole number from 10 to 60000' },
  UNDERSTUDY_ROLE: { schema: z.enum(['control', 'data']), allowed: 'control, data' },
  UNDERSTUDY_READY_FILE: { schema: path, allowed: 'a file' },
} as const;
type VariableName = keyof typeof VARIABLES;
type ValueOf<Name extends VariableName> = z.output<(typeof VARIABLES)[Name]['schema']>;

/**
 * Reads the environment, once per process.
 *
 * @param env - default `process.env`; an empty value counts as not set.
 * @param cwd - default the current folder; relative paths start there.
 * @throws UnderstudyError CONFIG_INVALID - names the variable, what was found, what is allowed.
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env, cwd: string = process.cwd()): Config {
  const read = <Name extends VariableName>(name: Name): ValueOf<Name> | undefined => {
    const text = env[name];
    if (text === undefined || text === '') return undefined;
    const parsed = VARIABLES[name].schema.safeParse(text);
    if (parsed.success) return parsed.data as ValueOf<Name>;
    throw invalid(name, shown(name, text), VARIABLES[name].allowed);
  };
  const folder = (name: VariableName, otherwise: string): string => resolve(cwd, String(read(name) ?? otherwise));
  const packageRoot = findPackageRoot(__dirname);
  // The AWS SDK's own switch: its warning that later releases need a newer Node.js would stand in every process's output.
  if (env === process.env) env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const home = folder('UNDERSTUDY_HOME', '.understudy');
  const environment = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  return Object.freeze({
    packageRoot,
    home,
    cache: folder('UNDERSTUDY_CACHE', join(packageRoot, '.understudy', 'cache')),
    models: folder('UNDERSTUDY_MODELS', join(packageRoot, 'models')),
    ...present('databaseUrl', read('DATABASE_URL')),
    artifactStore: read('ARTIFACT_STORE') ?? pathToFileURL(join(home, 'artifacts')).href,
    artifactCacheMb: read('ARTIFACT_CACHE_MB') ?? 10_240,
    sourceConnections: Object.freeze(sourceConnections(environment)),
    trainerSecrets: Object.freeze(
      Object.fromEntries(
        Object.entries(environment).filter(([name, value]) => /^TRAINER_[A-Z0-9_]+$/.test(name) && value !== ''),
      ),
    ),
    ...present('callbackUrl', read('CALLBACK_URL')?.replace(/\/+$/, '')),
    sourceS3: sourceS3(read('AWS_ENDPOINT_URL_S3'), environment),
    ...present('temporalCliPath', read('TEMPORAL_CLI_PATH')),
    ...present('python', read('PYTHON')),
    servingPort: read('SERVING_PORT') ?? 8600,
    servingPortIsExplicit: read('SERVING_PORT') !== undefined,
    ...present('servingUrl', read('SERVING_URL')?.replace(/\/+$/, '')),
    ...present('alertWebhookUrl', read('ALERT_WEBHOOK_URL')),
    ...present('alertWebhookSecret', read('ALERT_WEBHOOK_SECRET')),
    trainingThreads: read('TRAINING_THREADS') ?? 2,
    logLevel: read('LOG_LEVEL') ?? 'info',
    pollMs: read('UNDERSTUDY_POLL_MS') ?? 500,
    ...present('role', read('UNDERSTUDY_ROLE')),
    ...present('readyFile', read('UNDERSTUDY_READY_FILE')),
    temporal: loadTemporal(environment),
    environment: Object.freeze(environment),
  });
}

/** Definitions name these variables, so that no secret stands in a definition. */
function sourceConnections(environment: Record<string, string>): Record<string, string> {
  const given = Object.entries(environment).filter(([name, value]) => /^SOURCE_[A-Z0-9_]+$/.test(name) && value !== '');
  const postgres = url('postgres:', 'postgresql:');
  for (const [name, value] of given) {
    if (!postgres.safeParse(value).success)
      throw invalid(name, value.replace(/(:\/\/[^:@/]*:)[^@/]*@/, '$1***@'), VARIABLES.DATABASE_URL.allowed);
  }
  return Object.fromEntries(given);
}

/** Stores that are not AWS have no regions, but the SDK wants one. */
function sourceS3(endpoint: string | undefined, environment: Record<string, string>): Config['sourceS3'] {
  if (endpoint === undefined) return Object.freeze({});
  const named = environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'];
  return Object.freeze({ endpoint, region: named || 'us-east-1' });
}

/** Temporal's own variables and profiles, read by Temporal's own library, so that they mean here what they mean to the `temporal` CLI. */
function loadTemporal(environment: Record<string, string>): TemporalSettings {
  const options = { overrideEnvVars: environment };
  try {
    const { address } = loadClientConfigProfile(options);
    const { connectionOptions, namespace } = loadClientConnectConfig(options);
    return Object.freeze({
      external: address !== undefined && address !== '',
      ...present('address', address),
      namespace: namespace ?? 'default',
      connectionOptions,
    });
  } catch (cause) {
    const variable = environment['TEMPORAL_PROFILE'] ? 'TEMPORAL_PROFILE' : 'TEMPORAL_CONFIG_FILE';
    throw new UnderstudyError(
      'CONFIG_INVALID',
      `Temporal's settings cannot be read (${(cause as Error).message}). Look at the TEMPORAL_* variables and at the profile file ` +
        `(${variable} is ${JSON.stringify(environment[variable] ?? '')}); allowed is what the temporal CLI accepts.`,
      { variable },
      { cause },
    );
  }
}

function invalid(variable: string, found: string, allowed: string): UnderstudyError {
  return new UnderstudyError('CONFIG_INVALID', `${variable} is ${JSON.stringify(found)}; allowed: ${allowed}.`, {
    variable,
    found,
    allowed,
  });
}

/** What may be repeated in a message: secrets and passwords are masked. */
function shown(name: VariableName, text: string): string {
  if (name === 'ALERT_WEBHOOK_SECRET') return '*'.repeat(Math.min(text.length, 7));
  return text.replace(/(:\/\/[^:@/]*:)[^@/]*@/, '$1***@');
}

function present<Key extends string, Value>(key: Key, value: Value | undefined): Partial<Record<Key, Value>> {
  return value === undefined ? {} : ({ [key]: value } as Record<Key, Value>);
}

/** The nearest folder above that holds our package.json: the same in the sources and in the build. */
function findPackageRoot(start: string): string {
  for (let folder = start; folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file) && (JSON.parse(readFileSync(file, 'utf8')) as { name?: string }).name === 'understudy')
      return folder;
  }
  return resolve(start, '..');
}
