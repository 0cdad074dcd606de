import type { PersonDrift } from '../../reconciliation/drift.service.js';
import type { DriftView } from './drift.view.js';

/** Drift as operators see it: one thing a person, and one line of CSV for each disagreement. */

export const toDriftView = ({ user, kinds, profile, groups, assertion }: PersonDrift): DriftView => ({
  userId: user.id,
  userName: user.userName,
  connectionId: user.connectionId,
  kinds,
  profile,
  groups,
  signInId: assertion?.id ?? null,
  assertedAt: assertion?.at.toISOString() ?? null,
  refused: assertion?.reason ?? null,
});

export const DRIFT_HEADER = [
  'kind',
  'userId',
  'userName',
  'connectionId',
  'what',
  'stored',
  'asserted',
  'signInId',
  'assertedAt',
];

export function toDriftLines({ user, kinds, profile, groups, assertion }: PersonDrift): string[][] {
  const differences = [
    ...groups.assertedOnly.map(({ displayName }) => ['groups', displayName, 'no', 'yes']),
    ...groups.storedOnly.map(({ displayName }) => ['groups', displayName, 'yes', 'no']),
    ...groups.unknown.map((value) => ['unknown-groups', value, 'no', 'yes']),
    ...Object.entries(profile).map(([name, [stored, asserted]]) => ['profile', name, toText(stored), toText(asserted)]),
    ...(kinds.includes('active') ? [['active', 'active', 'false', 'true']] : []),
  ];
  return differences.map(([kind, what, stored, asserted]) => [
    kind!,
    user.id,
    user.userName,
    user.connectionId ?? '',
    what!,
    stored!,
    asserted!,
    assertion?.id ?? '',
    assertion?.at.toISOString() ?? '',
  ]);
}

const toText = (value: unknown): string =>
  typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value);
