// The embedded Temporal server: the CLI's dev server on a SQLite file, with the settings that were measured to matter, and what any server
// needs before workers start: search attributes of the right type, histories that are kept long enough.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Connection, type ConnectionOptions } from '@temporalio/client';
import { UnderstudyError } from '../domain/failures';
import { LOOPBACK } from './ports';
import type { ChildSpec } from './supervisor';

/** Names and types of our search attributes, as the CLI writes them. */
export const SEARCH_ATTRIBUTES = {
  UnderstudyModel: 'Keyword',
  UnderstudyPhase: 'Keyword',
  UnderstudyChampion: 'Keyword',
  UnderstudyHealth: 'Keyword',
  UnderstudyPendingApproval: 'Bool',
} as const;
/** Numbers of these types in Temporal's API. */
const INDEXED_VALUE_TYPES = { Keyword: 2, Bool: 5 } as const;
const RETENTION_DAYS = 30;
/** A power cut may lose the last seconds with synchronous=NORMAL, never the file; a killed process loses nothing. */
const SQLITE_PRAGMAS = ['journal_mode=WAL', 'synchronous=NORMAL'];
/** The dev server has one shard, read 20 times a second by default: 52 ms per activity. And timers come late by a second. */
const DYNAMIC_CONFIG = [
  'history.transferProcessorMaxPollRPS=2000',
  'history.timerProcessorMaxPollRPS=2000',
  'history.visibilityProcessorMaxPollRPS=2000',
  'history.timerProcessorMaxTimeShift="10ms"',
];

export function temporalChild(
  binary: string,
  home: string,
  { port, uiPort, namespace }: { readonly port: number; readonly uiPort: number; readonly namespace: string },
  environment: Readonly<Record<string, string>>,
): ChildSpec {
  const folder = join(home, 'temporal');
  mkdirSync(folder, { recursive: true });
  const args = ['server', 'start-dev', '--ip', LOOPBACK, '--port', String(port), '--ui-port', String(uiPort)];
  args.push('--db-filename', join(folder, 'temporal.db'), '--log-level', 'error', '--log-format', 'json');
  if (namespace !== 'default') args.push('--namespace', namespace);
  for (const pragma of SQLITE_PRAGMAS) args.push('--sqlite-pragma', pragma);
  for (const value of DYNAMIC_CONFIG) args.push('--dynamic-config-value', value);
  for (const [name, type] of Object.entries(SEARCH_ATTRIBUTES)) args.push('--search-attribute', `${name}=${type}`);
  const address = `${LOOPBACK}:${port}`;
  return {
    name: 'temporal',
    command: binary,
    args,
    env: environment,
    isReady: () => answers({ address }),
    readyTimeoutMs: existsSync(join(folder, 'temporal.db')) ? 60_000 : 30_000,
  };
}

async function answers(options: ConnectionOptions): Promise<boolean> {
  try {
    const connection = await Connection.connect({ ...options, connectTimeout: 1000 });
    try {
      await connection.workflowService.describeNamespace({ namespace: 'default' });
      return true;
    } finally {
      await connection.close();
    }
  } catch {
    return false;
  }
}

/** Registers what is missing and verifies the rest: upserting an attribute that is not registered would wedge every lifecycle. */
export async function prepareNamespace(
  options: ConnectionOptions,
  namespace: string,
  embedded: boolean,
): Promise<void> {
  const connection = await Connection.connect(options).catch((error: unknown) => {
    throw new UnderstudyError(
      'TEMPORAL_UNAVAILABLE',
      `Temporal at ${options.address ?? 'the default address'} does not answer`,
      {},
      { cause: error },
    );
  });
  try {
    if (embedded) {
      const seconds = RETENTION_DAYS * 86_400;
      await connection.workflowService.updateNamespace({
        namespace,
        config: { workflowExecutionRetentionTtl: { seconds: seconds as never } },
      });
    }
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const missing: Record<string, number> = {};
    for (const [name, type] of Object.entries(SEARCH_ATTRIBUTES)) {
      const found = customAttributes?.[name];
      if (found === undefined || found === null) missing[name] = INDEXED_VALUE_TYPES[type];
      else if (Number(found) !== INDEXED_VALUE_TYPES[type]) {
        throw new UnderstudyError(
          'SEARCH_ATTRIBUTE_CONFLICT',
          `search attribute ${name} of namespace ${namespace} has type ${found}, allowed is ${type} (${INDEXED_VALUE_TYPES[type]})`,
        );
      }
    }
    if (Object.keys(missing).length > 0)
      await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: missing });
  } finally {
    await connection.close();
  }
}
