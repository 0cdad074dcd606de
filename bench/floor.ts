import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { v7 } from 'uuid';
import * as sql from './floor-statements.js';

/**
 * The floor: what this stack cannot be much faster than. node:http and pg, no framework, no validation, no errors; it runs the
 * server's own statements in the server's transactions and answers the same documents for the requests that are measured.
 */

type Row = Record<string, unknown>;
type Body = Record<string, unknown>;
interface Caller {
  readonly organizationId: string;
  readonly connectionId: string;
  readonly tokenId: string;
}
interface Reply {
  readonly status: number;
  readonly body?: object;
}

const MOST_MEMBERS_ECHOED = 1000;

export async function startFloor(
  databaseUrl: string,
  poolSize: number,
  port: number,
): Promise<{ url: string; close(): Promise<void> }> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: poolSize, application_name: 'floor' });
  const server = createServer((request, response) => {
    void answer(pool, request, `http://${request.headers.host}/scim/v2`).then(
      ({ status, body }) => {
        const text = body === undefined ? undefined : JSON.stringify(body);
        response.writeHead(
          status,
          text === undefined
            ? {}
            : { 'content-type': 'application/scim+json', 'content-length': Buffer.byteLength(text) },
        );
        response.end(text);
      },
      (error: Error) =>
        response.writeHead(500, { 'content-length': Buffer.byteLength(error.message) }).end(error.message),
    );
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const { port: bound } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${bound}`, close: () => close(server, pool) };
}

async function close(server: Server, pool: pg.Pool): Promise<void> {
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  await pool.end();
}

async function answer(pool: pg.Pool, request: IncomingMessage, root: string): Promise<Reply> {
  const { method, url } = request;
  const body = method === 'GET' ? {} : await readBody(request);
  const caller = await authenticate(pool, request.headers.authorization!);
  const [, resource, id] = /^\/scim\/v2\/(Users|Groups)(?:\/([^?]+))?/.exec(url!)!;
  if (method === 'POST') return createUser(pool, caller, body, root);
  if (method === 'GET' && id !== undefined) return getUser(pool, caller, id, root);
  if (method === 'GET') return findUser(pool, caller, /eq "(.*)"/.exec(decodeURIComponent(url!))![1]!, root);
  return resource === 'Users' ? setActive(pool, caller, id!, body, root) : addMember(pool, caller, id!, body, root);
}

function readBody(request: IncomingMessage): Promise<Body> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')) as Body));
  });
}

async function authenticate(pool: pg.Pool, header: string): Promise<Caller> {
  const token = header.slice('Bearer '.length);
  const hex = Buffer.from(token.slice(8, 30), 'base64url').toString('hex');
  const organizationId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const hash = createHash('sha256').update(token).digest();
  const { rows } = await pool.query<Row>(sql.AUTHENTICATE, [organizationId, hash, new Date()]);
  return { organizationId, connectionId: String(rows[0]!['id']), tokenId: String(rows[0]!['token_id']) };
}

async function inTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query(sql.BEGIN);
    const result = await work(client);
    await client.query(sql.COMMIT);
    return result;
  } catch (error) {
    await client.query(sql.ROLLBACK);
    throw error;
  } finally {
    client.release();
  }
}

async function createUser(pool: pg.Pool, caller: Caller, body: Body, root: string): Promise<Reply> {
  const { schemas: _schemas, externalId, userName, active, ...attributes } = body;
  const { organizationId, connectionId } = caller;
  const id = v7();
  const at = new Date();
  const key = String(userName).toLowerCase();
  await inTransaction(pool, async (tx) => {
    await tx.query(sql.CANDIDATES, [organizationId, key, connectionId, externalId]);
    await tx.query(sql.INSERT_USER, [
      ...[organizationId, id, connectionId, 'scim', active, userName, key, externalId, [key]],
      ...[attributes, 'member', false, false, at],
    ]);
    await tx.query(sql.DEFAULT_GROUPS, [organizationId]);
    const facts = { userName, externalId, active, provenance: 'scim', connectionId, role: 'member', ...attributes };
    await announce(tx, caller, at, 'user.created', 'user', id, allNew(facts));
  });
  const row = { id, external_id: externalId, user_name: userName, attributes, active, version: 1, groups: [] };
  return { status: 201, body: toUser({ ...row, created_at: at, updated_at: at }, root) };
}

async function findUser(pool: pg.Pool, { organizationId }: Caller, name: string, root: string): Promise<Reply> {
  const { rows } = await pool.query<Row>(sql.FIND_BY_USER_NAME, [organizationId, name.toLowerCase(), 100, 0]);
  return {
    status: 200,
    body: {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      totalResults: rows.length,
      startIndex: 1,
      itemsPerPage: rows.length,
      Resources: rows.map((row) => toUser(row, root)),
    },
  };
}

async function getUser(pool: pg.Pool, { organizationId }: Caller, id: string, root: string): Promise<Reply> {
  const { rows } = await pool.query<Row>(sql.USER_VIEW, [organizationId, id]);
  return { status: 200, body: toUser(rows[0]!, root) };
}

async function setActive(pool: pg.Pool, caller: Caller, id: string, body: Body, root: string): Promise<Reply> {
  const { organizationId } = caller;
  const active = (body['Operations'] as { value: boolean }[])[0]!.value;
  const at = new Date();
  const view = await inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<Row>(sql.LOCK_USER, [organizationId, id]);
    const row = rows[0]!;
    await tx.query(sql.GROUP_ROLES, [organizationId, id]);
    const key = String(row['user_name']).toLowerCase();
    await tx.query(sql.UPDATE_USER, [
      ...[organizationId, id, row['connection_id'], row['provenance'], active, row['user_name'], key],
      ...[row['external_id'], [key], row['attributes'], row['role'], row['break_glass'], row['scim_link_approved'], at],
    ]);
    await tx.query(sql.REVOKE_SESSIONS, [organizationId, id, at, 'deactivated']);
    await announce(tx, caller, at, 'user.deactivated', 'user', id, {});
    return (await tx.query<Row>(sql.USER_VIEW, [organizationId, id])).rows[0]!;
  });
  return { status: 200, body: toUser(view, root) };
}

async function addMember(pool: pg.Pool, caller: Caller, id: string, body: Body, root: string): Promise<Reply> {
  const { organizationId } = caller;
  const operations = body['Operations'] as { value: { value: string }[] }[];
  const members = operations[0]!.value.map(({ value }) => value);
  const at = new Date();
  const group = await inTransaction(pool, async (tx) => {
    await tx.query(sql.LOCK_GROUP, [organizationId, id]);
    await tx.query(sql.ADD_MEMBERS, [organizationId, id, members, 'scim', at]);
    await tx.query(sql.TOUCH_GROUPS, [organizationId, [id], at]);
    await announce(tx, caller, at, 'group.members-added', 'group', id, { members: [null, members] });
    return (await tx.query<Row>(sql.GROUP_BY_ID, [organizationId, id])).rows[0]!;
  });
  const { rows } = await pool.query<Row>(sql.MEMBERS_UP_TO, [organizationId, id, MOST_MEMBERS_ECHOED]);
  const { few, ids, names } = rows[0] as { few: boolean; ids: string[] | null; names: (string | null)[] | null };
  if (!few) return { status: 204 };
  return {
    status: 200,
    body: {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      id,
      displayName: group['display_name'],
      members: (ids ?? []).map((value, index) => ({
        value,
        $ref: `${root}/Users/${value}`,
        display: names?.[index],
        type: 'User',
      })),
      meta: toMeta('Group', group, `${root}/Groups/${id}`),
    },
  };
}

async function announce(
  tx: pg.PoolClient,
  { organizationId, tokenId }: Caller,
  at: Date,
  type: string,
  targetType: string,
  subjectId: string,
  changes: object,
): Promise<void> {
  const events = [{ id: v7(), type, subjectId, data: { changes } }];
  await tx.query(sql.APPEND_EVENTS, [organizationId, at, JSON.stringify(events)]);
  const entries = [{ id: v7(), action: type, targetType, targetId: subjectId, changes }];
  const audit = JSON.stringify(entries);
  await tx.query(sql.APPEND_AUDIT, [organizationId, at, 'scim-client', tokenId, randomUUID(), audit]);
}

const allNew = (facts: Body) => Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, [null, value]]));

function toUser(row: Row, root: string): object {
  const groups = row['groups'] as { id: string; displayName: string }[];
  const attributes = row['attributes'] as object;
  return {
    schemas: Object.keys(attributes).reduce(
      (all, name) => (name.startsWith('urn:') ? [...all, name] : all),
      ['urn:ietf:params:scim:schemas:core:2.0:User'],
    ),
    id: row['id'],
    externalId: row['external_id'],
    userName: row['user_name'],
    ...attributes,
    active: row['active'],
    ...(groups.length > 0 && {
      groups: groups.map(({ id, displayName }) => ({
        value: id,
        $ref: `${root}/Groups/${id}`,
        display: displayName,
        type: 'direct',
      })),
    }),
    meta: toMeta('User', row, `${root}/Users/${String(row['id'])}`),
  };
}

function toMeta(resourceType: string, row: Row, location: string): object {
  const created = (row['created_at'] as Date).toISOString();
  const lastModified = (row['updated_at'] as Date).toISOString();
  return { resourceType, created, lastModified, location, version: `W/"${String(row['version'])}"` };
}
