import type { LoggedChange, LoggedMembers } from '../../src/audit/history.reader.js';
import type { User } from '../../src/directory/directory-types.js';
import { rebuildIdentities, rebuildMemberships, rebuildUser } from '../../src/reconciliation/rebuild.js';

const change = (action: string, changes: LoggedChange['changes'], targetId = 'g'): LoggedChange & LoggedMembers => ({
  id: '1',
  at: new Date(0),
  actorKind: 'system',
  actorId: null,
  correlationId: 'c',
  action,
  targetId,
  changes,
});

const user: User = {
  id: 'u',
  connectionId: 'c1',
  provenance: 'scim',
  active: true,
  userName: 'new',
  externalId: null,
  attributes: { title: 'Dr', nickName: 'Ad' },
  role: 'member',
  breakGlass: false,
  scimLinkApproved: false,
  version: 4,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  deletedAt: null,
};

describe('rebuild', () => {
  it('takes the old value of the first change after the instant, and what no change speaks of as it is', () => {
    const later = [
      change('user.updated', { userName: ['old', 'middle'], title: [null, 'Mr'] }),
      change('user.updated', { userName: ['middle', 'new'], title: ['Mr', 'Dr'], phone: ['1', null] }),
    ];
    const { state, certain } = rebuildUser(user, later);
    expect(certain).toBe(true);
    expect(state).toMatchObject({ userName: 'old', role: 'member' });
    expect(state?.attributes).toEqual({ nickName: 'Ad', phone: '1' });
  });

  it('the names that a deletion repeats are remarks, not changes', () => {
    const deleted = change('user.deleted', { userName: [null, 'new'], active: [true, false], deletedAt: [null, 'x'] });
    const { state } = rebuildUser({ ...user, active: false, deletedAt: new Date(1) }, [deleted]);
    expect(state).toMatchObject({ userName: 'new', active: true, deletedAt: null });
  });

  it('says where an entry of an older version leaves a doubt', () => {
    const entry = (action: string) => change(action, { members: [null, ['u']], origin: [null, 'scim'] });
    const member = { groupId: 'g', userId: 'u', origins: ['scim'] as const };
    expect(rebuildMemberships([member], [entry('group.members-added')], 'u')).toEqual({
      memberships: [],
      certain: true,
    });
    expect(rebuildMemberships([], [entry('group.members-removed')], 'u')).toEqual({ memberships: [], certain: false });
    expect(rebuildUser(user, [change('user.deleted', { userName: [null, 'new'] })]).certain).toBe(false);
  });

  it('a subject that came to somebody else and back is followed', () => {
    const subject = { format: 'f', nameQualifier: '', value: 'ada' };
    const link = { connectionId: 'c1', subject };
    const linked = change('user.linked', { connectionId: [null, 'c1'], subject: [null, subject] });
    const unlinked = change('user.unlinked', { connectionId: ['c1', null], subject: [subject, null] });
    expect(rebuildIdentities([link], [linked])).toEqual([]);
    expect(rebuildIdentities([], [unlinked])).toEqual([link]);
    expect(rebuildIdentities([link], [unlinked, linked])).toEqual([link]);
  });
});
