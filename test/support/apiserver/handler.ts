/** Handles one request: log, identity, faults, permissions, hooks, and the verb itself. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';

import { acceptedForm, encode, errorAnswer, faultAnswer, send, type Answer } from './answer.ts';
import { actOf, forbidden, type Grants } from './grants.ts';
import { RESOURCES } from './model.ts';
import { PROTOBUF, protobufToJson } from './protobuf.ts';
import { readRequest, type LoggedRequest, type Logging, type Wanted } from './request.ts';
import type { RequestLog } from './log.ts';
import type { Fault, Rules, StatusFault } from './rules.ts';
import { noSuchPath, stock, StatusError } from './status.ts';
import type { Verbs } from './verbs.ts';

/** A callback around a request. It may change the state of the server. */
export type Hook = (request: LoggedRequest) => void | Promise<void>;

/** What the handler works with. */
export interface HandlerParts {
  readonly verbs: Verbs;
  readonly log: RequestLog;
  readonly faults: Rules<Fault>;
  readonly denials: Rules<true>;
  readonly grants: Grants;
  readonly before: Rules<Hook>;
  readonly after: Rules<Hook>;
  /** The required bearer token, read again for each request. */
  readonly token: () => string | undefined;
  readonly clientCertificates: boolean;
  readonly latency: number;
  /** Whether lists of metadata are answered in protobuf if requested. */
  readonly protobuf: boolean;
  readonly extraRoutes: ExtraRoutes | undefined;
}

/** Routes in addition to the API, for the process that benchmarks control. Undefined is 404. */
export type ExtraRoutes = (path: string, body: string) => string | undefined;

const MAX_BODY = 3 * 1024 * 1024;

/** Answers requests. */
export class Handler {
  readonly #parts: HandlerParts;

  constructor(parts: HandlerParts) {
    this.#parts = parts;
  }

  /** The listener of the HTTP server. */
  async handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const extra = this.#parts.extraRoutes;
    const path = message.url ?? '/';
    if (extra !== undefined && path.startsWith('/_sim/')) return answerExtra(extra, path, message, response);
    const request = readRequest(message);
    this.#parts.log.add(request);
    const tooBig = await this.#readBody(message, request);
    const { protobuf } = this.#parts;
    Object.assign(request, logged(acceptedForm(message, protobuf)));
    const refusal = this.#identify(message, request) ?? tooBig;
    const fault = this.#parts.faults.take(request);
    if (fault === 'reset-before') return hangUp(message);
    if (fault === 'stall') return undefined;
    const answer = await this.#answer(message, request, refusal, fault);
    await sleepIf(this.#parts.latency + delayOf(fault));
    if (fault === 'reset-after') return hangUp(message);
    const encoded = await encode(message, answer);
    this.#parts.log.finish(request, answer.status, encoded.bytes.length);
    send(response, answer, encoded, fault);
    return undefined;
  }

  async #readBody(message: IncomingMessage, request: Logging): Promise<StatusError | undefined> {
    const chunks: Buffer[] = [];
    for await (const chunk of message) {
      if (!Buffer.isBuffer(chunk)) continue;
      request.bytesIn += chunk.length;
      if (request.bytesIn <= MAX_BODY) chunks.push(chunk);
    }
    const bytes = Buffer.concat(chunks);
    request.body = request.contentType === PROTOBUF ? protobufToJson(bytes) : bytes.toString();
    return request.bytesIn > MAX_BODY ? stock(413) : undefined;
  }

  #identify(message: IncomingMessage, request: Logging): StatusError | undefined {
    const user = this.#userOf(message);
    request.user = impersonated(message, 'impersonate-user')[0] ?? user ?? 'system:anonymous';
    request.groups = impersonated(message, 'impersonate-group');
    return user === undefined ? stock(401) : undefined;
  }

  #userOf(message: IncomingMessage): string | undefined {
    const token = this.#parts.token();
    const { clientCertificates, grants } = this.#parts;
    const [, bearer = ''] = /^Bearer (.+)$/u.exec(message.headers.authorization ?? '') ?? [];
    const granted = grants.userOf(bearer);
    if (granted !== undefined) return granted;
    if (token === undefined && !clientCertificates) return 'admin';
    if (token !== undefined && message.headers.authorization === `Bearer ${token}`) return 'admin';
    return clientCertificates ? certificateUser(message) : undefined;
  }

  async #answer(
    message: IncomingMessage,
    request: Logging,
    refusal: StatusError | undefined,
    fault: Fault | undefined,
  ): Promise<Answer> {
    const status = isStatusFault(fault) ? faultAnswer(fault) : undefined;
    if (status !== undefined && isStatusFault(fault) && fault.acts !== true) return status;
    if (refusal !== undefined) return errorAnswer(refusal);
    await this.#parts.before.take(request)?.(request);
    const answer = this.#act(message, request);
    request.status = answer.status;
    await this.#parts.after.take(request)?.(request);
    return status ?? answer;
  }

  #act(message: IncomingMessage, request: Logging): Answer {
    try {
      this.#checkRights(request);
      negotiate(message, request, this.#parts.protobuf);
      return this.#parts.verbs.answer(request);
    } catch (error) {
      if (error instanceof StatusError) return errorAnswer(error);
      this.#parts.log.mistakes.push(`${request.method} ${request.path}: ${String(error)}`);
      return errorAnswer(stock(500));
    }
  }

  #checkRights(request: LoggedRequest): void {
    const refusal = this.#parts.grants.refusal(request);
    if (refusal !== undefined) throw refusal;
    const act = actOf(request);
    if (act !== undefined && this.#parts.denials.take(request) !== undefined)
      throw forbidden(request.user, act);
  }
}

function negotiate(message: IncomingMessage, request: Logging, protobuf: boolean): void {
  if (request.verb === 'other' || request.verb === 'unknown') return;
  const accepted = acceptedForm(message, protobuf);
  const isList = request.verb === 'list';
  if (accepted === undefined)
    throw new StatusError(
      406,
      'NotAcceptable',
      '406: Not Acceptable\n\nAvailable representations: application/json',
      {},
    );
  if (accepted.asList === undefined || accepted.asList === isList) return;
  const { resource = 'configmaps' } = request;
  const kind = resource === 'events' ? 'Event' : RESOURCES[resource].kind;
  throw new StatusError(
    406,
    'NotAcceptable',
    isList
      ? `you requested PartialObjectMetadata, but the requested object is a list (*core.${kind}List)`
      : `you requested PartialObjectMetadataList, but the requested object is not a list (*core.${kind})`,
  );
}

/** The log entry for an Accept header. */
function logged(wanted: Wanted | undefined): Partial<Logging> {
  return wanted === undefined ? {} : { accept: wanted.form, encoding: wanted.encoding };
}

function isStatusFault(fault: Fault | undefined): fault is StatusFault {
  return typeof fault === 'object' && 'status' in fault;
}

function delayOf(fault: Fault | undefined): number {
  return typeof fault === 'object' && 'delay' in fault ? fault.delay : 0;
}

async function sleepIf(milliseconds: number): Promise<void> {
  if (milliseconds > 0) await sleep(milliseconds);
}

function impersonated(message: IncomingMessage, header: string): readonly string[] {
  return message.headersDistinct[header] ?? [];
}

function certificateUser(message: IncomingMessage): string | undefined {
  const { socket } = message;
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const { CN } = socket.getPeerCertificate().subject;
  return Array.isArray(CN) ? CN[0] : CN;
}

/** Resets the connection if the socket can, or closes it without an answer. */
function hangUp({ socket }: IncomingMessage): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}

async function answerExtra(
  routes: ExtraRoutes,
  path: string,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  const text = routes(path, Buffer.concat(chunks).toString());
  response.writeHead(text === undefined ? noSuchPath().code : 200, { 'content-type': 'application/json' });
  response.end(text ?? '{}');
}
