import type { HttpRequest, HttpResponse, TemplatedApp } from 'uWebSockets.js';
import { STATUS_CODES } from 'node:http';
import {
  type ChunkRequest,
  type ChunkTransfer,
  type FileRefusal,
  type FileTransfers,
  isFileRefusal,
} from '../gateway/file-transfers.ts';
import { FILE_ROUTE, fileErrors, STORED_CHUNK_BYTES } from '../protocol/file-transfers.ts';
import type { AcceptedConnections } from './accepted-connections.ts';

/** A chunk is received, and stored or read, within this time, or its connection is dropped. */
export const CHUNK_MS_MAX = 60_000;
/** How long browsers remember that a page may come. */
const PREFLIGHT_SECONDS = 600;

/** The accounting of connections: see AcceptedConnections. */
type Claim = AcceptedConnections['claim'];

/** Chunks of files, on the port for clients. Each answer ends its connection, as those of the health routes do. */
export function addFileRoutes(app: TemplatedApp, files: FileTransfers, claim: Claim): void {
  app.put(FILE_ROUTE, (response, request) => {
    const exchange = new Exchange(response, request, claim);
    receive(exchange, files.begin(chunkRequest('put', request)), lengthOf(request));
  });
  app.get(FILE_ROUTE, (response, request) => {
    const exchange = new Exchange(response, request, claim);
    void send(exchange, files.begin(chunkRequest('get', request)));
  });
  app.options(FILE_ROUTE, (response, request) => {
    const exchange = new Exchange(response, request, claim);
    if (files.mayCome(request.getHeader('origin'))) exchange.allow();
    else exchange.refuse({ refused: 'wrong_origin' });
  });
}

function chunkRequest(verb: ChunkRequest['verb'], request: HttpRequest): ChunkRequest {
  return {
    verb,
    file: request.getParameter(0) ?? '',
    number: request.getParameter(1) ?? '',
    authorization: request.getHeader('authorization'),
    contentLength: request.getHeader('content-length'),
    origin: request.getHeader('origin'),
  };
}

function lengthOf(request: HttpRequest): number {
  const text = request.getHeader('content-length');
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
}

/** Takes in the body. A refusal waits for the end of one that is no longer than a chunk: whoever is still sending does not read. */
function receive(exchange: Exchange, transfer: ChunkTransfer | FileRefusal, length: number): void {
  if (isFileRefusal(transfer)) {
    if (length > 0 && length <= STORED_CHUNK_BYTES) exchange.whenReceived(() => exchange.refuse(transfer));
    else exchange.refuse(transfer);
    return;
  }
  exchange.onEnd((outcome) => transfer.end(outcome));
  const body = new Uint8Array(transfer.bytes);
  let received = 0;
  exchange.whenReceived(
    () => {
      transfer.store(body).then(
        (refusal) => (refusal === undefined ? exchange.done() : exchange.refuse(refusal)),
        () => exchange.drop(),
      );
    },
    (part) => {
      body.set(part, received);
      received += part.length;
    },
  );
}

async function send(exchange: Exchange, transfer: ChunkTransfer | FileRefusal): Promise<void> {
  if (isFileRefusal(transfer)) {
    exchange.refuse(transfer);
    return;
  }
  exchange.onEnd((outcome) => transfer.end(outcome));
  const bytes = await transfer.read();
  if (isFileRefusal(bytes)) exchange.refuse(bytes);
  else exchange.deliver(bytes);
}

type Outcome = Parameters<ChunkTransfer['end']>[0];

/** One request and its answer. After the client went away every method does nothing. */
class Exchange {
  readonly #response: HttpResponse;
  readonly #origin: string;
  readonly #settle: ReturnType<Claim>;
  readonly #deadline: NodeJS.Timeout;
  #ended: (outcome: Outcome) => void = () => undefined;
  /** Its user is charged for it. */
  #hasTicket = false;
  #isOver = false;

  constructor(response: HttpResponse, request: HttpRequest, claim: Claim) {
    this.#response = response;
    this.#origin = request.getHeader('origin');
    this.#settle = claim(response);
    this.#deadline = setTimeout(() => this.drop(), CHUNK_MS_MAX);
    response.onAborted(() => this.#over('aborted'));
  }

  /** Called once, however it ends. */
  onEnd(ended: (outcome: Outcome) => void): void {
    this.#hasTicket = true;
    this.#ended = ended;
  }

  /** `part` is valid during the call only. */
  whenReceived(received: () => void, part: (bytes: Uint8Array) => void = () => undefined): void {
    this.#response.onData((chunk, isLast) => {
      if (this.#isOver) return;
      part(new Uint8Array(chunk));
      if (isLast) received();
    });
  }

  /** The chunk is stored. */
  done(): void {
    this.#answer('ok', () => this.#head(200).end('', true));
  }

  /** An answer to a browser that asks beforehand. */
  allow(): void {
    this.#answer('ok', () =>
      this.#head(200)
        .writeHeader('Access-Control-Allow-Methods', 'GET, PUT')
        .writeHeader('Access-Control-Allow-Headers', 'Authorization, Content-Type')
        .writeHeader('Access-Control-Max-Age', String(PREFLIGHT_SECONDS))
        .end('', true),
    );
  }

  refuse({ refused, retryAfterMs }: FileRefusal): void {
    const { status, meaning } = fileErrors[refused];
    const text = `${JSON.stringify({ error: refused, message: meaning })}\n`;
    this.#answer(refused, () => {
      const head = this.#head(status).writeHeader('Content-Type', 'application/json');
      if (refused === 'unauthorized') head.writeHeader('WWW-Authenticate', 'Bearer');
      if (retryAfterMs !== undefined)
        head.writeHeader('Retry-After', String(Math.ceil(retryAfterMs / 1_000)));
      head.end(text, true);
    });
  }

  /**
   * What the client does not take at once waits in the library until it does, or until the library gives up on it. That is no more
   * than a connection without a login may hold, and these count as such: see MAX_PENDING_CONNECTIONS.
   */
  deliver(bytes: Uint8Array): void {
    this.#answer('ok', () =>
      this.#head(200).writeHeader('Content-Type', 'application/octet-stream').end(bytes, true),
    );
  }

  drop(): void {
    // Aborts, which ends it.
    if (!this.#isOver) this.#response.close();
  }

  #head(status: number): HttpResponse {
    const response = this.#response;
    response
      .writeStatus(`${status} ${STATUS_CODES[status] ?? ''}`)
      .writeHeader('Cache-Control', 'no-store')
      .writeHeader('Vary', 'Origin');
    if (this.#origin !== '') response.writeHeader('Access-Control-Allow-Origin', this.#origin);
    return response;
  }

  #answer(outcome: Outcome, write: () => void): void {
    if (this.#isOver) return;
    this.#over(outcome);
    this.#response.cork(write);
  }

  #over(outcome: Outcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#settle(this.#hasTicket);
    clearTimeout(this.#deadline);
    this.#ended(outcome);
  }
}
