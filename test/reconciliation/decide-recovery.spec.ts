import { refuseRecovery, type RecoveryFacts } from '../../src/reconciliation/decide-recovery.js';

const now = new Date('2026-11-24T10:00:00Z');
const before = new Date('2026-11-24T09:00:00Z');
const person = { id: 'p', breakGlass: true, active: true };
const code = { userId: 'p', revokedAt: null, usedAt: null, expiresAt: new Date('2026-11-24T11:00:00Z') };
const facts = (changes: Partial<RecoveryFacts> = {}): RecoveryFacts => ({ person, code, now, ...changes });

describe('may somebody sign in with a recovery code?', () => {
  it.each<[row: number, facts: RecoveryFacts, reason: string | undefined]>([
    [1, facts({ person: undefined }), 'unknown-person'],
    [2, facts({ person: { ...person, breakGlass: false, active: false } }), 'not-exempt'],
    [3, facts({ person: { ...person, active: false } }), 'deactivated'],
    [4, facts({ code: undefined }), 'code-unknown'],
    [4, facts({ code: { ...code, userId: 'other', usedAt: before } }), 'code-unknown'],
    [5, facts({ code: { ...code, revokedAt: before, usedAt: before } }), 'code-revoked'],
    [6, facts({ code: { ...code, usedAt: before, expiresAt: before } }), 'code-used'],
    [7, facts({ code: { ...code, expiresAt: now } }), 'code-expired'],
    [8, facts(), undefined],
  ])('row %i', (_row, given, reason) => expect(refuseRecovery(given)).toBe(reason));
});
