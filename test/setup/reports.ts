// Commands that read artifacts, in this process over an engine of a test's own: what they print, and the exit code.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createModelReports } from '../../src/activities/explaining/model-reports';
import { createDecisionReports } from '../../src/activities/judging/reports';
import type { CliContext } from '../../src/cli/command';
import { createEngine, type Engine } from '../../src/data/engine';
import { runCommand } from './command-line';
import type { Product } from './product';

export interface Reports {
  readonly engine: Engine;
  /** A folder that `close` removes. */
  readonly scratch: string;
  /** Runs a command. A failure is thrown as such. */
  run(args: readonly string[], more?: Partial<CliContext>): Promise<{ readonly text: string; readonly code: number }>;
  close(): void;
}

/** Opens the engine; `close` it before the product. */
export async function openReports(product: Product): Promise<Reports> {
  const scratch = mkdtempSync(join(tmpdir(), 'understudy-test-reports-'));
  const engine = await createEngine({ threads: 1, memoryLimitMb: 512, tempDir: scratch });
  const over = { stores: product.stores, artifacts: product.artifacts, engine };
  return {
    ...{ engine, scratch },
    async run(args, more = {}) {
      let code = 0;
      const text = await runCommand(product, args, {
        decisionReports: () => Promise.resolve(createDecisionReports(over)),
        modelReports: () => Promise.resolve(createModelReports(over)),
        setExitCode: (next) => void (code = next),
        ...more,
      });
      return { text, code };
    },
    close() {
      engine.close();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}
