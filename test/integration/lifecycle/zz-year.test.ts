import { join } from 'node:path';
import { mkdirSync, symlinkSync } from 'node:fs';
import { logistic } from '../../../src';
import { deploy } from '../../../src/client/definitions-client';
import { defineModel } from '../../../src/definition/define-model';
import flightDelay from '../../../models/flight-delay/model';
import { startProduct, type Product } from '../../setup/product';
let product: Product;
beforeAll(async () => { product = await startProduct(); });
afterAll(() => product.close());
it('year', async () => {
  mkdirSync(product.modelsFolder, { recursive: true });
  symlinkSync(join(__dirname, '../../../models/flight-delay'), join(product.modelsFolder, 'flight-delay'));
  const m = defineModel({ ...flightDelay.plan, contenders: { linear: logistic({ l2: 1000 }) }, online: { enabled: process.env['ONLINE'] !== '0' } } as never);
  const { planDigest } = require('../../../src/definition/digest');
  const digest = planDigest(m.plan);
  await product.stores.definitions.save(digest, m.plan, 'x');
  await product.stores.definitions.setCurrent('flight-delay', 'wall', digest);
  await product.lifecycles.configure('flight-delay', 'wall', { definitionDigest: digest });
  const once = async (to: string) => {
    const t = Date.now();
    await product.lifecycles.backfill('flight-delay', { from: '2013-01-01', to, by: 'x' });
    for (;;) { const s = await product.lifecycles.status('flight-delay'); if (s.queued === 0 && s.open.length === 0) break; await new Promise((r) => setTimeout(r, 30)); }
    return Date.now() - t;
  };
  const n = process.env['TO'] ?? '2013-12-31';
  const a = await once(n); const b = await once(n); const c = await once(n);
  console.log('first', a, 'again', b, c);
  console.log(JSON.stringify(await product.stores.partitions.totals('flight-delay')), JSON.stringify(await product.stores.watermarks.list('flight-delay')));
}, 600_000);
