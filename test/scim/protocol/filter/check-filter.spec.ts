import fc from 'fast-check';
import { checkFilter, checkValueFilter } from '../../../../src/scim/protocol/filter/check-filter.js';
import type { CheckedFilter } from '../../../../src/scim/protocol/filter/checked-filter.js';
import { parseFilter } from '../../../../src/scim/protocol/filter/parse-filter.js';
import { GROUP, USER, userResourceType } from '../../../../src/scim/protocol/resource-types.js';
import { attribute } from '../../../../src/scim/protocol/schema/define-attribute.js';
import { findAttribute } from '../../../../src/scim/protocol/schema/lookup.js';
import { ScimError } from '../../../../src/scim/protocol/scim-error.js';
import { ENTERPRISE_USER_SCHEMA, USER_SCHEMA } from '../../../../src/scim/protocol/urns.js';

const BADGE = 'urn:example:params:scim:schemas:extension:badge:1.0:User';
const TYPE = userResourceType([
  {
    id: BADGE,
    name: 'Badge',
    description: 'Badges',
    attributes: [
      attribute('level', 'Level', { type: 'integer' }),
      attribute('weight', 'Weight', { type: 'decimal' }),
      attribute('issued', 'When it was issued', { type: 'dateTime' }),
      attribute('tags', 'Tags', { multiValued: true }),
    ],
  },
]);

/** The checked tree in one line: path!operator:value, with `=` after the path where case counts. */
function brief(filter: CheckedFilter): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return `(${filter.filters.map(brief).join(` ${filter.kind} `)})`;
    case 'not':
      return `not ${brief(filter.filter)}`;
    case 'never':
      return 'never';
    case 'some':
      return `${where(filter)}[${brief(filter.filter)}]`;
    case 'present':
      return `${where(filter)} pr`;
    case 'compare':
      return `${where(filter)} ${filter.operator}${filter.caseExact ? '=' : ''} ${JSON.stringify(filter.value)}`;
  }
}
const where = ({ at: { path } }: Extract<CheckedFilter, { at: unknown }>) =>
  [path.schema?.split(':').at(-3), path.attribute.split(':').at(-1), path.subAttribute]
    .filter((part) => part !== undefined)
    .join('.');

const check = (text: string) => brief(checkFilter(TYPE, parseFilter(text)));

describe('checkFilter', () => {
  it.each([
    ['R-073 userName is compared without case', 'USERNAME eq "BJensen"', 'userName eq "BJensen"'],
    ['R-073 externalId with case', 'externalid eq "A"', 'externalId eq= "A"'],
    ['R-073 id with case', 'id eq "A"', 'id eq= "A"'],
    ['R-073 meta.version with case', 'meta.version eq "A"', 'meta.version eq= "A"'],
    ['R-073 references with case', 'profileUrl sw "https"', 'profileUrl sw= "https"'],
    ['R-071 a multi-valued complex attribute acts on value', 'emails co "x"', 'emails.value co "x"'],
    ['R-071 also with eq', 'groups eq "1"', 'groups.value eq "1"'],
    ['a singular complex attribute acts on value', 'manager eq "x"', 'enterprise.manager.value eq "x"'],
    [
      'R-072 a value path',
      'emails[type eq "work" and value co "@x"]',
      'emails[(emails.type eq "work" and emails.value co "@x")]',
    ],
    ['R-078 not inside brackets', 'emails[not (type eq "work")]', 'emails[not emails.type eq "work"]'],
    ['a value path on a singular complex attribute', 'name[givenName eq "B"]', 'name[name.givenName eq "B"]'],
    ['a value path on multi-valued strings', 'tags[value eq "a"]', 'badge.tags[badge.tags eq "a"]'],
    ['R-077 the list of schemas', 'schemas eq "URN:x"', 'schemas eq "URN:x"'],
    ['R-077 meta.resourceType', 'meta.resourceType eq "User"', 'meta.resourceType eq= "User"'],
    ['R-077 a core URN', `${USER_SCHEMA}:userName sw "J"`, 'userName sw "J"'],
    ['R-077 an extension URN', `${ENTERPRISE_USER_SCHEMA}:department eq "x"`, 'enterprise.department eq "x"'],
    ['R-024 URNs in any case', `${ENTERPRISE_USER_SCHEMA.toLowerCase()}:Department pr`, 'enterprise.department pr'],
    ['R-077 manager.value', 'manager.value eq "x"', 'enterprise.manager.value eq "x"'],
    [
      'R-077 a value path under an URN',
      `${ENTERPRISE_USER_SCHEMA}:manager[value eq "x"]`,
      'enterprise.manager[enterprise.manager.value eq "x"]',
    ],
    ['presence of a whole extension', `${ENTERPRISE_USER_SCHEMA} pr`, 'User pr'],
    ['R-076 presence of a complex attribute', 'name pr', 'name pr'],
    ['R-076 eq null asks for absence', 'title eq null', 'not title pr'],
    ['R-076 ne null asks for presence', 'title ne null', 'title pr'],
    ['eq null of a complex attribute', 'name eq null', 'not name pr'],
    ['R-076 ne is not eq', 'title ne "x"', 'not title eq "x"'],
    ['ne of many values: none equals', 'emails.value ne "x"', 'not emails.value eq "x"'],
    ['not ne is eq', 'not (title ne "x")', 'title eq "x"'],
    ['R-026 eq "" asks for absence', 'title eq ""', 'not title pr'],
    ['ne "" asks for presence', 'title ne ""', 'title pr'],
    ['co "" holds for every value', 'title co ""', 'title pr'],
    ['booleans', 'active eq true', 'active eq true'],
    ['R-079 "True" for a boolean', 'active eq "True"', 'active eq true'],
    ['R-079 Entra: roles[primary eq "True"]', 'roles[primary eq "True"]', 'roles[roles.primary eq true]'],
    ['"false" for a boolean', 'active ne "false"', 'not active eq false'],
    ['"True" for a string stays', 'title eq "True"', 'title eq "True"'],
    ['a number for a string', 'employeeNumber eq 701984', 'enterprise.employeeNumber eq "701984"'],
    ['a boolean for a string', 'roles.value eq true', 'roles.value eq "true"'],
    ['R-074 integers', 'level gt 5', 'badge.level gt 5'],
    ['a number in quotes', 'level le "-5"', 'badge.level le -5'],
    ['R-074 decimals', 'weight ge 1.5', 'badge.weight ge 1.5'],
    ['R-074 strings are ordered', 'userName gt "m"', 'userName gt "m"'],
    [
      'R-074 dateTime',
      'meta.lastModified lt "2011-05-13T04:42:34+02:00"',
      'meta.lastModified lt "2011-05-13T02:42:34.000000000Z"',
    ],
    [
      'seven digits and an offset',
      'meta.Created gt "2015-10-10T14:38:21.8617979-07:00"',
      'meta.created gt "2015-10-10T21:38:21.861797900Z"',
    ],
    [
      'a dateTime of an extension',
      'issued eq "2011-05-13T04:42:34Z"',
      'badge.issued eq "2011-05-13T04:42:34.000000000Z"',
    ],
    ['x509Certificates eq', 'x509Certificates eq "MII"', 'x509Certificates.value eq= "MII"'],
    ['an and of both', 'id eq "x" and manager eq "y"', '(id eq= "x" and enterprise.manager.value eq "y")'],
  ])('%s: %s', (_title, text, checked) => {
    expect(check(text)).toBe(checked);
  });

  it.each([
    ['R-075 an unknown attribute', 'shoeSize eq 5', /no attribute "shoeSize"/],
    ['an unknown sub-attribute', 'name.value eq "x"', /no attribute "name\.value"/],
    ['an unknown URN', 'urn:example:none:tag pr', /no attribute "urn:example:none:tag"/],
    ['R-202 a prototype key', '__proto__ pr', /no attribute/],
    ['R-202 constructor.prototype', 'constructor.prototype pr', /no attribute/],
    ['an unknown name in brackets', 'emails[shoeSize eq 5]', /no attribute "shoeSize"/],
    ['a full path in brackets', 'emails[emails.type eq "x"]', /no attribute "emails\.type"/],
    ['an URN in brackets', `emails[${USER_SCHEMA}:type eq "x"]`, /no attribute/],
    ['brackets on a simple attribute', 'userName[value eq "x"]', /no sub-attributes/],
    ['brackets on a sub-attribute', 'name.familyName[value eq "x"]', /no sub-attributes/],
    ['brackets in brackets', 'emails[value[type eq "x"]]', /no sub-attributes/],
    ['brackets on an extension', `${ENTERPRISE_USER_SCHEMA}[department eq "x"]`, /no sub-attributes/],
    ['R-029 the password', 'password eq "x"', /cannot be used in a filter/],
    ['R-029 presence of the password', 'password pr', /cannot be used in a filter/],
    ['a complex attribute without value', 'name eq "x"', /complex/],
    ['addresses', 'addresses co "x"', /complex/],
    ['an extension', `${ENTERPRISE_USER_SCHEMA} eq "x"`, /complex/],
    ['R-074 gt of a boolean', 'active gt true', /"gt" cannot be used with "active", which is of type boolean/],
    ['R-074 le of a boolean', 'emails[primary le true]', /"le"/],
    ['R-074 ge of a binary', 'x509Certificates.value ge "MII"', /"ge"/],
    ['co of a boolean', 'active co "tr"', /"co" cannot/],
    ['sw of a dateTime', 'meta.created sw "2011"', /"sw" cannot/],
    ['ew of a number', 'level ew 5', /"ew" cannot/],
    ['co of a binary', 'x509Certificates co "MII"', /"co" cannot/],
    ['gt null', 'title gt null', /null/],
    ['co null', 'title co null', /null/],
    ['a bad boolean', 'active eq "yes"', /"yes\\?" is no value for "active"/],
    ['a number for a boolean', 'active eq 1', /no value/],
    ['an empty boolean', 'active eq ""', /no value/],
    ['a bad number', 'level eq "five"', /no value/],
    ['a blank number', 'level eq " "', /no value/],
    ['a boolean for a number', 'level eq true', /no value/],
    ['a bad date', 'meta.created gt "yesterday"', /no value for "created", which is of type dateTime/],
    ['a number for a date', 'meta.created gt 5', /no value/],
  ])('rejects %s: %s', (_title, text, detail) => {
    let error: unknown;
    try {
      check(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ScimError);
    expect(error).toMatchObject({ status: 400, scimType: 'invalidFilter' });
    expect((error as ScimError).detail).toMatch(detail);
  });

  it.each([
    ['userName eq "x"', 'never'],
    ['userName pr or displayName pr', '(never or displayName pr)'],
    ['userName ne "x"', 'not never'],
    ['userName eq null', 'not never'],
    ['userName ne null', 'never'],
    ['emails[type eq "work"]', 'never'],
    ['not (userName eq "x")', 'not never'],
    ['members[shoeSize eq 5]', 'members[never]'],
  ])('R-075 absent attributes have no value where the caller says so: %s', (text, checked) => {
    expect(brief(checkFilter(GROUP, parseFilter(text), { unknownAttributes: 'absent' }))).toBe(checked);
  });

  it('keeps refusing the password and wrong operators in that mode', () => {
    for (const text of ['password eq "x"', 'active gt true']) {
      expect(() => checkFilter(USER, parseFilter(text), { unknownAttributes: 'absent' })).toThrow(ScimError);
    }
  });

  it('checks the condition of a value path on its own', () => {
    const emails = findAttribute(USER, { name: 'emails' })!;
    expect(brief(checkValueFilter(emails, parseFilter('type eq "work" and primary eq "true"')))).toBe(
      '(emails.type eq "work" and emails.primary eq true)',
    );
    expect(() => checkValueFilter(emails, parseFilter('userName pr'))).toThrow(ScimError);
  });

  it('hands the definition to whoever evaluates', () => {
    const checked = checkFilter(USER, parseFilter('emails co "x"'));
    expect(checked).toMatchObject({
      at: {
        attribute: { name: 'emails', multiValued: true },
        subAttribute: { name: 'value' },
        target: { name: 'value' },
      },
    });
  });

  it('throws nothing but ScimError', () => {
    const names = [
      'userName',
      'active',
      'emails',
      'emails.type',
      'manager',
      'meta.created',
      'x',
      'level',
      'schemas',
      'name',
    ];
    const term = fc
      .tuple(
        fc.constantFrom(...names),
        fc.constantFrom('eq', 'ne', 'co', 'gt', 'le'),
        fc.constantFrom('"x"', '""', 'null', 'true', '"True"', '5', '"2011-05-13T04:42:34Z"'),
      )
      .map((parts) => parts.join(' '));
    fc.assert(
      fc.property(term, fc.constantFrom(...names), (text, name) => {
        for (const filter of [text, `${name}[${text}]`, `not (${text})`]) {
          try {
            expect(brief(checkFilter(TYPE, parseFilter(filter)))).not.toBe('');
          } catch (error) {
            expect(error).toBeInstanceOf(ScimError);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
