import { DriftCountQuery, DriftQuery } from '../bodies/drift.query.js';
import { InstantQuery, PastMembersQuery } from '../bodies/history.query.js';
import { GroupsQuery, NamePageQuery, UsersQuery } from '../bodies/page.query.js';
import {
  CreateGroupBody,
  CreateUserBody,
  MembersBody,
  UpdateGroupBody,
  UpdateUserBody,
} from '../bodies/people.body.js';
import { SessionsQuery } from '../bodies/records.query.js';
import { DriftCountsView, DriftView } from '../views/drift.view.js';
import { PreviewQuery } from '../bodies/preview.query.js';
import { ExplanationView, HappeningView } from '../views/explain.view.js';
import { GroupHistoryView, PastMemberView, UserHistoryView } from '../views/history.view.js';
import { GroupView, MemberView, WaitingMemberView } from '../views/group.view.js';
import { OperatorPreviewView } from '../views/operator-preview.view.js';
import { RevokedSessionsView } from '../views/record.view.js';
import { ListedSessionView } from '../views/session.view.js';
import { CreateRecoveryCodesBody } from '../bodies/recovery.body.js';
import { NewRecoveryCodesView, RecoveryCodeView, RevokedCodesView } from '../views/recovery.view.js';
import { UserDetailView, UserView } from '../views/user.view.js';
import { ORGANIZATION, get, page, patch, post, remove } from './line.table.js';

const USER = `${ORGANIZATION}/users/:user`;
const GROUP = `${ORGANIZATION}/groups/:group`;
/** `--preview` only says what would happen. */
const PREVIEWED = { query: PreviewQuery, previews: OperatorPreviewView } as const;

/** People and groups. */
export const PEOPLE_OPERATIONS = [
  get('user list', `${ORGANIZATION}/users`, 'People, in the order of their creation', page(UserView, UsersQuery)),
  post('user create', `${ORGANIZATION}/users`, 'A new person, made by hand', {
    ...PREVIEWED,
    body: CreateUserBody,
    returns: UserDetailView,
  }),
  get('user get', USER, 'One person with memberships, identities and live sessions', { returns: UserDetailView }),
  patch('user update', USER, 'Flags, role and activation', {
    ...PREVIEWED,
    body: UpdateUserBody,
    returns: UserDetailView,
  }),
  post('user revoke-sessions', `${USER}/revoke-sessions`, 'End all sessions of a person', {
    returns: RevokedSessionsView,
  }),
  get(
    'session list',
    `${ORGANIZATION}/sessions`,
    'Live sessions, newest first',
    page(ListedSessionView, SessionsQuery),
  ),
  post('session revoke', `${ORGANIZATION}/sessions/:session/revoke`, 'End one session', {
    returns: RevokedSessionsView,
  }),
  post(
    'recovery-code create',
    `${USER}/recovery-codes`,
    'New one-time codes for a break-glass person, shown once; those left of before end',
    { body: CreateRecoveryCodesBody, returns: NewRecoveryCodesView },
  ),
  get(
    'recovery-code list',
    `${USER}/recovery-codes`,
    'The recovery codes of a person and what became of them, newest first',
    page(RecoveryCodeView),
  ),
  post('recovery-code revoke', `${USER}/recovery-codes/revoke`, 'End the recovery codes of a person', {
    returns: RevokedCodesView,
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
  get('user drift', `${USER}/drift`, 'Where the last assertion of a person disagrees with SCIM state', {
    returns: DriftView,
  }),
  get(
    'drift list',
    `${ORGANIZATION}/drift`,
    'People whose last assertion disagrees with SCIM state; a page may hold few and have a next one',
    page(DriftView, DriftQuery),
  ),
  get('drift count', `${ORGANIZATION}/drift/count`, 'How many people have drift, and in what, as of now', {
    query: DriftCountQuery,
    returns: DriftCountsView,
  }),
  get('group list', `${ORGANIZATION}/groups`, 'Groups, in the order of their creation', page(GroupView, GroupsQuery)),
  post('group create', `${ORGANIZATION}/groups`, 'A new group, made by hand', {
    ...PREVIEWED,
    body: CreateGroupBody,
    returns: GroupView,
  }),
  get('group get', GROUP, 'One group', { returns: GroupView }),
  patch('group update', GROUP, 'Name, role, protection and policy', {
    ...PREVIEWED,
    body: UpdateGroupBody,
    returns: GroupView,
  }),
  remove('group delete', GROUP, 'Delete a group made by hand, with its memberships', PREVIEWED),
  get('group members', `${GROUP}/members`, 'The members of a group, and why they are in it', page(MemberView)),
  get(
    'group waiting-members',
    `${GROUP}/waiting-members`,
    'Members a provisioning client named before their user is here',
    page(WaitingMemberView, NamePageQuery),
  ),
  post('group add-members', `${GROUP}/members`, 'Add people by hand', { ...PREVIEWED, body: MembersBody }),
  post('group remove-members', `${GROUP}/members/remove`, 'Take people out, whatever put them in', {
    ...PREVIEWED,
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
] as const;
