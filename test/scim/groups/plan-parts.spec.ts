import fc from 'fast-check';
import { planParts } from '../../../src/scim/groups/plan-parts.js';

describe('planParts', () => {
  it('keeps every group in its place, no more members together than can be held, and a large one by itself', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(12)), (sizes) => {
        const groups = sizes.map((size, n) => ({ id: String(n), size }));
        const parts = planParts(groups, 10);
        expect(parts.flatMap(({ entries }) => entries)).toEqual(groups);
        for (const { entries, large } of parts) {
          const members = entries.reduce((sum, { size }) => sum + size, 0);
          if (large) expect([entries.length, members > 10]).toEqual([1, true]);
          else expect(members).toBeLessThanOrEqual(10);
        }
        // Neighbours that fit together are together.
        for (const [n, part] of parts.entries()) {
          const next = parts[n + 1];
          if (!next || part.large || next.large) continue;
          const together = [...part.entries, next.entries[0]!].reduce((sum, { size }) => sum + size, 0);
          expect(together).toBeGreaterThan(10);
        }
      }),
    );
  });
});
