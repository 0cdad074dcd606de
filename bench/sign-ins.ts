import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import type { Actor } from '../src/audit/actor.js';
import { DEFAULT_SAML } from '../src/organizations/connection.js';
import { ConnectionsService } from '../src/organizations/connections.service.js';
import { hashToken, randomOpaque } from '../src/platform/secrets.js';
import type { RunningServer } from '../src/server.js';
import { encode, makeIdpKey, makeResponse } from '../test/support/test-idp.js';
import type { Request } from './keep-alive-client.js';
import type { BenchOrganization } from './operations.js';
import { SETTINGS } from './processes.js';
import { groupId, userId, userName } from './seed.js';

/** Answers of an IdP to questions that were asked, all of them signed before anything is measured. */

export const SIGN_INS = ['nothing changes', 'resets 5 of 50 groups', 'creates a person'] as const;

export interface SignIns {
  readonly name: (typeof SIGN_INS)[number];
  readonly organization: BenchOrganization;
  readonly requests: readonly Request[];
  /** What the requests bring, for whoever only verifies. */
  readonly responses: readonly string[];
  readonly idpCert: string;
  /** Takes back what the requests changed and used up. */
  reset(client: pg.Client): Promise<void>;
}

/** Groups of a person before and after each sign-in, but for the one that changes five. */
const GROUPS = 50;
const RESET = 5;
const IDP = 'https://idp.example.com/';
const FORMAT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
/** A run takes its time. */
const HOURS = 3_600_000 * 12;

interface Place {
  readonly organization: BenchOrganization;
  readonly connectionId: string;
  readonly signers: readonly number[];
  /** Numbers of the groups, `RESET` more than anybody is in. */
  readonly groups: readonly number[];
}

/** Makes some of the people of the organization sign in over a connection of its own, where sign-ins decide about them. */
export async function signInsOf(
  server: RunningServer,
  client: pg.Client,
  organization: BenchOrganization,
  count: number,
): Promise<SignIns[]> {
  const key = await makeIdpKey();
  const actor: Actor = { kind: 'system', id: null, correlationId: 'bench' };
  const connection = await server.app.get(ConnectionsService).create(
    organization.organizationId,
    {
      name: 'sign-ins',
      attributeMapping: { groups: ['groups'] },
      saml: { ...DEFAULT_SAML, idpEntityId: IDP, ssoUrl: `${IDP}sso`, certificates: [key.certificate] },
    },
    actor,
  );
  const { users } = organization;
  const signers = Array.from({ length: Math.min(count, users / 2) }, (_, index) => 1 + ((index * 7919) % users));
  const groups = Array.from({ length: GROUPS + RESET }, (_, index) => users / 5 + 1 + index);
  const place: Place = { organization, connectionId: connection.id, signers, groups };
  await seed(client, place);
  const base = `/saml/${connection.id}`;
  const sp = { spEntityId: `${SETTINGS.PUBLIC_URL}${base}/metadata`, acsUrl: `${SETTINGS.PUBLIC_URL}${base}/acs` };
  const all: SignIns[] = [];
  for (const name of SIGN_INS) {
    const first = name === 'resets 5 of 50 groups' ? RESET : 0;
    const asserted = groups.slice(first, first + GROUPS).map(groupName);
    const answers = signers.map((signer, index) => {
      const nameId = name === 'creates a person' ? `new.${index}@sign-in.example.com` : userName(signer);
      const id = `_${randomBytes(20).toString('hex')}`;
      const until = new Date(Date.now() + HOURS).toISOString();
      const times = { notOnOrAfter: until, confirmationNotOnOrAfter: until };
      const attributes = { email: [nameId], groups: asserted };
      const xml = makeResponse({ key, idpEntityId: IDP, ...sp, inResponseTo: id, nameId, ...times, attributes });
      return { id, relayState: randomOpaque(), browserSecret: randomOpaque(), response: encode(xml) };
    });
    await open(client, place, answers);
    all.push({
      name,
      organization,
      idpCert: key.certificate,
      responses: answers.map(({ response }) => response),
      requests: answers.map((answer) => toRequest(`${base}/acs`, answer)),
      reset: (database) => reset(database, place),
    });
  }
  return all;
}

interface Answer {
  readonly id: string;
  readonly relayState: string;
  readonly browserSecret: string;
  readonly response: string;
}

const toRequest = (path: string, { id, relayState, browserSecret, response }: Answer): Request => ({
  method: 'POST',
  path,
  body: new URLSearchParams({ SAMLResponse: response, RelayState: relayState }).toString(),
  contentType: 'application/x-www-form-urlencoded',
  cookie: `__Host-rc_login_${id.slice(1, 9)}=${browserSecret}`,
});

const groupName = (number: number): string => `Sign-in group ${number}`;

async function seed(client: pg.Client, place: Place): Promise<void> {
  const { organization, connectionId, groups } = place;
  const { organizationId, organization: number } = organization;
  await client.query(
    `INSERT INTO groups (organization_id, id, provenance, login_policy, protected, is_default, display_name, display_name_key,
       unique_name_key, attributes, created_at, updated_at)
     SELECT $1, g.id, 'manual', 'authoritative', false, false, g.name, lower(g.name), lower(g.name), '{}', now(), now()
     FROM unnest($2::uuid[], $3::text[]) AS g(id, name)`,
    [organizationId, groups.map((each) => groupId(number, each)), groups.map(groupName)],
  );
  await client.query(
    `INSERT INTO identities (organization_id, connection_id, name_id_format, name_qualifier, name_id, user_id, created_at)
     SELECT $1, $2, $3, '', user_name, id, now() FROM users WHERE organization_id = $1 AND id = ANY($4::uuid[])`,
    [organizationId, connectionId, FORMAT, signerIds(place)],
  );
  await client.query(
    `UPDATE users SET provenance = 'jit', connection_id = $2 WHERE organization_id = $1 AND id = ANY($3::uuid[])`,
    [organizationId, connectionId, signerIds(place)],
  );
  // A morning: a fifth of everybody has signed in just now.
  await client.query(
    `INSERT INTO group_resets (organization_id, connection_id, user_id, at)
     SELECT $1, $2, id, now() FROM users WHERE organization_id = $1 ORDER BY id LIMIT $3`,
    [organizationId, connectionId, Math.ceil(organization.users / 5)],
  );
  await restoreGroups(client, place);
  await client.query('VACUUM ANALYZE');
}

async function open(client: pg.Client, place: Place, answers: readonly Answer[]): Promise<void> {
  await client.query(
    `INSERT INTO login_requests (organization_id, id, connection_id, relay_state_hash, browser_hash, target_url, created_at, expires_at)
     SELECT $1, a.id, $2, a.relay, a.browser, '/session', now() - interval '1 minute', $6
     FROM unnest($3::text[], $4::bytea[], $5::bytea[]) AS a(id, relay, browser)`,
    [
      place.organization.organizationId,
      place.connectionId,
      answers.map(({ id }) => id),
      answers.map(({ relayState }) => hashToken(relayState)),
      answers.map(({ browserSecret }) => hashToken(browserSecret)),
      new Date(Date.now() + HOURS),
    ],
  );
}

async function reset(client: pg.Client, place: Place): Promise<void> {
  const { organizationId, organization: number, users } = place.organization;
  // Details first, as the server locks them: it may still be writing those of the last answers.
  await client.query(
    'TRUNCATE sign_in_details, sign_ins, used_assertions, sessions, outbox_events, audit_entries CASCADE',
  );
  await client.query('UPDATE login_requests SET consumed_at = NULL WHERE consumed_at IS NOT NULL');
  const created = [organizationId, userId(number, 0), userId(number, users)];
  for (const table of ['memberships', 'identities', 'group_resets']) {
    await client.query(`DELETE FROM ${table} WHERE organization_id = $1 AND user_id NOT BETWEEN $2 AND $3`, created);
  }
  await client.query(`DELETE FROM users WHERE organization_id = $1 AND id NOT BETWEEN $2 AND $3`, created);
  await restoreGroups(client, place);
  for (const table of ['login_requests', 'users', 'identities', 'groups', 'memberships', 'group_resets'])
    await client.query(`VACUUM ${table}`);
}

async function restoreGroups(client: pg.Client, place: Place): Promise<void> {
  const { organization, connectionId, groups } = place;
  const ids = groups.map((each) => groupId(organization.organization, each));
  await client.query(`DELETE FROM memberships WHERE organization_id = $1 AND group_id = ANY($2::uuid[])`, [
    organization.organizationId,
    ids,
  ]);
  await client.query(
    `INSERT INTO memberships (organization_id, group_id, user_id, origins, created_at)
     SELECT $1, g.id, u.id, ARRAY['jit:' || $2::text], now() FROM unnest($3::uuid[]) AS g(id), unnest($4::uuid[]) AS u(id)`,
    [organization.organizationId, connectionId, ids.slice(0, GROUPS), signerIds(place)],
  );
}

const signerIds = ({ organization, signers }: Place): string[] =>
  signers.map((signer) => userId(organization.organization, signer));
