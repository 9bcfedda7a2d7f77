/** Answers: which format a client accepts, the bytes that are sent, and how this can fail. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import type { Json } from './model.ts';
import { PROTOBUF } from './protobuf.ts';
import { headerOf, type Wanted } from './request.ts';
import type { Fault, StatusFault } from './rules.ts';
import { stock, StatusError } from './status.ts';

/** A complete answer. */
export interface Answer {
  readonly status: number;
  readonly body: Buffer | string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const GZIP_FROM = 128 * 1024;
const gzipAsync = promisify(gzip);
const gzipped = new WeakMap<Buffer, Buffer>();

/** JSON as the real server sends it, with a newline at the end. */
export function jsonAnswer(
  status: number,
  body: Json,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { status, body: `${JSON.stringify(body)}\n`, headers };
}

/** The answer for an error. */
export function errorAnswer(error: StatusError): Answer {
  const retryAfter = error.details?.retryAfterSeconds;
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  return jsonAnswer(error.code, error.body(), headers);
}

/** The answer of a fault instead of the real one. */
export function faultAnswer(fault: StatusFault): Answer {
  const { status, retryAfter } = fault;
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  if (fault.body !== undefined) return { status, body: fault.body, headers };
  if (fault.html === true) {
    const body = `<html>\r\n<head><title>${status}</title></head>\r\n<body><center><h1>${status}</h1></center></body>\r\n</html>\r\n`;
    return { status, body, type: 'text/html', headers };
  }
  const details = retryAfter === undefined ? undefined : { retryAfterSeconds: retryAfter };
  const usual = stock(status, details);
  const error = new StatusError(status, usual.reason, fault.message ?? usual.message, details);
  return jsonAnswer(status, error.body(), headers);
}

/** The bytes to send, compressed if the client accepts gzip and it is worth it. */
export async function encode(
  message: IncomingMessage,
  answer: Answer,
): Promise<{ bytes: Buffer; zipped: boolean }> {
  const bytes = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
  const zip = bytes.length > GZIP_FROM && /\bgzip\b/u.test(headerOf(message, 'accept-encoding'));
  if (!zip) return { bytes, zipped: false };
  const known = gzipped.get(bytes) ?? (await gzipAsync(bytes, { level: 1 }));
  gzipped.set(bytes, known);
  return { bytes: known, zipped: true };
}

/** Sends an answer, or as much of it as the fault allows. */
export function send(
  response: ServerResponse,
  answer: Answer,
  encoded: { readonly bytes: Buffer; readonly zipped: boolean },
  fault: Fault | undefined,
): void {
  const { zipped } = encoded;
  const bytes = cut(encoded.bytes, fault);
  response.writeHead(answer.status, {
    'content-type': answer.type ?? 'application/json',
    'cache-control': 'no-cache, private',
    ...(zipped ? { 'content-encoding': 'gzip', vary: 'Accept-Encoding' } : {}),
    ...answer.headers,
    'content-length': bytes.length,
  });
  if (fault !== 'half-body' && fault !== 'stall-body') response.end(bytes);
  else sendHalf(response, bytes, fault === 'half-body');
}

function cut(bytes: Buffer, fault: Fault | undefined): Buffer {
  if (fault === 'empty-body') return Buffer.alloc(0);
  return fault === 'truncated-json' ? bytes.subarray(0, bytes.length >> 1) : bytes;
}

function sendHalf(response: ServerResponse, bytes: Buffer, hangUp: boolean): void {
  const half = bytes.subarray(0, bytes.length >> 1);
  response.write(half, () => {
    if (hangUp) response.socket?.destroy();
  });
}

/** Returns the format of the first media type of the Accept header that this server has. Undefined: 406. */
export function acceptedForm(message: IncomingMessage, protobuf: boolean): Wanted | undefined {
  const header = headerOf(message, 'accept');
  if (header === '') return { form: 'full', asList: undefined, encoding: 'json' };
  for (const range of header.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const as = parameters.find((each) => each.startsWith('as='))?.slice(3);
    const wanted = type === PROTOBUF ? protobufForm(as, protobuf) : formOf(type, as);
    if (wanted !== undefined) return wanted;
  }
  return undefined;
}

/** For everything else, the next media type must be JSON. */
function protobufForm(as: string | undefined, isServed: boolean): Wanted | undefined {
  if (!isServed || as !== 'PartialObjectMetadataList') return undefined;
  return { form: 'metadata', asList: true, encoding: 'protobuf' };
}

function formOf(type: string, as: string | undefined): Wanted | undefined {
  if (!['application/json', 'application/*', '*/*'].includes(type)) return undefined;
  const encoding = 'json';
  switch (as) {
    case undefined:
      return { form: 'full', asList: undefined, encoding };
    case 'PartialObjectMetadata':
      return { form: 'metadata', asList: false, encoding };
    case 'PartialObjectMetadataList':
      return { form: 'metadata', asList: true, encoding };
    case 'Table':
      return { form: 'table', asList: undefined, encoding };
    default:
      return undefined;
  }
}
