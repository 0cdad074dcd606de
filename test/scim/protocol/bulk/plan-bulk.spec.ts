import fc from 'fast-check';
import type { BulkOperation } from '../../../../src/scim/protocol/bulk/bulk-operation.js';
import { planBulk, type Step } from '../../../../src/scim/protocol/bulk/plan-bulk.js';

/** A user or group with members or managers that it refers to. */
const make = (type: 'Users' | 'Groups', bulkId: string, ...refersTo: string[]): BulkOperation => ({
  method: 'POST',
  path: `/${type}`,
  bulkId,
  data: { members: refersTo.map((other) => ({ value: `bulkId:${other}` })) },
});
const user = (bulkId: string, ...managers: string[]) => make('Users', bulkId, ...managers);
const group = (bulkId: string, ...members: string[]) => make('Groups', bulkId, ...members);
const change = (path: string, ...refersTo: string[]): BulkOperation => ({
  ...make('Users', '', ...refersTo),
  method: 'PATCH',
  path,
});

/** `1` as a whole, `1-` begun, `-1` completed. */
const print = (steps: readonly Step[]) =>
  steps.map(({ index, kind }) => ({ whole: `${index}`, begin: `${index}-`, complete: `-${index}` })[kind]).join(' ');

describe('planBulk', () => {
  it.each<[what: string, plan: string, operations: BulkOperation[]]>([
    ['nothing', '', []],
    ['no references: the order of the request', '0 1 2', [group('g'), change('/Users/1'), user('u')]],
    ['backward references: the order of the request', '0 1 2', [user('a'), group('g', 'a'), change('/Users/bulkId:a')]],
    ['a forward reference waits', '1 0', [group('g', 'u'), user('u')]],
    ['several', '1 2 0', [group('g', 'u', 'v'), user('u'), user('v')]],
    ['a chain is taken from its end', '2 1 0', [user('a', 'b'), user('b', 'c'), user('c')]],
    ['a path waits as well', '1 0', [change('/Users/bulkId:u'), user('u')]],
    // A user takes the name that another gives up in between: users must keep their order.
    ['others of the same kind do not overtake', '1 2 0', [group('g', 'u'), change('/Users/1'), user('u')]],
    ['nor do they overtake who waits', '2 0 1', [group('g', 'u'), change('/Groups/1'), user('u')]],
    ['a change waits with its reference', '1 0', [change('/Groups/1', 'u'), user('u')]],
    ['an unknown reference is waited for by nobody', '0 1', [group('g', 'nobody'), user('u')]],
    ['a bulkId of a change is no name of a resource', '0 1', [group('g', 'p'), { ...change('/Users/1'), bulkId: 'p' }]],
    ['two that refer to each other', '0- 1 -0', [user('a', 'b'), user('b', 'a')]],
    ['one that refers to itself', '0- -0', [user('a', 'a')]],
    ['a circle of three', '0- 2 1 -0', [user('a', 'b'), user('b', 'c'), user('c', 'a')]],
    ['who only leads into a circle is not torn', '1- 0 2 -1', [group('g', 'a'), user('a', 'b'), user('b', 'a')]],
    ['two circles', '0- 1 -0 2- 3 -2', [user('a', 'b'), user('b', 'a'), user('c', 'd'), user('d', 'c')]],
    ['a circle over both kinds', '0- 1 -0', [group('g', 'u'), user('u', 'g')]],
    [
      'a path waits until the resource is complete',
      '0- 2 -0 1',
      [user('a', 'b'), change('/Users/bulkId:a'), user('b', 'a')],
    ],
    ['the example of RFC 7644 section 3.7.1', '0- 1 -0', [group('qwerty', 'ytrewq'), group('ytrewq', 'qwerty')]],
    ['faults wait for nothing', '0 1', [{ method: 'POST', path: '/Users', bulkId: 'a' }, change('/Nothing', 'a')]],
  ])('R-153, R-156: %s', (_what, plan, operations) => {
    expect(print(planBulk(operations))).toBe(plan);
  });

  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const references = fc.subarray([...names, 'unknown']);
  const operations = fc
    .tuple(
      fc
        .shuffledSubarray(names)
        .chain((used) =>
          fc.tuple(
            ...used.map((name) =>
              fc.tuple(fc.boolean(), references).map(([isUser, to]) => make(isUser ? 'Users' : 'Groups', name, ...to)),
            ),
          ),
        ),
      fc.array(
        fc
          .tuple(fc.constantFrom('/Users/1', '/Groups/1', ...names.map((name) => `/Users/bulkId:${name}`)), references)
          .map(([path, to]) => change(path, ...to)),
        { maxLength: 4 },
      ),
    )
    .chain(([made, changed]) =>
      fc.shuffledSubarray([...made, ...changed], { minLength: made.length + changed.length }),
    );

  it('R-153: whatever refers to whatever, everything is done once and after what it needs', () => {
    fc.assert(
      fc.property(operations, (all) => {
        const steps = planBulk(all);
        const at = (index: number, ...kinds: Step['kind'][]) =>
          steps.findIndex((step) => step.index === index && kinds.includes(step.kind));
        const makers = new Map(
          all.flatMap(({ method, bulkId }, index) => (method === 'POST' ? [[bulkId!, index] as const] : [])),
        );
        for (const [index, { method, path, data }] of all.entries()) {
          const kinds = steps.filter((step) => step.index === index).map(({ kind }) => kind);
          expect(method === 'POST' ? [['whole'], ['begin', 'complete']] : [['whole']]).toContainEqual(kinds);
          const end = at(index, 'whole', 'complete');
          for (const { value } of data!['members'] as { value: string }[]) {
            const maker = makers.get(value.slice('bulkId:'.length));
            if (maker !== undefined) expect(at(maker, 'whole', 'begin')).toBeLessThanOrEqual(end);
            // What is not torn has all it needs from the start.
            if (maker !== undefined && kinds[0] === 'whole') expect(at(maker, 'whole', 'begin')).toBeLessThan(end);
          }
          const target = makers.get(/bulkId:(.*)/.exec(path)?.[1] ?? '');
          if (target !== undefined) expect(at(target, 'whole', 'complete')).toBeLessThan(at(index, 'whole'));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('R-156: what could be done in the order of the request is done in it', () => {
    fc.assert(
      fc.property(operations, (all) => {
        const known = new Set<string>();
        const backward = all.filter(({ method, path, bulkId, data }) => {
          const named = [
            ...(data!['members'] as { value: string }[]).map(({ value }) => value),
            path.replace('/Users/', ''),
          ];
          if (named.some((name) => name.startsWith('bulkId:') && !known.has(name))) return false;
          if (method === 'POST') known.add(`bulkId:${bulkId!}`);
          return true;
        });
        expect(print(planBulk(backward))).toBe(backward.map((_, index) => index).join(' '));
      }),
    );
  });

  it.each<[string, (index: number) => string[]]>([
    ['all refer to all', () => Array.from({ length: 1000 }, (_, other) => `u${other}`)],
    ['a chain to the end', (index) => [`u${index + 1}`]],
    ['each to itself', (index) => [`u${index}`]],
    ['one great circle', (index) => [`u${(index + 1) % 1000}`]],
  ])('plans a thousand operations in no time: %s', (_what, refersTo) => {
    const all = Array.from({ length: 1000 }, (_, index) => user(`u${index}`, ...refersTo(index)));
    const started = performance.now();
    expect(planBulk(all).filter(({ kind }) => kind !== 'complete')).toHaveLength(1000);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
