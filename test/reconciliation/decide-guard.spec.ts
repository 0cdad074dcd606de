import fc from 'fast-check';
import {
  allowedBy,
  countedSince,
  decideGuard,
  meantBefore,
  populationFor,
  WINDOW_MS,
  type GuardFacts,
} from '../../src/reconciliation/decide-guard.js';
import { effectOf } from '../../src/reconciliation/plan-memberships.js';

const now = new Date('2026-11-26T12:00:00Z');
const before = (ms: number) => new Date(now.getTime() - ms);
const TWENTY = { atLeast: 20, percent: 10 };
const facts = (more: Partial<GuardFacts>): GuardFacts => ({
  now,
  threshold: TWENTY,
  openUntil: null,
  heldUnder: null,
  counted: 1,
  population: 100,
  ...more,
});

describe('decide-guard', () => {
  it.each<[what: string, facts: Partial<GuardFacts>, kind: 'pass' | 'hold']>([
    ['the last of the fixed number', { counted: 20, population: 30 }, 'pass'],
    ['one more than the fixed number', { counted: 21, population: 30 }, 'hold'],
    ['the last of the share, where it is larger', { counted: 50, population: 509 }, 'pass'],
    ['one more than the share', { counted: 51, population: 509 }, 'hold'],
    ['anything, switched off', { counted: 500, population: 500, threshold: null }, 'pass'],
    ['anything, switched off while held', { counted: 500, threshold: null, heldUnder: TWENTY }, 'pass'],
    ['anything, opened for now', { counted: 500, openUntil: before(-1), heldUnder: TWENTY }, 'pass'],
    ['too many, opened until now', { counted: 500, openUntil: now }, 'hold'],
    ['the first of another hour, held before', { counted: 1, heldUnder: TWENTY }, 'hold'],
    ['held before under a lower number', { counted: 1, heldUnder: { atLeast: 19, percent: 10 } }, 'pass'],
    ['held before under a lower share', { counted: 1, heldUnder: { atLeast: 20, percent: 9 } }, 'pass'],
    ['held before, the threshold lowered', { counted: 1, heldUnder: { atLeast: 30, percent: 10 } }, 'hold'],
    ['held before, raised but still too little', { counted: 99, heldUnder: { atLeast: 19, percent: 9 } }, 'hold'],
    ['nobody is allowed', { counted: 1, threshold: { atLeast: 0, percent: 0 } }, 'hold'],
  ])('%s', (_what, given, kind) => {
    expect(decideGuard(facts(given)).kind).toBe(kind);
  });

  it('tells what it counted and what would be allowed', () => {
    expect(decideGuard(facts({ counted: 51, population: 509 }))).toEqual({
      kind: 'hold',
      counted: 51,
      population: 509,
      allowed: 50,
    });
  });

  it('needs to know of no more people than decide', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.nat(100), fc.nat(500), fc.nat(5000), (atLeast, percent, counted, population) => {
        const threshold = { atLeast, percent };
        const known = counted <= atLeast ? 0 : Math.min(population, populationFor(threshold, counted));
        const whole = decideGuard(facts({ threshold, counted, population }));
        expect(decideGuard(facts({ threshold, counted, population: known })).kind).toBe(whole.kind);
        expect(counted > allowedBy(threshold, population)).toBe(whole.kind === 'hold');
      }),
    );
  });

  it('counts an hour, or since an operator let go', () => {
    expect(countedSince(now, null)).toEqual(before(WINDOW_MS));
    expect(countedSince(now, before(1000), before(2 * WINDOW_MS))).toEqual(before(1000));
    expect(meantBefore({ countedFrom: null, openUntil: null })).toBeNull();
    expect(meantBefore({ countedFrom: before(2000), openUntil: before(1000) })).toEqual(before(1000));
  });
});

describe('effectOf', () => {
  const member = (id: string, origins: ('manual' | 'scim')[] | null = ['manual'], isDefault = false) => ({
    id,
    origins,
    isDefault,
  });
  const remove = (groupId: string, ends: 'membership' | 'manual' = 'membership') => ({ groupId, ends });
  const add = (groupId: string) => ({ groupId, because: [] });

  it.each<[string, Parameters<typeof effectOf>, string]>([
    ['every group goes', [{ named: [], add: [], remove: [remove('a')] }, [member('a')]], 'emptied'],
    ['one of two goes', [{ named: ['b'], add: [], remove: [remove('a')] }, [member('a'), member('b')]], 'given'],
    ['one goes, another comes', [{ named: ['b'], add: [add('b')], remove: [remove('a')] }, [member('a')]], 'given'],
    [
      'only the default group is left',
      [{ named: ['d'], add: [], remove: [remove('a')] }, [member('a'), member('d', ['scim'], true)]],
      'emptied',
    ],
    [
      'a named group that withholds itself is nothing',
      [{ named: ['p'], add: [], remove: [remove('a')] }, [member('a'), member('p', null)]],
      'emptied',
    ],
    ['there was nothing', [{ named: [], add: [], remove: [] }, []], 'nothing'],
    [
      'one of two reasons ends',
      [{ named: [], add: [], remove: [remove('a', 'manual')] }, [member('a', ['manual', 'scim'])]],
      'nothing',
    ],
  ])('%s', (_what, given, effect) => {
    expect(effectOf(...given)).toBe(effect);
  });
});
