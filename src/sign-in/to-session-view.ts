import type { Attributes, GroupRef, JsonValue, UserView } from '../directory/directory-types.js';
import type { Organization } from '../organizations/connection.js';
import { effectiveRole } from '../reconciliation/roles.js';
import type { LiveSession } from '../sessions/live-session.js';

/** What a signed-in person is shown of themselves. */
export interface SessionView {
  readonly id: string;
  readonly userName: string;
  readonly displayName: string | null;
  readonly email: string | null;
  readonly organization: { readonly id: string; readonly slug: string; readonly name: string };
  readonly groups: readonly GroupRef[];
  readonly role: string;
  readonly session: {
    readonly signedInAt: string;
    readonly expiresAt: string;
    readonly authenticatedBy: 'saml' | 'recovery-code';
  };
}

export function toSessionView(
  session: Pick<LiveSession, 'createdAt' | 'expiresAt' | 'connectionId'>,
  { user, groups }: UserView,
  organization: Pick<Organization, 'id' | 'slug' | 'name' | 'roles'>,
  groupRoles: readonly string[],
): SessionView {
  const { id, slug, name } = organization;
  return {
    id: user.id,
    userName: user.userName,
    displayName: displayNameOf(user.attributes),
    email: emailOf(user.attributes),
    organization: { id, slug, name },
    groups: [...groups].sort((left, right) => (left.displayName < right.displayName ? -1 : 1)),
    role: effectiveRole(organization.roles, user.role, groupRoles),
    session: {
      signedInAt: session.createdAt.toISOString(),
      expiresAt: session.expiresAt.toISOString(),
      authenticatedBy: session.connectionId === null ? 'recovery-code' : 'saml',
    },
  };
}

/** What a person is called in a sentence. */
export const userNameOf = ({ user }: Pick<UserView, 'user'>): string => displayNameOf(user.attributes) ?? user.userName;

/** displayName, else name.formatted, else given and family name. */
function displayNameOf(attributes: Attributes): string | null {
  const name = attributes['name'];
  const parts = isObject(name)
    ? [name['formatted'], [name['givenName'], name['familyName']].filter(isText).join(' ')]
    : [];
  return [attributes['displayName'], ...parts].find(isText) ?? null;
}

/** The primary address, else the first. */
function emailOf(attributes: Attributes): string | null {
  const emails = Array.isArray(attributes['emails']) ? attributes['emails'].filter(isObject) : [];
  const email = emails.find((entry) => entry['primary'] === true) ?? emails[0];
  return isText(email?.['value']) ? email['value'] : null;
}

const isText = (value: JsonValue | undefined): value is string => typeof value === 'string' && value !== '';

const isObject = (value: JsonValue | undefined): value is { [key: string]: JsonValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
