// Objects of an S3-compatible store under one prefix, through the AWS SDK: whole or absent, and checked by the store when they are written.
// Invariant: a failure of the store is told in one of our codes; what may pass is retried here first, then by whoever asked.
import { createReadStream, createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type * as Sdk from '@aws-sdk/client-s3';
import { UnderstudyError } from '../../domain/failures';

/** Where the store is. Credentials come from the usual AWS variables and files. */
export interface S3Settings {
  /** An endpoint of one's own (AWS_ENDPOINT_URL_S3); then buckets are addressed by path. Default: AWS. */
  readonly endpoint?: string;
  /** Default: as the SDK finds it. */
  readonly region?: string;
}

/** A bucket, and what stands before the names of our objects; empty: nothing. */
export interface S3Place extends S3Settings {
  readonly bucket: string;
  readonly prefix: string;
}

export interface S3Object {
  /** Without the prefix. */
  readonly name: string;
  readonly bytes: number;
  readonly modifiedAt: Date;
}

/** Objects by their names below the prefix. */
export interface S3Objects {
  /** `s3://bucket/prefix`, for messages. */
  readonly address: string;
  /** Null: there is no such object. */
  head(name: string): Promise<S3Object | null>;
  /** Writes an object; the store refuses it when its bytes do not have this digest (hexadecimal). */
  write(name: string, file: { readonly path: string; readonly bytes: number; readonly sha256: string }): Promise<void>;
  /** Downloads an object; false: there is none. */
  read(name: string, path: string): Promise<boolean>;
  /** All objects, in the order of their names. */
  list(): AsyncGenerator<S3Object>;
  /** Deleting what is not there is no error. */
  remove(name: string): Promise<void>;
}

/** A request that is answered by nothing for so long has failed. */
const CONNECT_WITHIN_MS = 5_000;
const SILENT_AT_MOST_MS = 60_000;
/** Bodies that are streams are not sent again by the SDK. */
const ATTEMPTS = 3;
const FIRST_WAIT_MS = 200;

/** Opens access; the SDK is loaded with the first request. */
export function createS3Objects(place: S3Place): S3Objects {
  const { bucket, prefix, endpoint, region } = place;
  const start = prefix === '' ? '' : `${prefix}/`;
  const address = `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`;
  const where = (name: string) => ({ Bucket: bucket, Key: start + name });
  let connecting: Promise<{ sdk: typeof Sdk; client: Sdk.S3Client }> | undefined;
  const connect = () =>
    (connecting ??= import('@aws-sdk/client-s3').then((sdk) => {
      const client = new sdk.S3Client({
        ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
        ...(region === undefined ? {} : { region }),
        // We give the checksum of every object ourselves, and compare the digest of what we read.
        requestChecksumCalculation: 'WHEN_REQUIRED',
        responseChecksumValidation: 'WHEN_REQUIRED',
        // What fails is told once, by our failures: the SDK would write to the console that it does not send a stream again.
        logger: SILENT,
        requestHandler: { connectionTimeout: CONNECT_WITHIN_MS, socketTimeout: SILENT_AT_MOST_MS },
      });
      return { sdk, client };
    }));

  async function request<T>(work: (sdk: typeof Sdk, client: Sdk.S3Client) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        const { sdk, client } = await connect();
        return await work(sdk, client);
      } catch (error) {
        if (isLocal(error)) throw error;
        const failure = failureOf(address, error);
        if (failure === 'absent' || !RETRIED.has(failure.code) || attempt === ATTEMPTS) throw error;
        await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT_MS * 2 ** attempt));
      }
    }
  }

  /** As {@link request}, with failures in our codes; null: what was asked for is not there. */
  async function ask<T>(work: (sdk: typeof Sdk, client: Sdk.S3Client) => Promise<T>): Promise<T | null> {
    try {
      return await request(work);
    } catch (error) {
      if (isLocal(error)) throw error;
      const failure = failureOf(address, error);
      if (failure === 'absent') return null;
      throw failure;
    }
  }

  return {
    address,
    async head(name) {
      const found = await ask((sdk, client) => client.send(new sdk.HeadObjectCommand(where(name))));
      return found && { name, bytes: found.ContentLength ?? 0, modifiedAt: found.LastModified ?? new Date(0) };
    },
    async write(name, { path, bytes, sha256 }) {
      await ask((sdk, client) =>
        client.send(
          new sdk.PutObjectCommand({
            ...where(name),
            Body: createReadStream(path),
            ContentLength: bytes,
            ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
          }),
        ),
      );
    },
    async read(name, path) {
      const found = await ask(async (sdk, client) => {
        const { Body } = await client.send(new sdk.GetObjectCommand(where(name)));
        await pipeline(Body as Readable, createWriteStream(path));
        return true;
      });
      return found !== null;
    },
    async *list() {
      let token: string | undefined;
      do {
        const input = { Bucket: bucket, Prefix: start, ...(token === undefined ? {} : { ContinuationToken: token }) };
        const page = await ask((sdk, client) => client.send(new sdk.ListObjectsV2Command(input)));
        for (const { Key, Size, LastModified } of page?.Contents ?? []) {
          if (Key === undefined) continue;
          yield { name: Key.slice(start.length), bytes: Size ?? 0, modifiedAt: LastModified ?? new Date(0) };
        }
        token = page?.NextContinuationToken;
      } while (token !== undefined);
    },
    async remove(name) {
      await ask((sdk, client) => client.send(new sdk.DeleteObjectCommand(where(name))));
    },
  };
}

const ignore = (): void => undefined;
const SILENT = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const RETRIED = new Set<string>(['STORE_UNAVAILABLE']);
const DENIED = new Set(['AccessDenied', 'InvalidAccessKeyId', 'SignatureDoesNotMatch', 'ExpiredToken', 'Forbidden']);
const FULL = new Set(['InsufficientStorage', 'QuotaExceeded', 'XMinioStorageFull']);
const LOCAL = new Set(['ENOENT', 'ENOSPC', 'EDQUOT', 'EACCES', 'EISDIR', 'EMFILE']);

/** Trouble with the file on this side is none of the store's. */
function isLocal(error: unknown): boolean {
  return error instanceof UnderstudyError || LOCAL.has((error as { code?: string } | null)?.code ?? '');
}

function failureOf(address: string, error: unknown): UnderstudyError | 'absent' {
  const { name, Code, message, $metadata } = (error ?? {}) as Partial<Sdk.S3ServiceException> & { Code?: string };
  const kind = Code ?? name ?? 'Error';
  const status = $metadata?.httpStatusCode;
  const found = status === undefined ? `${kind}: ${message ?? ''}` : `${kind}, status ${status}`;
  const failure = (code: UnderstudyError['code'], text: string): UnderstudyError =>
    new UnderstudyError(code, text, { store: address, found }, { cause: error });
  const invalid = (what: string, allowed: string): UnderstudyError =>
    failure('CONFIG_INVALID', `ARTIFACT_STORE is "${address}": ${what} (found: ${found}; allowed: ${allowed}).`);
  if (kind === 'NoSuchBucket') return invalid('there is no such bucket', 'a bucket that exists');
  if (status === 404) return 'absent';
  if (DENIED.has(kind) || status === 403) {
    return invalid('access denied', 'credentials that may list, read, write and delete');
  }
  if (kind === 'CredentialsProviderError' || /region is missing/i.test(message ?? '')) {
    const variables = 'AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, or another way that the AWS SDK knows';
    return invalid('it cannot be used', variables);
  }
  if (FULL.has(kind) || status === 507) {
    return failure('STORE_FULL', `The artifact store ${address} is full (${found}).`);
  }
  return failure('STORE_UNAVAILABLE', `The artifact store ${address} failed to answer (${found}).`);
}
