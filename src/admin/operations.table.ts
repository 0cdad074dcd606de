import { CreateScimClientBody, RotateSecretBody, UpdateScimClientBody } from './bodies/client.body.js';
import { CreateConnectionBody, DisableConnectionBody, UpdateConnectionBody } from './bodies/connection.body.js';
import { DecideHeldBody, ResumeGuardBody } from './bodies/guard.body.js';
import { HandOverBody } from './bodies/hand-over.body.js';
import { InstantQuery, PastMembersQuery } from './bodies/history.query.js';
import { CreateOrganizationBody, UpdateOrganizationBody } from './bodies/organization.body.js';
import { GroupsQuery, NamePageQuery, PageQuery, UsersQuery } from './bodies/page.query.js';
import { CreateGroupBody, CreateUserBody, MembersBody, UpdateGroupBody, UpdateUserBody } from './bodies/people.body.js';
import { AuditQuery, EventsQuery, SignInsQuery } from './bodies/records.query.js';
import { PreviewBody } from './bodies/preview.body.js';
import { ConfigureSamlBody } from './bodies/saml.body.js';
import { DeclareSchemaBody } from './bodies/schema.body.js';
import { TakeOverBody } from './bodies/take-over.body.js';
import {
  ClaimDomainBody,
  CreateScimTokenBody,
  CreateTokenBody,
  UpdateScimTokenBody,
  VerifyDomainBody,
} from './bodies/token.body.js';
import type { Operation } from './operation.js';
import { ConnectionQuirksView } from './views/client.view.js';
import { ConnectionView } from './views/connection.view.js';
import { ExplanationView, HappeningView } from './views/explain.view.js';
import { GroupHistoryView, PastMemberView, UserHistoryView } from './views/history.view.js';
import { GroupView, MemberView, WaitingMemberView } from './views/group.view.js';
import { GuardView, HeldOutcomeView, HeldRemovalView } from './views/guard.view.js';
import { SignInPreviewView } from './views/preview.view.js';
import { HandOverOutcomeView, HandOverView } from './views/hand-over.view.js';
import { RotationView } from './views/rotation.view.js';
import { OrganizationView } from './views/organization.view.js';
import { AuditEntryView, EventView, RevokedSessionsView, SignInDetailView, SignInView } from './views/record.view.js';
import { NewScimClientView, ScimClientView } from './views/scim-client.view.js';
import { SchemaView } from './views/schema.view.js';
import { DroppedLeftoversView, TakeOverView } from './views/take-over.view.js';
import { AdminTokenView, DomainView, NewAdminTokenView, NewScimTokenView, ScimTokenView } from './views/token.view.js';
import { UserDetailView, UserView } from './views/user.view.js';

const ORGANIZATION = '/organizations/:organization';
const CONNECTION = `${ORGANIZATION}/connections/:connection`;
const GUARD = `${CONNECTION}/guards/:guard`;
const HELD = `${CONNECTION}/held-removals`;
const TOKENS = `${CONNECTION}/scim-tokens`;
const CLIENTS = `${CONNECTION}/scim-clients`;
const SCHEMA = `${CONNECTION}/schemas/:schema`;
const HAND_OVERS = `${CONNECTION}/hand-overs`;
const DOMAIN = `${ORGANIZATION}/domains/:domain`;
const USER = `${ORGANIZATION}/users/:user`;
const GROUP = `${ORGANIZATION}/groups/:group`;

type Rest = Partial<Omit<Operation, 'name' | 'method' | 'path' | 'summary'>>;
const operation =
  (method: Operation['method']) =>
  <Name extends string>(name: Name, path: string, summary: string, rest: Rest = {}) =>
    ({ name, method, path, summary, ...rest }) satisfies Operation;
const get = operation('GET');
const post = operation('POST');
const put = operation('PUT');
const patch = operation('PATCH');
const remove = operation('DELETE');
const page = (returns: Operation['returns'], query: Operation['query'] = PageQuery) =>
  ({ returns, query, paged: true }) as const;

/**
 * Everything an operator can do. Routes, API description and command line are made of this table; a controller method without a line
 * here cannot be written, and a line without a controller method fails a test.
 */
export const OPERATIONS = [
  get('organization list', '/organizations', 'All organizations', page(OrganizationView)),
  post('organization create', '/organizations', 'A new organization', {
    body: CreateOrganizationBody,
    returns: OrganizationView,
  }),
  get('organization get', ORGANIZATION, 'One organization', { returns: OrganizationView }),
  patch('organization update', ORGANIZATION, 'Change an organization', {
    body: UpdateOrganizationBody,
    returns: OrganizationView,
  }),

  get('connection list', `${ORGANIZATION}/connections`, 'The connections to IdPs', page(ConnectionView)),
  post('connection create', `${ORGANIZATION}/connections`, 'A new connection, enabled, without an IdP yet', {
    body: CreateConnectionBody,
    returns: ConnectionView,
  }),
  get('connection get', CONNECTION, 'One connection, with what to paste into the IdP', { returns: ConnectionView }),
  patch('connection update', CONNECTION, 'Change switches, provisioning or attribute mapping', {
    body: UpdateConnectionBody,
    returns: ConnectionView,
  }),
  put('connection configure-saml', `${CONNECTION}/saml`, 'Set the IdP, from its metadata or by hand', {
    body: ConfigureSamlBody,
    returns: ConnectionView,
    consumes: ['text/xml', 'application/xml', 'application/samlmetadata+xml'],
  }),
  get(
    'connection quirks',
    `${CONNECTION}/quirks`,
    'What the SCIM client is seen to do, and which product it seems to be',
    {
      returns: ConnectionQuirksView,
    },
  ),
  post('connection preview', `${CONNECTION}/preview`, 'What a sign-in would do; writes nothing', {
    body: PreviewBody,
    returns: SignInPreviewView,
  }),
  post('take-over match', `${CONNECTION}/take-over/match`, 'Compare people a SCIM client has with those who are here', {
    body: TakeOverBody,
    returns: TakeOverView,
  }),
  post(
    'take-over drop-leftovers',
    `${CONNECTION}/take-over/drop-leftovers`,
    'End memberships that only sign-ins gave to people who are under SCIM',
    { returns: DroppedLeftoversView },
  ),
  get('hand-over list', HAND_OVERS, 'Hand-overs between sign-ins and SCIM, newest first', page(HandOverView)),
  post('hand-over start', HAND_OVERS, 'Hand people over to SCIM or back, or preview that', {
    body: HandOverBody,
    returns: HandOverOutcomeView,
  }),
  post(
    'hand-over undo',
    `${HAND_OVERS}/:handOver/undo`,
    'Make people again what they were, but for what changed since',
    {
      returns: HandOverOutcomeView,
    },
  ),
  post('hand-over confirm', `${HAND_OVERS}/:handOver/confirm`, 'Leave it so: it can not be undone any more', {
    returns: HandOverView,
  }),
  post('connection enable', `${CONNECTION}/enable`, 'Let it work again', { returns: ConnectionView }),
  post('connection disable', `${CONNECTION}/disable`, 'Refuse its sign-ins and SCIM requests', {
    body: DisableConnectionBody,
    returns: ConnectionView,
  }),

  get('guard get', GUARD, 'What a guard counts, allows and holds', { returns: GuardView }),
  post(
    'guard resume',
    `${GUARD}/resume`,
    'What was until now was meant: let go and count anew, at once or after a time',
    {
      body: ResumeGuardBody,
      returns: GuardView,
    },
  ),
  get(
    'held-removal list',
    HELD,
    'People whose groups a sign-in would have taken, had the guard not held it',
    page(HeldRemovalView),
  ),
  post('held-removal apply', `${HELD}/apply`, 'Take the groups, as far as their sign-in still would', {
    body: DecideHeldBody,
    returns: HeldOutcomeView,
  }),
  post('held-removal drop', `${HELD}/drop`, 'Let them keep the groups, until their next sign-in', {
    body: DecideHeldBody,
    returns: HeldOutcomeView,
  }),

  get('scim-token list', TOKENS, 'The tokens of a provisioning client, newest first', page(ScimTokenView)),
  post('scim-token create', TOKENS, 'A new token, shown once; two live ones at most', {
    body: CreateScimTokenBody,
    returns: NewScimTokenView,
  }),
  post('scim-token rotate', `${TOKENS}/rotate`, 'A new token; the newest of the old ones stays beside it', {
    body: CreateScimTokenBody,
    returns: NewScimTokenView,
  }),
  patch('scim-token update', `${TOKENS}/:token`, 'Its name and the addresses it may be used from', {
    body: UpdateScimTokenBody,
    returns: ScimTokenView,
  }),
  post('scim-token revoke', `${TOKENS}/:token/revoke`, 'End a token at once', { returns: ScimTokenView }),

  get('scim-client list', CLIENTS, 'Provisioning clients that use OAuth, newest first', page(ScimClientView)),
  post('scim-client create', CLIENTS, 'A new client: with a secret, shown once, or with public keys', {
    body: CreateScimClientBody,
    returns: NewScimClientView,
  }),
  patch('scim-client update', `${CLIENTS}/:client`, 'Its name, keys and the addresses it may come from', {
    body: UpdateScimClientBody,
    returns: ScimClientView,
  }),
  post(
    'scim-client rotate',
    `${CLIENTS}/:client/rotate`,
    'Another secret; the newest of the old ones stays beside it',
    {
      body: RotateSecretBody,
      returns: NewScimClientView,
    },
  ),
  post('scim-client revoke-secret', `${CLIENTS}/:client/secrets/:secret/revoke`, 'End a secret at once', {
    returns: ScimClientView,
  }),
  post('scim-client revoke', `${CLIENTS}/:client/revoke`, 'End a client and its access tokens at once', {
    returns: ScimClientView,
  }),
  get(
    'schema list',
    `${CONNECTION}/schemas`,
    'The extension schemas of a provisioning client',
    page(SchemaView, NamePageQuery),
  ),
  get('schema get', SCHEMA, 'One extension schema', { returns: SchemaView }),
  put('schema declare', SCHEMA, 'Declare an extension schema, or declare it anew', {
    body: DeclareSchemaBody,
    returns: SchemaView,
  }),
  remove('schema delete', SCHEMA, 'Take a schema back; stored values stay and are hidden'),

  get('domain list', `${ORGANIZATION}/domains`, 'Claimed and verified domains', page(DomainView, NamePageQuery)),
  post('domain claim', `${ORGANIZATION}/domains`, 'Claim an e-mail domain', {
    body: ClaimDomainBody,
    returns: DomainView,
  }),
  post('domain verify', `${DOMAIN}/verify`, 'Verify a claimed domain', { body: VerifyDomainBody, returns: DomainView }),
  remove('domain release', DOMAIN, 'Give a domain up'),

  get('user list', `${ORGANIZATION}/users`, 'People, in the order of their creation', page(UserView, UsersQuery)),
  post('user create', `${ORGANIZATION}/users`, 'A new person, made by hand', {
    body: CreateUserBody,
    returns: UserDetailView,
  }),
  get('user get', USER, 'One person with memberships, identities and live sessions', { returns: UserDetailView }),
  patch('user update', USER, 'Flags, role and activation', { body: UpdateUserBody, returns: UserDetailView }),
  post('user revoke-sessions', `${USER}/revoke-sessions`, 'End all sessions of a person', {
    returns: RevokedSessionsView,
  }),

  get('user explain', `${USER}/explain`, 'Why a person has their groups and role: every chain that gives them', {
    returns: ExplanationView,
  }),
  get(
    'user timeline',
    `${USER}/timeline`,
    'What happened to a person: sign-ins, changes and events, newest first',
    page(HappeningView),
  ),
  get('user history', `${USER}/history`, 'What a person was at an instant, with groups and identities', {
    query: InstantQuery,
    returns: UserHistoryView,
  }),

  get('group list', `${ORGANIZATION}/groups`, 'Groups, in the order of their creation', page(GroupView, GroupsQuery)),
  post('group create', `${ORGANIZATION}/groups`, 'A new group, made by hand', {
    body: CreateGroupBody,
    returns: GroupView,
  }),
  get('group get', GROUP, 'One group', { returns: GroupView }),
  patch('group update', GROUP, 'Name, role, protection and policy', { body: UpdateGroupBody, returns: GroupView }),
  get('group members', `${GROUP}/members`, 'The members of a group, and why they are in it', page(MemberView)),
  get(
    'group waiting-members',
    `${GROUP}/waiting-members`,
    'Members a provisioning client named before their user is here',
    page(WaitingMemberView, NamePageQuery),
  ),
  post('group add-members', `${GROUP}/members`, 'Add people by hand', { body: MembersBody }),
  post('group remove-members', `${GROUP}/members/remove`, 'Take people out, whatever put them in', {
    body: MembersBody,
  }),
  get('group history', `${GROUP}/history`, 'What a group was at an instant', {
    query: InstantQuery,
    returns: GroupHistoryView,
  }),
  get(
    'group history-members',
    `${GROUP}/history/members`,
    'Who was in a group at an instant, and why',
    page(PastMemberView, PastMembersQuery),
  ),

  get(
    'sign-in list',
    `${ORGANIZATION}/sign-ins`,
    'What became of sign-ins, newest first',
    page(SignInView, SignInsQuery),
  ),
  get('sign-in get', `${ORGANIZATION}/sign-ins/:signIn`, 'One sign-in with the whole decision', {
    returns: SignInDetailView,
  }),
  get('audit list', `${ORGANIZATION}/audit-entries`, 'Who did what, newest first', page(AuditEntryView, AuditQuery)),
  get('event list', `${ORGANIZATION}/events`, 'What happened, newest first', page(EventView, EventsQuery)),

  get('admin-token list', '/admin-tokens', 'Tokens of operators, newest first', page(AdminTokenView)),
  post('admin-token create', '/admin-tokens', 'A new token for an operator, shown once', {
    body: CreateTokenBody,
    returns: NewAdminTokenView,
  }),
  post('admin-token revoke', '/admin-tokens/:token/revoke', 'End a token at once', { returns: AdminTokenView }),
  get(
    'server-audit list',
    '/audit-entries',
    'Who changed operator tokens, newest first',
    page(AuditEntryView, AuditQuery),
  ),
  post('encryption rotate', '/encryption/rotate', 'Encrypt all data keys with the first of the configured keys', {
    returns: RotationView,
  }),
] as const;

export type OperationName = (typeof OPERATIONS)[number]['name'];

export const operationNamed = (name: OperationName): Operation => OPERATIONS.find((each) => each.name === name)!;
