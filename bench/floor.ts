import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { deserialize } from 'node:v8';
import pg from 'pg';
import { LoadReader } from './load-file.js';
import { BODY_OF_LOADS, numberOf } from './load-requests.js';
import { keyOf, type Recording } from './recording.js';
import { replay } from './replay.js';

/**
 * The floor: what this stack cannot be much faster than. node:http and pg, no framework, no validation, no decisions, no errors; for
 * the requests that are measured it runs the statements that the server was seen to run, in the same transactions through a pool of
 * the same size, and answers the same document.
 */
const pool = new pg.Pool({
  connectionString: process.env['DATABASE_URL'],
  max: Number(process.env['DATABASE_POOL_SIZE']),
  application_name: 'floor',
});
const recordings = deserialize(readFileSync(process.env['RECORDINGS']!)) as Map<string, Recording>;
const load = new LoadReader(process.env['LOAD']!);
const document = JSON.parse(BODY_OF_LOADS) as unknown;
const loaded = (request: number): Recording => ({ statements: load.read(request), status: 200, headers: {}, document });

// A connection may be opened long before it is used.
createServer({ headersTimeout: 0, requestTimeout: 0 }, (request, response) => {
  void answer(request, response).catch((error: Error) => response.writeHead(500).end(error.message));
}).listen(Number(process.env['PORT']), '127.0.0.1');

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url = '', headers } = request;
  const body = method === 'GET' ? '' : await readBody(request);
  if (body !== '') JSON.parse(body);
  const token = headers.authorization?.slice('Bearer '.length) ?? '';
  const number = numberOf(url);
  const recording = number === undefined ? recordings.get(keyOf(token, { method, path: url, body })) : loaded(number);
  if (!recording) {
    response.writeHead(404, { 'content-length': 0 }).end();
    return;
  }
  await replay(pool, recording.statements);
  const text = recording.document === undefined ? undefined : JSON.stringify(recording.document);
  const length = text === undefined ? {} : { 'content-length': Buffer.byteLength(text) };
  response.writeHead(recording.status, {
    'content-type': 'application/scim+json; charset=utf-8',
    ...recording.headers,
    ...length,
  });
  response.end(text);
}

function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
  });
}
