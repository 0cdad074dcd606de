import { AuditQuery, EventsQuery, LogoutsQuery, SignInsQuery } from '../bodies/records.query.js';
import { CreateTokenBody } from '../bodies/token.body.js';
import { LogoutView } from '../views/logout.view.js';
import { RotationView } from '../views/rotation.view.js';
import { IncidentView } from '../views/incident.view.js';
import { AuditEntryView, EventView, SignInDetailView, SignInView } from '../views/record.view.js';
import { AdminTokenView, NewAdminTokenView } from '../views/token.view.js';
import { TestSignInView } from '../views/sign-in-detail.view.js';
import { CONNECTION, ORGANIZATION, get, page, post } from './line.table.js';

/** What happened, and the server itself. */
export const RECORD_OPERATIONS = [
  get(
    'sign-in list',
    `${ORGANIZATION}/sign-ins`,
    'What became of sign-ins, newest first',
    page(SignInView, SignInsQuery),
  ),
  get('sign-in get', `${ORGANIZATION}/sign-ins/:signIn`, 'One sign-in with the whole decision', {
    returns: SignInDetailView,
  }),
  get(
    'incident get',
    '/incidents/:incident',
    'The sign-in or logout behind the code that somebody was shown, in whichever organization, and what to do about it',
    { returns: IncidentView },
  ),
  get(
    'logout list',
    `${ORGANIZATION}/logouts`,
    'What became of logout messages of IdPs, newest first',
    page(LogoutView, LogoutsQuery),
  ),
  get('logout get', `${ORGANIZATION}/logouts/:logout`, 'One logout message with what was wrong with it', {
    returns: LogoutView,
  }),
  get(
    'connection sign-ins',
    `${CONNECTION}/sign-ins`,
    'The last sign-ins of a connection, with what was received and checked',
    page(SignInDetailView),
  ),
  post('connection test-sign-in', `${CONNECTION}/test-sign-ins`, 'An address for a sign-in that changes nothing', {
    returns: TestSignInView,
  }),
  get('connection test-sign-in-result', `${CONNECTION}/test-sign-ins/:testSignIn`, 'What a test sign-in has shown', {
    returns: TestSignInView,
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
