// Entry of a worker process; UNDERSTUDY_ROLE says which. Writes its ready file once it polls, and ends cleanly on SIGTERM or SIGINT.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../config';
import { UnderstudyError } from '../domain/failures';
import { createStores } from '../stores/stores';
import { startControlWorker } from './control-worker';
import { startDataWorker } from './data-worker';

async function main(): Promise<void> {
  const config = loadConfig();
  if (!config.databaseUrl)
    throw new UnderstudyError('CONFIG_INVALID', 'DATABASE_URL: not set; the stack sets it for its workers');
  const stores = await createStores(config.databaseUrl);
  const running =
    config.role === 'data'
      ? await startDataWorker(config, stores)
      : await startControlWorker(config, stores, { codePath: bundlePath(config.packageRoot) });
  const run = running.worker.run();
  if (config.readyFile) writeFileSync(config.readyFile, String(process.pid));
  await run;
  await running.close();
  await stores.close();
}

/** Workflows are bundled by the build; a worker never bundles, so that what runs is what was tested. */
function bundlePath(packageRoot: string): string {
  const path = join(packageRoot, 'dist', 'workflow-bundle.js');
  if (existsSync(path)) return path;
  throw new UnderstudyError('STACK_NOT_OBTAINED', `${path}: there is no workflow bundle; run: npm run build`);
}

main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof UnderstudyError ? `${error.code}: ${error.message}` : String((error as Error)?.stack ?? error)}\n`,
  );
  process.exit(1);
});
