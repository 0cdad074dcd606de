import { CreateConnectionBody, DisableConnectionBody, UpdateConnectionBody } from '../bodies/connection.body.js';
import { DecideHeldBody, ResumeGuardBody } from '../bodies/guard.body.js';
import { HandOverBody } from '../bodies/hand-over.body.js';
import { CreateOrganizationBody, UpdateOrganizationBody } from '../bodies/organization.body.js';
import { NamePageQuery } from '../bodies/page.query.js';
import { PreviewBody } from '../bodies/preview.body.js';
import {
  ApproveEndpointsBody,
  ConfigureSamlBody,
  ConnectSheetQuery,
  RefreshMetadataBody,
} from '../bodies/saml.body.js';
import { TakeOverBody } from '../bodies/take-over.body.js';
import { ClaimDomainBody, UpdateDomainBody, VerifyDomainBody } from '../bodies/token.body.js';
import { UndoBody } from '../bodies/undo.body.js';
import { ConnectionQuirksView } from '../views/client.view.js';
import { ConnectSheetView } from '../views/connect-sheet.view.js';
import { ConnectionView } from '../views/connection.view.js';
import { GuardView, HeldOutcomeView, HeldRemovalView } from '../views/guard.view.js';
import { SignInPreviewView } from '../views/preview.view.js';
import { HandOverOutcomeView, HandOverView } from '../views/hand-over.view.js';
import { OrganizationView } from '../views/organization.view.js';
import { RevokedSessionsView } from '../views/record.view.js';
import { DroppedLeftoversView, TakeOverView } from '../views/take-over.view.js';
import { UndoView } from '../views/undo.view.js';
import { DomainView } from '../views/token.view.js';
import { CONNECTION, ORGANIZATION, get, page, patch, post, put, remove } from './line.table.js';

const GUARD = `${CONNECTION}/guards/:guard`;
const HELD = `${CONNECTION}/held-removals`;
const HAND_OVERS = `${CONNECTION}/hand-overs`;
const DOMAIN = `${ORGANIZATION}/domains/:domain`;

/** Organizations, their connections and who has authority there. */
export const TENANT_OPERATIONS = [
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
  put(
    'connection configure-saml',
    `${CONNECTION}/saml`,
    'Set the IdP: by the address of its metadata, a document or by hand',
    {
      body: ConfigureSamlBody,
      returns: ConnectionView,
      consumes: ['text/xml', 'application/xml', 'application/samlmetadata+xml'],
    },
  ),
  get(
    'connection connect-sheet',
    `${CONNECTION}/connect-sheet`,
    'What to paste into the IdP, in the words of its forms',
    {
      query: ConnectSheetQuery,
      returns: ConnectSheetView,
    },
  ),
  post('connection refresh-metadata', `${CONNECTION}/saml/metadata/refresh`, 'Fetch the metadata of the IdP now', {
    body: RefreshMetadataBody,
    returns: ConnectionView,
  }),
  post(
    'connection approve-endpoints',
    `${CONNECTION}/saml/metadata/approve`,
    'Let browsers be sent to the other host that the metadata names',
    { body: ApproveEndpointsBody, returns: ConnectionView },
  ),
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
  post('changes undo', `${CONNECTION}/changes/undo`, 'Take back what a SCIM client did, or preview that', {
    body: UndoBody,
    returns: UndoView,
  }),
  post('connection enable', `${CONNECTION}/enable`, 'Let it work again', { returns: ConnectionView }),
  post('connection disable', `${CONNECTION}/disable`, 'Refuse its sign-ins and SCIM requests', {
    body: DisableConnectionBody,
    returns: ConnectionView,
  }),
  post('connection revoke-sessions', `${CONNECTION}/revoke-sessions`, 'End all sessions that were opened over it', {
    returns: RevokedSessionsView,
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
  get('domain list', `${ORGANIZATION}/domains`, 'Claimed and verified domains', page(DomainView, NamePageQuery)),
  post('domain claim', `${ORGANIZATION}/domains`, 'Claim an e-mail domain', {
    body: ClaimDomainBody,
    returns: DomainView,
  }),
  post('domain verify', `${DOMAIN}/verify`, 'Verify a claimed domain', { body: VerifyDomainBody, returns: DomainView }),
  patch('domain update', DOMAIN, 'Choose the connection that people of a domain sign in over', {
    body: UpdateDomainBody,
    returns: DomainView,
  }),
  remove('domain release', DOMAIN, 'Give a domain up'),
] as const;
