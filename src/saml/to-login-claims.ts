import type { AttributeMapping } from '../organizations/connection.js';
import type { AssertedGroups, LoginClaims } from '../reconciliation/changes.js';
import { FORMAT_TRANSIENT } from './protocol/names.js';
import type { NameId } from './protocol/read-name-id.js';
import type { SamlAttributes } from './protocol/read-attributes.js';
import { readFields, type FieldReading, type Readings } from './read-fields.js';
import { OVERAGE } from './usual-names.js';

/**
 * A verified assertion read through a connection's attribute mapping. A field without names of its own takes the usual names of the
 * known IdPs, so that most connections need no mapping at all; groups are only read where the connection maps them, because reading
 * them takes memberships away.
 */
export function toLoginClaims(
  assertion: { readonly nameId: NameId; readonly attributes: SamlAttributes },
  mapping: AttributeMapping,
): LoginClaims {
  return claimsOf(assertion, readFields(assertion, mapping));
}

/** `readings`: of the same assertion. */
export function claimsOf(
  { nameId, attributes }: { readonly nameId: NameId; readonly attributes: SamlAttributes },
  readings: Readings,
): LoginClaims {
  const { userName, email, givenName, familyName, displayName, externalId, role, groups } = readings;
  return {
    subject: { format: nameId.format, nameQualifier: nameId.nameQualifier, value: nameId.value },
    // "an identifier with transient semantics and SHOULD be treated as an opaque and temporary value" (core 8.3.8).
    ...(nameId.format === FORMAT_TRANSIENT ? { passingSubject: true } : {}),
    ...definedOf({
      userName: userName.values[0],
      email: email.values[0],
      givenName: givenName.values[0],
      familyName: familyName.values[0],
      displayName: displayName.values[0],
      externalId: externalId.values[0],
    }),
    roles: role.values,
    groups: groupsOf(groups, attributes),
    missing:
      userName.values.length === 0
        ? [{ field: 'userName', lookedFor: [...userName.lookedFor, ...email.lookedFor] }]
        : [],
  };
}

/** The IdP had more groups than it sends. */
export const hasOverage = (attributes: SamlAttributes): boolean => OVERAGE.some((name) => attributes.has(name));

function groupsOf({ mapped, foundIn, values }: FieldReading, attributes: SamlAttributes): AssertedGroups {
  if (!mapped) return { kind: 'unmapped' };
  if (hasOverage(attributes)) return { kind: 'overage' };
  return foundIn.length === 0 ? { kind: 'absent' } : { kind: 'listed', values };
}

function definedOf<T extends Record<string, string | undefined>>(fields: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: string;
  };
}
