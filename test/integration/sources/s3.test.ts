// Objects of a real S3-compatible server in a process of its own.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { loadConfig } from '../../../src/config';
import { createSourceFiles, type SourceFiles } from '../../../src/data/sources/files';
import { obtainS3Server, startS3Server, type S3Server } from '../../setup/s3-server';
import { failureOf } from '../../unit/sources/failing';

const binary = obtainS3Server();
const suite = binary === null ? describe.skip : describe;

suite('an object in S3', () => {
  const dir = mkdtempSync(join(tmpdir(), 'understudy-s3-files-'));
  const before = { ...process.env };
  let server: S3Server;
  let client: S3Client;
  let sources: SourceFiles;
  beforeAll(async () => {
    server = await startS3Server(binary!, ['raw']);
    Object.assign(process.env, server.variables);
    const { sourceS3 } = loadConfig();
    sources = createSourceFiles(sourceS3, { attempts: 2, firstWaitMs: 5 });
    client = new S3Client({ ...sourceS3, forcePathStyle: true });
    for (const [key, body] of [
      ['2013/03/01/a.csv', 'day,a\n'],
      ['2013/03/01/b.csv', 'day,b\n'],
      ['2013/03/01/deeper/c.csv', 'day,c\n'],
      ['2013/03/02/a.csv', 'other'],
    ] as const)
      await client.send(new PutObjectCommand({ Bucket: 'raw', Key: key, Body: body }));
  });
  afterAll(async () => {
    client.destroy();
    await server.stop();
    for (const name of Object.keys(server.variables)) delete process.env[name];
    Object.assign(process.env, before);
    rmSync(dir, { recursive: true, force: true });
  });

  const fetch = async (
    address: string,
    known?: Parameters<Awaited<ReturnType<SourceFiles['find']>>[0]['fetch']>[0]['known'],
  ) => (await sources.find(address, '/'))[0]!.fetch({ dir, ...(known ? { known } : {}) });

  it('is downloaded with the digest of its bytes, and not again while it is the same', async () => {
    const first = await fetch('s3://raw/2013/03/01/a.csv');
    expect(readFileSync(first.path!, 'utf8')).toBe('day,a\n');
    expect(first.revision.sha256).toBe(createHash('sha256').update('day,a\n').digest('hex'));
    expect(await fetch('s3://raw/2013/03/01/a.csv', first.revision)).toEqual({ revision: first.revision, path: null });
  });

  it('is read again when it has changed', async () => {
    const put = (body: string) => client.send(new PutObjectCommand({ Bucket: 'raw', Key: 'changing', Body: body }));
    await put('one');
    const { revision } = await fetch('s3://raw/changing');
    await put('two');
    const changed = await fetch('s3://raw/changing', revision);
    expect(readFileSync(changed.path!, 'utf8')).toBe('two');
    expect(changed.revision.sha256).not.toBe(revision.sha256);
  });

  it('uploaded in parts is named by the digest of all its bytes', async () => {
    const where = { Bucket: 'raw', Key: 'large.bin' };
    const parts = [Buffer.alloc(5 << 20, 1), Buffer.alloc(3 << 20, 2)];
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(where));
    const done = [];
    for (const [at, Body] of parts.entries()) {
      const part = { ...where, UploadId, PartNumber: at + 1, Body };
      done.push({ PartNumber: at + 1, ETag: (await client.send(new UploadPartCommand(part))).ETag });
    }
    const MultipartUpload = { Parts: done };
    await client.send(new CompleteMultipartUploadCommand({ ...where, UploadId, MultipartUpload }));
    const { revision } = await fetch('s3://raw/large.bin');
    const sha256 = createHash('sha256').update(Buffer.concat(parts)).digest('hex');
    expect(revision).toMatchObject({ bytes: 8 << 20, sha256 });
  });

  it('is found by globs within one part of the key', async () => {
    const names = async (address: string) => (await sources.find(address, '/')).map(({ name }) => name);
    expect(await names('s3://raw/2013/03/01/*.csv')).toEqual([
      's3://raw/2013/03/01/a.csv',
      's3://raw/2013/03/01/b.csv',
    ]);
    expect(await names('s3://raw/2013/*/*/a.csv')).toEqual(['s3://raw/2013/03/01/a.csv', 's3://raw/2013/03/02/a.csv']);
  });

  it('is found among more objects than one answer lists', async () => {
    const keys = Array.from({ length: 1005 }, (_, at) => `many/${String(at).padStart(4, '0')}.csv`);
    for (let at = 0; at < keys.length; at += 50)
      await Promise.all(
        keys.slice(at, at + 50).map((Key) => client.send(new PutObjectCommand({ Bucket: 'raw', Key, Body: 'x' }))),
      );
    expect(await sources.find('s3://raw/many/*.csv', '/')).toHaveLength(1005);
    expect(await sources.find('s3://raw/many/*4.csv', '/')).toHaveLength(101);
  });

  it('that is not there, in no bucket, or matches nothing, is not found', async () => {
    expect(await failureOf(fetch('s3://raw/2014/a.csv'))).toBe(
      'SOURCE_NOT_FOUND: s3://raw/2014/a.csv: there is no such object (found: NoSuchKey, status 404; allowed: an object that may be read)',
    );
    expect(await failureOf(fetch('s3://nowhere/a.csv'))).toBe(
      'SOURCE_NOT_FOUND: s3://nowhere/a.csv: there is no bucket "nowhere" (found: NoSuchBucket, status 404; allowed: an object that may be read)',
    );
    expect(await failureOf(sources.find('s3://raw/2013/03/01/*.parquet', '/'))).toBe(
      'SOURCE_NOT_FOUND: s3://raw/2013/03/01/*.parquet: nothing matches (found: 3 objects under s3://raw/2013/03/01/; allowed: at least one object of this pattern)',
    );
  });

  it('is not read with a wrong key', async () => {
    process.env['AWS_SECRET_ACCESS_KEY'] = 'wrong';
    try {
      const [file] = await createSourceFiles(loadConfig().sourceS3).find('s3://raw/2013/03/01/a.csv', '/');
      expect(await failureOf(file!.fetch({ dir }))).toBe(
        'SOURCE_UNREADABLE: s3://raw/2013/03/01/a.csv: access denied (found: SignatureDoesNotMatch, status 403; allowed: an object that may be read)',
      );
    } finally {
      process.env['AWS_SECRET_ACCESS_KEY'] = server.variables['AWS_SECRET_ACCESS_KEY'];
    }
  });

  it('of a store that does not run is unavailable', async () => {
    const gone = createSourceFiles({ endpoint: 'http://127.0.0.1:1', region: 'us-east-1' }, { attempts: 1 });
    const [file] = await gone.find('s3://raw/a.csv', '/');
    expect(await failureOf(file!.fetch({ dir }))).toBe(
      'SOURCE_UNAVAILABLE: s3://raw/a.csv: the store failed to answer (found: connection refused; allowed: a store that answers)',
    );
  });
});
