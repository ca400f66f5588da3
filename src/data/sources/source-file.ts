// One file of a source, wherever it lies: how it is named in messages, and how its bytes get onto this machine.
import { UnderstudyError, type FailureCode } from '../../domain/failures';

/** What is known of a file that was read before in this process. */
export interface SourceRevision {
  /** A cheap look that changes with the content: size and time, or the server's ETag. */
  readonly validator: string;
  /** Digest of the file's bytes. */
  readonly sha256: string;
  readonly bytes: number;
}

/** How to bring a file here. */
export interface FetchRequest {
  /** An existing folder for what is downloaded; the caller removes it. Null will do for files that are read in place. */
  readonly dir: string | null;
  /** Given: when the cheap look says that nothing has changed, the file is not read again. */
  readonly known?: SourceRevision;
  readonly signal?: AbortSignal;
  /** Is told how many bytes have been read of the file so far. */
  readonly onBytes?: (bytes: number) => void;
}

/** A file as it is now. `path` is null when it is as known and lies on another machine: it was not read. */
export interface FetchedFile {
  readonly revision: SourceRevision;
  readonly path: string | null;
}

/** A file of a source. */
export interface SourceFile {
  /** How messages call it: the path as the author wrote it, or the address without secrets. */
  readonly name: string;
  /** Its last part, which tells the compression. */
  readonly baseName: string;
  /** It is read where it lies: nothing is ever downloaded. */
  readonly inPlace?: true;
  /**
   * @throws UnderstudyError `SOURCE_NOT_FOUND`, `SOURCE_UNREADABLE` (not allowed, no file), `SOURCE_UNAVAILABLE` (network, server, time-out),
   * `CONFIG_INVALID` (no credentials or region)
   */
  fetch(request: FetchRequest): Promise<FetchedFile>;
}

/** A failure of a source with its sentence: what, found, allowed. */
export function sourceFailure(
  code: FailureCode,
  name: string,
  problem: { readonly what: string; readonly found: string; readonly allowed: string },
  cause?: unknown,
): UnderstudyError {
  const { what, found, allowed } = problem;
  const message = `${name}: ${what} (found: ${found}; allowed: ${allowed})`;
  return new UnderstudyError(code, message, { file: name, found }, cause === undefined ? {} : { cause });
}

/** The code of an error of the system or of a library; by shape, because an error of another realm is no `instanceof Error`. */
export function systemCode(error: unknown): string {
  const code: unknown = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

/** What an error of the network says in words; null when it is no such error. */
export function networkProblem(error: unknown): string | null {
  const cause: unknown = (error as { cause?: unknown } | null | undefined)?.cause;
  // Some libraries wrap the system's error and keep its code in their message only.
  const said = /\bE[A-Z]{4,}\b/.exec(String((error as { message?: unknown } | null | undefined)?.message))?.[0] ?? '';
  return NETWORK[systemCode(error)] ?? NETWORK[systemCode(cause)] ?? NETWORK[said] ?? null;
}

/** Why a server's certificate is not accepted, in the words of the TLS library; null: that is not the problem. */
export function certificateProblem(error: unknown): string | null {
  const cause: unknown = (error as { cause?: unknown } | null | undefined)?.cause;
  const known = [error, cause].find((each) => CERTIFICATE.test(systemCode(each)));
  return known === undefined ? null : String((known as { message?: unknown }).message).split(/[;\n]/)[0]!;
}

/** Codes of Node.js and OpenSSL for a certificate that does not hold. */
const CERTIFICATE =
  /^(ERR_TLS_CERT_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(GET|VERIFY|DECODE|DECRYPT)_|ERROR_IN_CERT_|INVALID_(CA|PURPOSE)$|PATH_LENGTH_|HOSTNAME_MISMATCH)/;
/** What makes a certificate hold. */
export const TRUSTED =
  'a certificate for this host by an authority that is known, or that the file in NODE_EXTRA_CA_CERTS names';

const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ECONNABORTED: 'connection ended',
  EPIPE: 'connection ended',
  ENOTFOUND: 'the name of the host is not known',
  EAI_AGAIN: 'the name of the host cannot be looked up',
  ETIMEDOUT: 'no answer in time',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ERR_STREAM_PREMATURE_CLOSE: 'the connection ended before the file did',
  UND_ERR_SOCKET: 'connection ended',
  EPROTO: 'it does not speak TLS',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS',
};
