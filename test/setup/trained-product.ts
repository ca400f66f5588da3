// A product with real Python workers on an artifact store of its own, for tests that train as users do.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileArtifactStore } from '../../src/stores/artifacts/artifacts-file';
import { startProduct, type Product } from './product';
import { startPythonWorker, type PythonWorker } from './python-worker';

export interface TrainedProduct {
  readonly product: Product;
  /** The folder of the artifact store. */
  readonly artifacts: string;
  /** The worker that was started with it. */
  readonly worker: PythonWorker;
  /** One more worker. `queue`: default the trainer's own. */
  startWorker(queue?: string): Promise<PythonWorker>;
  /** Ends all of it, also workers that were killed meanwhile. */
  close(): Promise<void>;
}

/** Starts it with one worker on the trainer's own queue. */
export async function startTrainedProduct(): Promise<TrainedProduct> {
  const artifacts = mkdtempSync(join(tmpdir(), 'understudy-trained-'));
  const product = await startProduct({ artifacts: createFileArtifactStore(artifacts) });
  const workers: PythonWorker[] = [];
  const startWorker = async (queue?: string): Promise<PythonWorker> => {
    const where = { namespace: product.namespace, artifacts, models: product.modelsFolder };
    const worker = await startPythonWorker({ ...where, ...(queue === undefined ? {} : { queue }) });
    workers.push(worker);
    return worker;
  };
  return {
    ...{ product, artifacts, startWorker },
    worker: await startWorker(),
    async close() {
      for (const each of workers) await each.stop();
      await product.close();
      rmSync(artifacts, { recursive: true, force: true });
    },
  };
}
