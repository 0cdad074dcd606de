import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTlsIdentity, startHttpsServer, type HttpsServer } from './https-server.js';

/** Where an IdP publishes its metadata: one document at any path, or whatever `answer` says. */
export interface MetadataServer extends HttpsServer {
  /** What Rollcall must be started with to fetch from here. */
  readonly settings: Readonly<Record<string, string>>;
  url(path?: string): string;
  /** Serves the document with an ETag of its own, and 304 to whoever has it. */
  publish(xml: string): void;
  answer: RequestListener;
}

export async function startMetadataServer(): Promise<MetadataServer> {
  const identity = await makeTlsIdentity(['localhost']);
  const directory = mkdtempSync(join(tmpdir(), 'rollcall-test-ca-'));
  const file = join(directory, 'ca.pem');
  writeFileSync(file, identity.cert);
  const server = await startHttpsServer(identity, (request, response) => state.answer(request, response), {
    host: 'localhost',
  });
  let version = 0;
  const state: MetadataServer = Object.assign(server, {
    settings: { FETCH_ALLOWED_HOSTS: `localhost:${server.port}`, FETCH_CA_FILE: file },
    url: (path = '/metadata.xml') => `https://localhost:${server.port}${path}`,
    answer: () => undefined,
    publish: (xml: string) => {
      const etag = `"${++version}"`;
      state.answer = (request, response) => {
        if (request.headers['if-none-match'] === etag) return void response.writeHead(304).end();
        response.writeHead(200, { etag, 'content-type': 'application/samlmetadata+xml' }).end(xml);
      };
    },
  });
  const close = server.close.bind(server);
  state.close = async () => {
    await close();
    rmSync(directory, { recursive: true, force: true });
  };
  return state;
}
