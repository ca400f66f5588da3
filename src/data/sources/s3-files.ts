// Objects of an S3-compatible store, by key or glob. An ETag only tells whether an object has changed: of a multipart upload it is no digest.
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import type * as Sdk from '@aws-sdk/client-s3';
import type { UnderstudyError } from '../../domain/failures';
import { download, type Answer, type Patience } from './download';
import { globExpression, isGlob, literalPrefix } from './glob';
import { certificateProblem, networkProblem, sourceFailure, systemCode, TRUSTED, type SourceFile } from './source-file';

/** Where the store is. Credentials come from the usual AWS variables and files. */
export interface S3Settings {
  /** An endpoint of one's own (AWS_ENDPOINT_URL_S3); then buckets are addressed by path. Default: AWS. */
  readonly endpoint?: string;
  /** Default: as the SDK finds it. */
  readonly region?: string;
}

/** Reads objects; the SDK is loaded with the first one. */
export interface S3Access {
  /** The objects of a key or glob, in the order of their keys; without a `*` the one object itself, whether it exists or not. */
  files(bucket: string, key: string, signal?: AbortSignal): Promise<SourceFile[]>;
}

/** Opens access to a store; nothing is connected yet. */
export function createS3Access(settings: S3Settings = {}, patience: Patience = {}): S3Access {
  let connecting: Promise<{ sdk: typeof Sdk; client: Sdk.S3Client }> | undefined;
  const connect = () =>
    (connecting ??= import('@aws-sdk/client-s3').then((sdk) => {
      const { endpoint, region } = settings;
      const client = new sdk.S3Client({
        ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
        ...(region === undefined ? {} : { region }),
        // Stores that are not AWS do not know the newer checksums; every file is hashed here anyway.
        requestChecksumCalculation: 'WHEN_REQUIRED',
        responseChecksumValidation: 'WHEN_REQUIRED',
      });
      return { sdk, client };
    }));

  async function open(name: string, bucket: string, key: string, validator: string | undefined, signal: AbortSignal) {
    try {
      const { sdk, client } = await connect();
      const input = { Bucket: bucket, Key: key, ...(validator === undefined ? {} : { IfNoneMatch: validator }) };
      const found = await client.send(new sdk.GetObjectCommand(input), { abortSignal: signal });
      const answer: Answer = {
        body: found.Body as Readable,
        validator: found.ETag ?? '',
        bytes: found.ContentLength,
      };
      return answer;
    } catch (error) {
      if (statusOf(error) === 304) return 'unchanged';
      throw signal.aborted ? error : failureOf(name, bucket, error);
    }
  }

  const fileOf = (bucket: string, key: string): SourceFile => {
    const name = `s3://${bucket}/${key}`;
    const baseName = basename(key);
    return {
      name,
      baseName,
      fetch: (request) =>
        download(
          name,
          baseName,
          request,
          (signal) => open(name, bucket, key, request.known?.validator, signal),
          patience,
        ),
    };
  };

  async function matching(bucket: string, pattern: string, signal?: AbortSignal): Promise<string[]> {
    const name = `s3://${bucket}/${pattern}`;
    const expression = globExpression(pattern);
    const prefix = literalPrefix(pattern);
    const keys: string[] = [];
    let looked = 0;
    try {
      const { sdk, client } = await connect();
      let token: string | undefined;
      do {
        const page = await client.send(
          new sdk.ListObjectsV2Command({
            Bucket: bucket,
            Prefix: prefix,
            ...(token === undefined ? {} : { ContinuationToken: token }),
          }),
          signal ? { abortSignal: signal } : {},
        );
        for (const { Key } of page.Contents ?? []) {
          looked++;
          if (Key !== undefined && expression.test(Key)) keys.push(Key);
        }
        token = page.NextContinuationToken;
      } while (token !== undefined);
    } catch (error) {
      signal?.throwIfAborted();
      throw failureOf(name, bucket, error);
    }
    if (keys.length > 0) return keys.sort();
    const found = `${looked} objects under s3://${bucket}/${prefix}`;
    const allowed = 'at least one object of this pattern';
    throw sourceFailure('SOURCE_NOT_FOUND', name, { what: 'nothing matches', found, allowed });
  }

  return {
    async files(bucket, key, signal) {
      const keys = isGlob(key) ? await matching(bucket, key, signal) : [key];
      return keys.map((each) => fileOf(bucket, each));
    },
  };
}

const DENIED = new Set(['AccessDenied', 'InvalidAccessKeyId', 'SignatureDoesNotMatch', 'ExpiredToken', 'Forbidden']);

function failureOf(name: string, bucket: string, error: unknown): UnderstudyError {
  const kind = kindOf(error);
  const status = statusOf(error);
  const found = [kind, status === undefined ? '' : `status ${status}`].filter((part) => part !== '').join(', ');
  const allowed = 'an object that may be read';
  if (kind === 'NoSuchBucket')
    return sourceFailure('SOURCE_NOT_FOUND', name, { what: `there is no bucket "${bucket}"`, found, allowed }, error);
  if (status === 404)
    return sourceFailure('SOURCE_NOT_FOUND', name, { what: 'there is no such object', found, allowed }, error);
  if (DENIED.has(kind) || status === 403)
    return sourceFailure('SOURCE_UNREADABLE', name, { what: 'access denied', found, allowed }, error);
  if (kind === 'CredentialsProviderError' || /region is missing/i.test(messageOf(error))) {
    const variables = 'AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, or another way that the AWS SDK knows';
    const problem = { what: 'the S3 store cannot be used', found: messageOf(error), allowed: variables };
    return sourceFailure('CONFIG_INVALID', name, problem, error);
  }
  if (status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 412 && status !== 429)
    return sourceFailure('SOURCE_UNREADABLE', name, { what: 'the store refuses', found, allowed }, error);
  const untrusted = certificateProblem(error);
  if (untrusted !== null) {
    const what = "the certificate of the store's server is not accepted";
    return sourceFailure('SOURCE_UNREADABLE', name, { what, found: untrusted, allowed: TRUSTED }, error);
  }
  const problem = networkProblem(error) ?? (found || messageOf(error));
  return sourceFailure(
    'SOURCE_UNAVAILABLE',
    name,
    { what: 'the store failed to answer', found: problem, allowed: 'a store that answers' },
    error,
  );
}

function kindOf(error: unknown): string {
  const { name, Code } = (error ?? {}) as { name?: unknown; Code?: unknown };
  const text = typeof Code === 'string' ? Code : typeof name === 'string' ? name : '';
  return text === 'Error' ? systemCode(error) : text;
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata?.httpStatusCode;
}

function messageOf(error: unknown): string {
  const message: unknown = (error as { message?: unknown } | null | undefined)?.message;
  return typeof message === 'string' ? message : String(error);
}
