import fc from 'fast-check';
import { applyPatch } from '../../../../src/scim/protocol/patch/apply-patch.js';
import { parsePatchRequest } from '../../../../src/scim/protocol/patch/parse-patch-request.js';
import { USER } from '../../../../src/scim/protocol/resource-types.js';
import type { Json, JsonObject } from '../../../../src/scim/protocol/schema/attribute.js';
import { ScimError } from '../../../../src/scim/protocol/scim-error.js';

/**
 * PATCH against a naive model: RFC 7644 section 3.5.2 written down sentence by sentence for a few attributes and well-formed operations,
 * with nothing of the engine in it. Where the standard leaves a choice (no value matches a replace) the model says so and is not asked.
 */

interface Email {
  value: string;
  type: string;
  display?: string;
  primary?: true;
}
interface Person {
  userName: string;
  title?: string;
  name?: Record<string, string>;
  emails?: Email[];
}
type Condition = readonly [attribute: 'value' | 'type', operator: 'eq' | 'sw' | 'co', value: string];
interface Where {
  readonly terms: readonly Condition[];
  readonly joined: 'and' | 'or';
  readonly negated: boolean;
}
type Step =
  | { readonly kind: 'title'; readonly op: string; readonly value: string }
  | { readonly kind: 'givenName'; readonly op: string; readonly value: string }
  | { readonly kind: 'familyName'; readonly op: string; readonly value: string }
  | { readonly kind: 'name'; readonly op: string; readonly value: Record<string, string> }
  | { readonly kind: 'emails'; readonly op: string; readonly value: readonly Email[] }
  | { readonly kind: 'chosen'; readonly op: string; readonly where: Where; readonly display: string | undefined }
  | { readonly kind: 'several'; readonly op: string; readonly value: Person }
  | { readonly kind: 'wrong'; readonly operation: JsonObject; readonly scimType: string };

/** The standard leaves open what happens. */
class Open extends Error {}
class Refused extends Error {}

const WRONG: readonly [JsonObject, string][] = [
  [{ op: 'remove', path: 'userName' }, 'mutability'],
  [{ op: 'replace', path: 'id', value: 'x' }, 'mutability'],
  [{ op: 'add', path: 'groups', value: [{ value: 'x' }] }, 'mutability'],
  [{ op: 'add', path: 'nosuch', value: 'x' }, 'invalidPath'],
  [{ op: 'remove', path: 'emails[' }, 'invalidPath'],
  [{ op: 'remove', path: 'emails[value eq]' }, 'invalidFilter'],
  [{ op: 'replace', path: 'active', value: 'perhaps' }, 'invalidValue'],
];

const text = fc.constantFrom('a', 'b', 'ab', 'Ba');
const type = fc.constantFrom('work', 'home', 'other');
const op = fc.constantFrom('add', 'replace', 'remove');
const setting = fc.constantFrom('add', 'replace');
const email = fc.record({ value: text, type, display: text }, { requiredKeys: ['value', 'type'] });
const emails = fc
  .tuple(fc.uniqueArray(email, { maxLength: 4, minLength: 1, selector: (one) => one.value + one.type }), fc.nat(8))
  .map(([list, primary]): Email[] => list.map((one, at) => (at === primary ? { ...one, primary: true } : one)));
const name = fc.record({ givenName: text, familyName: text }, { requiredKeys: [] });
const named = name.filter((value) => Object.keys(value).length > 0);
const person: fc.Arbitrary<Person> = fc
  .record({ title: text, name: named, emails }, { requiredKeys: [] })
  .map((some) => ({ userName: 'ada', ...some }));
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.tuple(fc.constant('type' as const), fc.constant('eq' as const), type),
  fc.tuple(fc.constant('value' as const), fc.constantFrom('eq' as const, 'sw' as const, 'co' as const), text),
);
const where: fc.Arbitrary<Where> = fc.record({
  terms: fc.array(condition, { minLength: 1, maxLength: 2 }),
  joined: fc.constantFrom('and', 'or'),
  negated: fc.boolean(),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('title', 'givenName', 'familyName'), op, value: text }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('name' as const), op, value: named }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('emails' as const), op, value: emails }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('chosen' as const),
      op,
      where,
      display: fc.option(text, { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('several' as const), op: setting, value: person }) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(...WRONG)
      .map(([operation, scimType]) => ({ kind: 'wrong' as const, operation, scimType })),
  },
);

const printed = ({ terms, joined, negated }: Where): string => {
  const all = terms.map(([attribute, operator, value]) => `${attribute} ${operator} "${value}"`).join(` ${joined} `);
  return negated ? `not (${all})` : all;
};

/** The operation as a client would write it. */
function toOperation(each: Step): JsonObject {
  switch (each.kind) {
    case 'wrong':
      return each.operation;
    case 'several':
      return { op: each.op, value: each.value as unknown as Json };
    case 'chosen': {
      const path = `emails[${printed(each.where)}]`;
      if (each.op === 'remove') return { op: 'remove', path: each.display === undefined ? path : `${path}.display` };
      return { op: each.op, path: `${path}.display`, value: each.display ?? 'shown' };
    }
    default: {
      const path = ['givenName', 'familyName'].includes(each.kind) ? `name.${each.kind}` : each.kind;
      return each.op === 'remove' ? { op: 'remove', path } : { op: each.op, path, value: each.value as Json };
    }
  }
}

/** The model: changes the person in place. Throws Refused with the scimType, or Open. */
function take(who: Person, each: Step): void {
  switch (each.kind) {
    case 'wrong':
      throw new Refused(each.scimType);
    case 'title':
      if (each.op === 'remove') delete who.title;
      else who.title = each.value;
      return;
    case 'name':
    case 'givenName':
    case 'familyName':
      return takeName(who, each);
    case 'emails':
      return takeEmails(who, each.op, each.value);
    case 'chosen':
      return takeChosen(who, each);
    case 'several':
      // "... the "value" parameter contains a set of attributes to be added to the resource", each as if it had been named.
      who.userName = each.value.userName;
      if (each.value.title !== undefined) who.title = each.value.title;
      if (each.value.name) who.name = { ...who.name, ...each.value.name };
      if (each.value.emails) takeEmails(who, each.op, each.value.emails);
  }
}

function takeName(who: Person, each: Extract<Step, { kind: 'name' | 'givenName' | 'familyName' }>): void {
  const next = { ...who.name };
  if (each.op !== 'remove') Object.assign(next, each.kind === 'name' ? each.value : { [each.kind]: each.value });
  else if (each.kind !== 'name') delete next[each.kind];
  else Object.keys(next).forEach((key) => delete next[key]);
  if (Object.keys(next).length > 0) who.name = next;
  else delete who.name;
}

function takeEmails(who: Person, verb: string, given: readonly Email[]): void {
  const list = verb === 'add' ? (who.emails ?? []).map((one) => ({ ...one })) : [];
  if (verb !== 'remove') {
    for (const one of given) {
      const present = list.find(({ value, type: label }) => value === one.value && label === one.type);
      if (present) Object.assign(present, one);
      else list.push({ ...one });
    }
  }
  // "... MUST set the primary attribute to "false" for any other values".
  const chosen = given.find(({ primary }) => primary);
  if (chosen && verb === 'add') {
    for (const one of list) if (one.value !== chosen.value || one.type !== chosen.type) delete one.primary;
  }
  store(who, list);
}

function takeChosen(who: Person, { op: verb, where: which, display }: Extract<Step, { kind: 'chosen' }>): void {
  const list = who.emails ?? [];
  const isChosen = (one: Email) => matches(one, which);
  if (verb !== 'remove') {
    if (!list.some(isChosen)) throw new Open();
    store(
      who,
      list.map((one) => (isChosen(one) ? { ...one, display: display ?? 'shown' } : one)),
    );
  } else if (display === undefined) {
    store(
      who,
      list.filter((one) => !isChosen(one)),
    );
  } else {
    store(
      who,
      list.map((one) => {
        const { display: _gone, ...rest } = one;
        return isChosen(one) ? rest : one;
      }),
    );
  }
}

function matches(one: Email, { terms, joined, negated }: Where): boolean {
  const holds = terms.map(([attribute, operator, value]) => {
    const [left, right] = [one[attribute].toLowerCase(), value.toLowerCase()];
    return operator === 'eq' ? left === right : operator === 'sw' ? left.startsWith(right) : left.includes(right);
  });
  return (joined === 'and' ? holds.every(Boolean) : holds.some(Boolean)) !== negated;
}

/** "If ... no other values remain, the attribute SHALL be considered unassigned." */
function store(who: Person, list: readonly Email[]): void {
  if (list.length > 0) who.emails = [...list];
  else delete who.emails;
}

/** What becomes of the person, the scimType of the refusal, or undefined where the standard leaves it open. */
function byModel(start: Person, steps: readonly Step[]): Person | string | undefined {
  const who = structuredClone(start);
  try {
    for (const each of steps) take(who, each);
  } catch (error) {
    if (error instanceof Open) return undefined;
    if (error instanceof Refused) return error.message;
    throw error;
  }
  return who;
}

function byEngine(start: Person, steps: readonly Step[]): JsonObject | string | undefined {
  try {
    return applyPatch(
      USER,
      structuredClone(start) as unknown as JsonObject,
      parsePatchRequest({ Operations: steps.map(toOperation) }),
    );
  } catch (error) {
    if (error instanceof ScimError) return error.scimType;
    throw error;
  }
}

it('R-131, R-134, R-135, R-136, R-137 the PATCH engine does what a naive model of the standard does', () => {
  let compared = 0;
  fc.assert(
    fc.property(person, fc.array(step, { maxLength: 6 }), (start, steps) => {
      const expected = byModel(start, steps);
      if (expected === undefined) return;
      compared += 1;
      expect(byEngine(start, steps)).toEqual(expected);
    }),
    { numRuns: 5000 },
  );
  expect(compared).toBeGreaterThan(2000);
});
