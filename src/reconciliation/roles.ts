import type { Attributes } from '../directory/directory-types.js';

/**
 * Roles (design section 6). A person's own role comes from the role attribute (JIT), from SCIM `roles`, or from an operator; groups
 * can raise it. The effective role is derived, never stored, so that it cannot disagree with the memberships.
 */

/** The most powerful of the person's own role and the roles of their groups. `ordered`: the most powerful first. */
export function effectiveRole(ordered: readonly string[], own: string, ofGroups: readonly (string | null)[]): string {
  return ordered.find((role) => role === own || ofGroups.includes(role)) ?? own;
}

export interface RoleMapping {
  readonly value: string;
  readonly role: string;
}

/** The most powerful role that one of the values gives, through the mapping or by being a role's name in any case; undefined: none. */
export function roleOfValues(
  ordered: readonly string[],
  mapping: readonly RoleMapping[],
  values: readonly string[],
): string | undefined {
  const given = new Set<string>();
  for (const value of values) {
    for (const entry of mapping) if (entry.value === value) given.add(entry.role);
    const named = ordered.find((role) => role.toLowerCase() === value.toLowerCase());
    if (named !== undefined) given.add(named);
  }
  return ordered.find((role) => given.has(role));
}

/** The values of SCIM `roles`; Entra puts a whole object as text into `value` (`{"id":...,"value":"Admin"}`). */
export function scimRoleValues(attributes: Attributes): string[] {
  const roles = attributes['roles'];
  if (!Array.isArray(roles)) return [];
  return roles.flatMap((role) => {
    if (typeof role !== 'object' || role === null || Array.isArray(role) || typeof role['value'] !== 'string')
      return [];
    const inner = innerValue(role['value']);
    return inner === undefined ? [role['value']] : [role['value'], inner];
  });
}

function innerValue(text: string): string | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    const value: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'value') : undefined;
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
