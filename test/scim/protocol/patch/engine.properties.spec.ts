import fc from 'fast-check';
import { sameJson } from '../../../../src/platform/same-json.js';
import { LIMITS } from '../../../../src/scim/protocol/limits.js';
import { applyPatch } from '../../../../src/scim/protocol/patch/apply-patch.js';
import { parsePatchRequest } from '../../../../src/scim/protocol/patch/parse-patch-request.js';
import { readResource } from '../../../../src/scim/protocol/read-resource.js';
import { USER } from '../../../../src/scim/protocol/resource-types.js';
import type { Json, JsonObject } from '../../../../src/scim/protocol/schema/attribute.js';
import { ScimError } from '../../../../src/scim/protocol/scim-error.js';

/** Of each property; every run of the suite takes other ones. */
const RUNS = { numRuns: 10_000 };

/** What holds of any PATCH of any user, whatever the catalogue of dialects says of single ones. */

const ENT = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const patch = (document: JsonObject, operations: unknown): JsonObject =>
  applyPatch(USER, document, parsePatchRequest({ Operations: operations as Json }));

const text = fc.constantFrom('a', 'b', 'c');
const type = fc.constantFrom('work', 'home');
const flag = fc.constantFrom<Json[]>(true, false, 'True', 'false');
const element = fc.record({ value: text, type, display: text, primary: flag }, { requiredKeys: [] });
const manager = fc.oneof(text, fc.record({ value: text, $ref: text }, { requiredKeys: [] }));

/** Users as a POST leaves them. */
const user = fc
  .record(
    {
      title: text,
      name: fc.record({ givenName: text, familyName: text }, { requiredKeys: [] }),
      emails: fc.uniqueArray(element, { maxLength: 4, selector: (each) => each.value }),
      addresses: fc.array(fc.record({ type, country: text }, { requiredKeys: ['country'] }), { maxLength: 2 }),
      [ENT]: fc.record({ department: text, manager }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  )
  .map((body): JsonObject => {
    const emails = body.emails?.map((each, at) => (at ? { ...each, primary: false } : each));
    return readResource(USER, { userName: 'ada', active: true, ...body, ...(emails && { emails }) }).document;
  });

const nothing = fc.constantFrom<Json[]>(null, '', [], {});
const filter = fc.constantFrom(
  'type eq "work"',
  'type eq "home" and value eq "a"',
  'value eq "b"',
  'primary eq true',
  'primary eq "False"',
  'not (type eq "work")',
  'value co "c" or type eq "home"',
  'display pr',
);
const sub = fc.constantFrom('value', 'type', 'display', 'primary');
const path = fc.oneof(
  fc.constantFrom(
    'title',
    'TITLE',
    'userName',
    'active',
    'name',
    'name.givenName',
    'emails',
    'addresses',
    ENT,
    'manager',
  ),
  fc.constantFrom(
    `${ENT}:department`,
    `${ENT}:manager`,
    `${ENT}:manager.value`,
    `${ENT}:manager.$ref`,
    'password',
    'id',
  ),
  sub.map((name) => `emails.${name}`),
  filter.map((condition) => `emails[${condition}]`),
  fc.tuple(filter, sub).map(([condition, name]) => `emails[${condition}].${name}`),
  type.map((label) => `addresses[type eq "${label}"].country`),
);
const value: fc.Arbitrary<Json> = fc.oneof(
  text,
  flag,
  nothing,
  text.map((each) => [each]),
  text.map((each) => [{ $ref: null, value: each }]),
  element as fc.Arbitrary<Json>,
  fc.array(element, { maxLength: 3 }) as fc.Arbitrary<Json>,
  fc.record({ givenName: text, familyName: fc.oneof(text, nothing) }, { requiredKeys: [] }) as fc.Arbitrary<Json>,
  fc.record({ department: text, manager }, { requiredKeys: [] }) as fc.Arbitrary<Json>,
);
const operation = fc.oneof(
  fc.record({ op: fc.constantFrom('add', 'replace', 'Add', 'Replace'), path, value }),
  fc.record({ op: fc.constant('remove'), path }),
  fc.record({ op: fc.constant('remove'), path: fc.constant('emails'), value }),
  fc.record({ op: fc.constantFrom('add', 'replace'), value: fc.dictionary(path, value, { maxKeys: 3 }) }),
);

/** Freezes all of it, so that a write to the input throws. */
function frozen<T>(json: T): T {
  if (typeof json === 'object' && json !== null) Object.values(Object.freeze(json)).forEach(frozen);
  return json;
}

/** The new document, or undefined where the request is refused. */
function attempt(document: JsonObject, operations: unknown): JsonObject | undefined {
  try {
    return patch(frozen(document), operations);
  } catch (error) {
    if (error instanceof ScimError) return undefined;
    throw error;
  }
}

describe('PATCH of any user', () => {
  it('R-027 leaves a document as a POST of it would have made it', () => {
    let changed = 0;
    fc.assert(
      fc.property(user, fc.array(operation, { maxLength: 6 }), (document, operations) => {
        const after = attempt(document, operations);
        if (!after) return;
        if (!sameJson(after, document)) changed += 1;
        // No null, no empty value, no element with nothing but a label, no two primaries, no other spelling, no unknown name.
        expect(readResource(USER, after).document).toEqual(after);
      }),
      RUNS,
    );
    expect(changed).toBeGreaterThan(500);
  });

  it('sent twice does what it does once, operation by operation', () => {
    fc.assert(
      fc.property(user, operation, (document, each) => {
        const once = attempt(document, [each]);
        if (!once || pathsOf(each).length > 1 || pathsOf(each).some(choosesByMore)) return;
        const twice = attempt(once, [each])!;
        // An element without a value is known by all it has: what changes it makes it another one.
        if ([document, once, twice].flatMap(elementsIn).some(({ value: has }) => has === undefined)) return;
        expect(twice).toEqual(once);
      }),
      RUNS,
    );
  });

  it('R-131 is its operations one after the other', () => {
    fc.assert(
      fc.property(user, fc.array(operation, { maxLength: 4 }), (document, operations) => {
        const oneByOne = operations.reduce<JsonObject | undefined>((d, each) => d && attempt(d, [each]), document);
        const together = attempt(document, operations);
        // An element that only gets its value from a later operation is there in one request and not in several.
        if (operations.some(mayLeaveHollow)) return;
        expect(together).toEqual(oneByOne);
      }),
      RUNS,
    );
  });

  it('does to single values what assignments would do', () => {
    const names = [
      'title',
      'nickName',
      'displayName',
      'name.givenName',
      'name.familyName',
      `${ENT}:department`,
    ] as const;
    const simple = fc.record({
      op: fc.constantFrom('add', 'replace', 'remove'),
      path: fc.constantFrom(...names),
      value: fc.oneof(text, fc.constantFrom(null, '')),
    });
    fc.assert(
      fc.property(fc.array(simple, { maxLength: 10 }), (operations) => {
        const model = new Map<string, string>();
        for (const { op, path: name, value: given } of operations) {
          if (op !== 'remove' && given) model.set(name, given);
          else if (op !== 'add') model.delete(name);
        }
        const sent = operations.map(({ op, path: name, value: given }) =>
          op === 'remove' ? { op, path: name } : { op, path: name, value: given },
        );
        const after = patch({ userName: 'ada' }, sent);
        const [name, extension] = [after['name'] as JsonObject | undefined, after[ENT] as JsonObject | undefined];
        const found: Record<(typeof names)[number], Json | undefined> = {
          title: after['title'],
          nickName: after['nickName'],
          displayName: after['displayName'],
          'name.givenName': name?.['givenName'],
          'name.familyName': name?.['familyName'],
          [`${ENT}:department`]: extension?.['department'],
        };
        expect(found).toEqual(Object.fromEntries(names.map((each) => [each, model.get(each)])));
        expect([name, extension]).not.toContainEqual({});
      }),
    );
  });

  it('answers garbage with a SCIM error, quickly, and keeps none of it', () => {
    const key = fc.oneof(
      path,
      fc.string(),
      fc.constantFrom('__proto__', 'constructor', 'prototype', '__proto__.x', 'toString'),
    );
    const garbage = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(key, fc.jsonValue()),
      fc.array(fc.constant(null)),
    ) as fc.Arbitrary<Json>;
    const op = fc.oneof(fc.constantFrom('add', 'replace', 'remove'), fc.string());
    const anything = fc.oneof(
      garbage,
      fc.record({ op, path: fc.oneof(key, garbage), value: garbage }, { requiredKeys: [] }) as fc.Arbitrary<Json>,
      fc.record({ op, value: garbage }) as fc.Arbitrary<Json>,
    );
    let slowest = 0;
    fc.assert(
      fc.property(user, fc.oneof(garbage, fc.array(anything, { maxLength: 5 })), (document, operations) => {
        const started = performance.now();
        const after = attempt(document, operations);
        slowest = Math.max(slowest, performance.now() - started);
        if (after) expect(readResource(USER, after).document).toEqual(after);
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      RUNS,
    );
    // Milliseconds; some room for a garbage collection on a busy machine.
    expect(slowest).toBeLessThan(500);
  });
});

describe('PATCH of very much', () => {
  const emails = (count: number, from = 0) =>
    Array.from({ length: count }, (_, n) => ({ value: `${n + from}@x.y`, type: 'work' }));
  const timeOf = (run: () => unknown) => {
    const started = performance.now();
    run();
    return performance.now() - started;
  };

  it('takes time as it has elements, not as their square', () => {
    const many = emails(60_000);
    const document: JsonObject = { userName: 'ada', emails: many };
    // Each well under a second; searching the list for each of its elements would take some 10 seconds.
    expect(timeOf(() => patch(document, [{ op: 'add', path: 'emails', value: emails(60_000, 30_000) }]))).toBeLessThan(
      5000,
    );
    expect(timeOf(() => patch(document, [{ op: 'remove', path: 'emails', value: many }]))).toBeLessThan(5000);
  });

  it('is refused where every operation looks at very many elements', () => {
    const document: JsonObject = { userName: 'ada', emails: emails(10_000) };
    const times = (count: number) =>
      Array.from({ length: count }, () => ({ op: 'replace', path: 'emails[type eq "home"]', value: null }));
    expect(patch(document, times(LIMITS.patchVisits / 10_000))).toEqual(document);
    expect(() => patch(document, times(LIMITS.patchVisits / 10_000 + 1))).toThrow(
      expect.objectContaining({ status: 413 }) as Error,
    );
    // A filter of two comparisons counts twice.
    const twice = { op: 'remove', path: 'emails[type eq "home" or type eq "other"]' };
    expect(() => patch(document, [...times(LIMITS.patchVisits / 10_000 - 1), twice])).toThrow(ScimError);
  });
});

interface Sent {
  readonly op: string;
  readonly path?: string;
  readonly value?: unknown;
}

const elementsIn = ({ emails = [] }: JsonObject) => emails as JsonObject[];

/** A type or primary flag, which may make an element without a value. */
function mayLeaveHollow(each: Sent): boolean {
  const [only] = Array.isArray(each.value) ? (each.value as unknown[]) : [each.value];
  const values = each.path === undefined ? Object.values(each.value as object) : [only];
  return (
    pathsOf(each).some((name) => /\.(type|primary)$/.test(name)) ||
    values.some((given) => typeof given === 'object' && !(given as JsonObject | null)?.['value'])
  );
}

/** A filter of more than equalities: what it has changed it may not choose again, and it cannot say what to create instead. */
const choosesByMore = (name: string): boolean => /\[.*( or | co | pr|not )/.test(name);

const pathsOf = ({ path: name, value: given }: Sent): string[] =>
  name === undefined ? Object.keys(given ?? {}) : [name];
