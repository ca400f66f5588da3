// The blocks of docs/temporal-cli.md that name one shell variable, run word for word by the stock `temporal` command against a test's own product.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { temporalAddress, type Product } from './product';

const PAGE = resolve(__dirname, '../../docs/temporal-cli.md');

/** The blocks with `$VARIABLE`, in the page's order. */
export function printedBlocks(variable: string): string[] {
  return [...readFileSync(PAGE, 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)]
    .map(([, block]) => block!)
    .filter((block) => new RegExp(`\\$${variable}\\b`).test(block));
}

/** Runs a block as it is printed, with `temporal` on PATH, and gives what it printed. Fails when it does. */
export async function runPrinted(
  product: Pick<Product, 'namespace'>,
  block: string,
  variables: Readonly<Record<string, string>>,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-test-printed-'));
  try {
    symlinkSync(process.env['UNDERSTUDY_TEST_TEMPORAL_CLI']!, join(folder, 'temporal'));
    const environment = {
      // Without SHLVL bash takes its pipe for a remote shell, and reads the machine's own settings.
      ...{ PATH: [folder, process.env['PATH'] ?? ''].join(delimiter), HOME: folder, SHLVL: '1' },
      ...{ TEMPORAL_ADDRESS: temporalAddress(), TEMPORAL_NAMESPACE: product.namespace, ...variables },
    };
    return (await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', block], { env: environment })).stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
