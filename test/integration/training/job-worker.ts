// Starts a worker process that watches a product's jobs elsewhere, and kills it.
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { temporalAddress, type Product } from '../../setup/product';

export interface JobWorker {
  /** SIGKILL; a second time changes nothing. */
  kill(): Promise<void>;
}

/** Resolves once it polls. */
export async function startJobWorker(product: Product): Promise<JobWorker> {
  const { namespace, databaseUrl, artifactStore, servingUrl } = product;
  const addresses = { temporal: temporalAddress(), namespace, databaseUrl, artifactStore, callbackUrl: servingUrl };
  const entry = join(__dirname, '../../setup/jobs/worker-main.ts');
  const child = spawn(process.execPath, ['--require', require.resolve('tsx/cjs'), entry, JSON.stringify(addresses)], {
    cwd: resolve(__dirname, '../../..'),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = new Promise<void>((settle) => child.once('exit', () => settle()));
  await Promise.race([
    new Promise<void>((settle) => child.stdout.once('data', () => settle())),
    exited.then(() => Promise.reject(new Error('the worker of jobs ended'))),
  ]);
  return {
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
