// Files of https:// servers with real TLS: trusted by NODE_EXTRA_CA_CERTS, refused in plain words otherwise, and never retried for ever.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ModelPlanInput } from '../../../src/domain/plan/plan';
import tiny from '../../models/tiny/model';
import { startProduct, type Product } from '../../setup/product';
import { deployTiny } from '../../setup/tiny-lifecycle';
import { startWebServer } from '../../setup/web-server';

const CERTIFICATES = join(__dirname, '../../fixtures/tls');
const AUTHORITY = join(CERTIFICATES, 'authority.pem');
const [DAY, NEXT_DAY] = ['2013-03-04', '2013-03-05'] as const;
const WHY =
  'the certificate of localhost is not accepted (found: unable to verify the first certificate; allowed: a certificate for this host by an ' +
  'authority that is known, or that the file in NODE_EXTRA_CA_CERTS names)';

const content = readFileSync(join(__dirname, '../../models/tiny/results.csv'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'understudy-https-'));
let server: Server;
let port: number;
let asked: string[];
beforeAll(async () => {
  const pem = (name: string): string => readFileSync(join(CERTIFICATES, name), 'utf8');
  server = createServer({ cert: pem('server.pem'), key: pem('server.key.pem') }, (request, response) => {
    asked.push(request.url!);
    response.writeHead(200).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  port = (server.address() as AddressInfo).port;
});
beforeEach(() => void (asked = []));
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

/** What a data worker with this environment reads. */
async function read(address: string, environment: NodeJS.ProcessEnv): Promise<object> {
  const args = ['--require', 'tsx/cjs', join(__dirname, 'https-reader.ts'), address, folder];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...environment } });
  return JSON.parse(stdout) as object;
}

describe('a file of an https:// server', () => {
  it('is read when NODE_EXTRA_CA_CERTS names the authority of its certificate', async () => {
    const found = await read(`https://localhost:${port}/results.csv`, { NODE_EXTRA_CA_CERTS: AUTHORITY });
    expect(found).toEqual({ text: content });
    expect(asked).toEqual(['/results.csv']);
  });

  it('is not read from a server that nobody vouches for', async () => {
    const found = await read(`https://ann:secret@localhost:${port}/results.csv?token=x`, { NODE_EXTRA_CA_CERTS: '' });
    expect(found).toEqual({ code: 'SOURCE_UNREADABLE', message: `https://localhost:${port}/results.csv: ${WHY}` });
    expect(asked).toEqual([]);
  });

  it('is not read from another host than the one in the certificate', async () => {
    const address = `https://127.0.0.1:${port}/results.csv`;
    expect(await read(address, { NODE_EXTRA_CA_CERTS: AUTHORITY })).toEqual({
      code: 'SOURCE_UNREADABLE',
      message: expect.stringMatching(
        /^https:\/\/127\.0\.0\.1:\d+\/results\.csv: the certificate of 127\.0\.0\.1 is not accepted \(found: Hostname\/IP does not match certificate's altnames: IP: 127\.0\.0\.1 is not in the cert's list: ; allowed: /,
      ) as string,
    });
  });

  it('is unavailable while the server speaks no TLS', async () => {
    const plain = await startWebServer();
    const address = `${plain.url.replace('http:', 'https:')}/results.csv`;
    expect(await read(address, {})).toEqual({
      code: 'SOURCE_UNAVAILABLE',
      message: `${address}: the server cannot be reached (found: it does not speak TLS; allowed: a server that answers)`,
    });
    await plain.close();
  });
});

describe('the lifecycle', () => {
  let product: Product;
  beforeAll(async () => {
    product = await startProduct();
  });
  afterAll(() => product.close());

  /** The tiny model with its results on the server. */
  function resultsAt(address: string): { readonly tables: ModelPlanInput['tables'] } {
    const { orders, results } = tiny.plan.tables;
    const source = { format: 'csv', path: address, partitionBy: 'CAST(day AS DATE)' } as const;
    return { tables: { orders: orders!, results: { ...results!, source } } };
  }

  it('tells people of a server that it does not trust, goes on with the other tables, and does not try for ever', async () => {
    const model = await deployTiny(product, 'untrusted', resultsAt(`https://localhost:${port}/results.csv`));
    await model.tick('ingest', NEXT_DAY, `${NEXT_DAY}T08:00:00Z`);
    await model.until(() => product.alerts.of('untrusted', 'source.unreadable').length > 0, 15_000);
    const status = await model.atRest();
    const message = `SOURCE_UNREADABLE: https://localhost:${port}/results.csv: ${WHY}`;
    expect(product.alerts.of('untrusted', 'source.unreadable')).toMatchObject([{ why: message }]);
    expect(status.health).toBe('good');
    expect(await product.stores.partitions.newest('untrusted', 'orders', NEXT_DAY, NEXT_DAY)).toHaveLength(1);
    expect(asked).toEqual([]);
  });

  it('refuses an announced delivery of such a server at once', async () => {
    const model = await deployTiny(product, 'announced');
    const sha256 = createHash('sha256').update(content).digest('hex');
    const uri = `https://localhost:${port}/results.csv`;
    await product.lifecycles.dataArrived('announced', { table: 'results', partition: DAY, uri, sha256 });
    await model.until(() => product.alerts.of('announced', 'work.failed').length > 0, 15_000);
    await model.atRest();
    const [arrival] = await product.stores.arrivals.list('announced', 10);
    expect(arrival).toMatchObject({ outcome: 'refused', reason: `SOURCE_UNREADABLE: ${uri}: ${WHY}`.slice(0, 500) });
  });
});
