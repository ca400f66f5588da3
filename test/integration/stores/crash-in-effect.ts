// A process that dies (SIGKILL) after its effect has written and before the ledger commits; started by ledger.test.ts.
import { createStores } from '../../../src/stores/stores';
import { AS_OF } from './fixtures';

async function main(databaseUrl: string): Promise<void> {
  const stores = await createStores(databaseUrl);
  await stores.ledger.once('step/m/crash', 'digest', async (tx) => {
    await stores.audit.add(tx, { model: 'm', asOf: AS_OF, by: 'child', action: 'step', subject: 'x', details: {} });
    process.kill(process.pid, 'SIGKILL');
  });
}

void main(process.argv[2] ?? '');
