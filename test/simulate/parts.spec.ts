import fc from 'fast-check';
import { Directory } from '../../simulate/directory/directory.js';
import { backOff, retryAfter } from '../../simulate/http/back-off.js';
import { Histogram } from '../../simulate/http/histogram.js';
import { parallel } from '../../simulate/parallel.js';
import { leavesOf, readLeaf, writeLeaves, type AttributeName } from '../../simulate/protocol/attributes.js';
import { IdStore } from '../../simulate/protocol/id-store.js';
import { sample } from '../../simulate/random.js';

const number = fc.integer({ min: 0, max: 2 ** 31 });

describe('the directory', () => {
  it('is a function of the seed', () => {
    const size = { users: 60, groups: 9, memberships: 200 };
    const all = (seed: number) => {
      const directory = new Directory(seed, 'x', size);
      const people = Array.from({ length: 60 }, (_, index) => directory.person(index));
      return { people, groups: [...directory.groups()].map((group) => [...directory.membersOf(group)]) };
    };
    fc.assert(
      fc.property(number, (seed) => {
        expect(all(seed)).toEqual(all(seed));
        expect(all(seed + 1)).not.toEqual(all(seed));
      }),
      { numRuns: 20 },
    );
  });

  it('has as many memberships as asked for, where there is room, and nobody twice in a group', () => {
    fc.assert(
      fc.property(number, fc.nat(300), fc.nat(40), fc.nat(2000), (seed, people, groups, memberships) => {
        const users = people + 1;
        const directory = new Directory(seed, 'x', { users, groups, memberships });
        const members = [...directory.groups()].map((group) => [...directory.membersOf(group)]);
        for (const group of members) expect(new Set(group).size).toBe(group.length);
        const all = members.reduce((sum, group) => sum + group.length, 0);
        if (groups > 0 && memberships <= users) expect(all).toBe(memberships);
        expect(all).toBeLessThanOrEqual(memberships);
      }),
    );
  });

  it('gives everybody names and ids of their own', () => {
    const directory = new Directory(1, 'x', { users: 5000, groups: 500, memberships: 0 });
    const people = Array.from({ length: 5000 }, (_, index) => directory.person(index));
    for (const name of ['userName', 'externalId'] as const) {
      expect(new Set(people.map((person) => person[name].toLowerCase())).size).toBe(5000);
    }
    const names = [...directory.groups()].map((group) => directory.group(group).displayName.toLowerCase());
    expect(new Set(names).size).toBe(500);
  });

  it('keeps what life changed, and forgets nobody who comes back', () => {
    const directory = new Directory(1, 'x', { users: 20, groups: 2, memberships: 30 });
    const before = [...directory.membersOf(0)];
    const [first] = before;
    directory.remove(first!);
    expect([...directory.membersOf(0)]).toEqual(before.slice(1));
    directory.restore(first!);
    directory.removeMember(0, before[1]!);
    expect([...directory.membersOf(0)]).toEqual([first, ...before.slice(2)]);
    const joined = directory.join({ title: 'New' });
    directory.addMember(0, joined);
    expect([...directory.membershipsOf(new Set([joined]))]).toEqual([[0, [joined]]]);
    expect(directory.person(joined)).toMatchObject({
      title: 'New',
      userName: expect.stringMatching(/@x-1\./) as unknown,
    });
  });
});

describe('a sample', () => {
  it('has different numbers below the size', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(100), number, (count, size, seed) => {
        const drawn = [...sample(count, size, seed)];
        expect(new Set(drawn).size).toBe(Math.min(count, size));
        expect(drawn.every((one) => one >= 0 && one < size)).toBe(true);
      }),
    );
  });
});

describe('ids', () => {
  it('are found both ways, whatever they look like and however often they change', () => {
    const id = fc.oneof(fc.uuid(), fc.string({ minLength: 1 }), fc.constant('00000000-0000-0000-0000-000000000000'));
    const change = fc.record({ index: fc.nat(3000), id: fc.option(id, { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const store = new IdStore();
        const wanted = new Map<number, string>();
        for (const { index, id } of changes) {
          if (id === undefined) {
            store.forget(index);
            wanted.delete(index);
          } else if (![...wanted.values()].includes(id)) {
            store.set(index, id);
            wanted.set(index, id);
          }
        }
        for (const { index, id } of changes) {
          expect(store.get(index)).toBe(wanted.get(index));
          if (id !== undefined) {
            expect(store.indexOf(id)).toBe([...wanted].find(([, other]) => other === id)?.[0]);
          }
        }
      }),
    );
  });

  it('are found among many', () => {
    const store = new IdStore();
    const idOf = (index: number) => `01900000-0000-7000-8000-${index.toString(16).padStart(12, '0')}`;
    for (let index = 0; index < 20_000; index++) store.set(index, idOf(index));
    const lost = Array.from({ length: 20_000 }, (_, index) => index).filter(
      (index) => store.indexOf(idOf(index)) !== index,
    );
    expect(lost).toEqual([]);
    expect(store.indexOf(idOf(20_000))).toBeUndefined();
  });
});

describe('leaves', () => {
  const person = new Directory(1, 'x', { users: 20, groups: 0, memberships: 0 }).person(11);
  const names: AttributeName[] = ['userName', 'active', 'givenName', 'email', 'phone', 'department', 'manager'];

  it('are read where they were written, and taken out', () => {
    const leaves = leavesOf(names, { person, managerId: 'boss' });
    const document = writeLeaves({}, leaves);
    for (const { path, value } of leaves) expect(readLeaf(document, path)).toBe(value);
    expect(document).toMatchObject({ emails: [{ primary: true, type: 'work', value: person.email }] });
    const empty = writeLeaves(
      document,
      leaves.map((leaf) => ({ ...leaf, value: undefined })),
    );
    for (const { path } of leaves) expect(readLeaf(empty, path)).toBeUndefined();
    expect(empty).not.toHaveProperty('phoneNumbers');
  });

  it('show two elements of one type', () => {
    const emails = [
      { type: 'work', value: 'a@b.c' },
      { type: 'Work', value: 'd@e.f' },
    ];
    expect(readLeaf({ emails }, 'emails[type eq "work"].value')).toBe('a@b.c and d@e.f');
  });
});

describe('waiting', () => {
  it('reads Retry-After in seconds or as a date, and doubles without it', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(retryAfter('3', now)).toBe(3000);
    expect(retryAfter('Thu, 01 Jan 2026 00:00:05 GMT', now)).toBe(5000);
    expect(retryAfter('Wed, 31 Dec 2025 00:00:00 GMT', now)).toBe(0);
    expect(retryAfter('soon', now)).toBeUndefined();
    expect(retryAfter(undefined, now)).toBeUndefined();
    expect([1, 2, 3, 20].map(backOff)).toEqual([200, 400, 800, 30_000]);
  });
});

describe('latencies', () => {
  it('have quantiles within 2 per cent', () => {
    const histogram = new Histogram();
    for (let value = 1; value <= 1000; value++) histogram.add(value);
    expect(Math.abs(histogram.quantile(0.5) / 500 - 1)).toBeLessThan(0.021);
    expect(Math.abs(histogram.quantile(0.99) / 990 - 1)).toBeLessThan(0.021);
    expect(histogram).toMatchObject({ count: 1000, max: 1000 });
    expect(histogram.quantile(1)).toBe(1000);
    expect(new Histogram().quantile(0.5)).toBe(0);
  });
});

describe('parallel', () => {
  it('does everything, no more than the limit at a time, and ends with the first error', async () => {
    let [running, most] = [0, 0];
    const done: number[] = [];
    await parallel([1, 2, 3, 4, 5, 6, 7], 3, async (one) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      done.push(one);
    });
    expect({ most, done: done.sort() }).toEqual({ most: 3, done: [1, 2, 3, 4, 5, 6, 7] });
    const begun: number[] = [];
    const failing = parallel([1, 2, 3, 4, 5, 6], 2, async (one) => {
      begun.push(one);
      if (one === 2) throw new Error('no');
      await new Promise((resolve) => setImmediate(resolve));
    });
    await expect(failing).rejects.toThrow('no');
    expect(begun).toEqual([1, 2]);
  });
});
