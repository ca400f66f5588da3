// Everything that the story works with: the running stack, its public doors, and read-only access to what it recorded.
// Invariant: actions go through the client, the CLI or HTTP; the stores and the artifacts are only read.
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { connectTemporal } from '../../../src/client/connection';
import { createLifecycleClient, type LifecycleClient } from '../../../src/client/lifecycle-client';
import { loadConfig, type Config } from '../../../src/config';
import { loadDefinition } from '../../../src/definition/catalog';
import type { ModelPlan } from '../../../src/domain/plan/plan';
import { startStack, type Stack } from '../../../src/embedded/stack';
import type { ArtifactStore } from '../../../src/ports/artifacts';
import type { Stores } from '../../../src/ports/stores';
import { createFileArtifactStore } from '../../../src/stores/artifacts/artifacts-file';
import { migrate } from '../../../src/stores/migrate';
import { createStores } from '../../../src/stores/stores';
import { createCli, type Cli } from './cli';
import { demoEnvironment, prepareHome } from './home';
import { startReceiver, type AlertReceiver } from './receiver';
import type { Screen, Show } from './screen';

/** The model that the demo lives with. */
export const MODEL = 'flight-delay';
/** Who signs the demo's messages: the approver whom the definition names. */
export const OPERATOR = 'ops';

/** The stage of the story. */
export interface World {
  readonly config: Config;
  readonly plan: ModelPlan;
  /** The model's folder in the demo's own copy. */
  readonly modelFolder: string;
  readonly stack: Stack;
  readonly temporal: Client;
  readonly lifecycles: LifecycleClient;
  readonly cli: Cli;
  /** Read only. */
  readonly stores: Stores;
  /** Read only. */
  readonly artifacts: ArtifactStore;
  readonly receiver: AlertReceiver;
  readonly screen: Screen;
  /** Stops everything in order; a second call does nothing. */
  close(): Promise<void>;
}

/** The folder of a run, for messages before there is a world. */
export function demoHome(): string {
  return join(loadConfig().home, 'demo');
}

/** What a world is opened with. */
export interface OpenOptions {
  readonly screen: Screen;
  readonly keep: boolean;
  readonly show: Show;
  /** Is given the way to stop everything before anything is started, for Ctrl-C. */
  readonly onOpening: (close: () => Promise<void>) => void;
}

/** Starts everything in the demo's own folder. What was started is stopped again when a later step fails. */
export async function openWorld({ screen, keep, show, onOpening }: OpenOptions): Promise<World> {
  const outer = loadConfig();
  const home = demoHome();
  const models = await prepareHome(home, outer.models, keep);
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  onOpening(close);
  try {
    const receiver = await startReceiver('demo-receiver-secret');
    closers.push(() => receiver.close());
    const config = loadConfig(
      demoEnvironment(outer.environment, {
        UNDERSTUDY_HOME: home,
        UNDERSTUDY_MODELS: models,
        UNDERSTUDY_CACHE: outer.cache,
        ALERT_WEBHOOK_URL: receiver.url,
        ALERT_WEBHOOK_SECRET: receiver.secret,
      }),
    );
    const starting = startStack(config, { onProgress: show, prepareDatabase: migrate });
    // Also while it starts: then its start is waited for, because half a stack cannot be stopped.
    closers.push(async () => (await starting.catch(() => null))?.stop());
    const stack = await starting;
    const connected = await connectTemporal(stack.addresses.temporal);
    closers.push(() => connected.close());
    const stores = await createStores(stack.addresses.databaseUrl);
    closers.push(() => stores.close());
    return {
      config,
      plan: loadDefinition(models, MODEL).plan,
      modelFolder: join(models, MODEL),
      stack,
      temporal: connected.client,
      lifecycles: createLifecycleClient(connected.client),
      cli: createCli(config.packageRoot, config.environment),
      stores,
      artifacts: createFileArtifactStore(stack.addresses.artifactStore),
      receiver,
      screen,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
