import fc from 'fast-check';
import { splitAttributeNames } from '../../../src/scim/protocol/attribute-names.js';
import {
  parseListQuery,
  parseProjectionRequest,
  parseSearchRequest,
  type ListQuery,
} from '../../../src/scim/protocol/list-query.js';
import { toListResponse } from '../../../src/scim/protocol/list-response.js';
import { GROUP, USER } from '../../../src/scim/protocol/resource-types.js';
import { ScimError } from '../../../src/scim/protocol/scim-error.js';
import { findSortBy, resolveSortBy } from '../../../src/scim/protocol/sort-by.js';
import { ENTERPRISE_USER_SCHEMA, SEARCH_REQUEST_SCHEMA } from '../../../src/scim/protocol/urns.js';

const DEFAULTS: ListQuery = { startIndex: 1, count: 100, sortOrder: 'ascending' };
const search = (body: object) => parseSearchRequest({ schemas: [SEARCH_REQUEST_SCHEMA], ...body });

const rows: [title: string, parameters: Record<string, unknown>, query: Partial<ListQuery>][] = [
  ['no parameters', {}, {}],
  ['startIndex and count', { startIndex: '11', count: '10' }, { startIndex: 11, count: 10 }],
  ['names in any case', { STARTINDEX: '2', Count: '3' }, { startIndex: 2, count: 3 }],
  ['R-100 startIndex 0 is 1', { startIndex: '0' }, { startIndex: 1 }],
  ['R-100 a negative startIndex is 1', { startIndex: '-7' }, { startIndex: 1 }],
  ['R-100 a negative count is 0', { count: '-1' }, { count: 0 }],
  ['R-100 count 0 stays 0', { count: '0' }, { count: 0 }],
  ['R-101 count is capped', { count: '100000' }, { count: 1000 }],
  ['a plus sign', { count: '+5' }, { count: 5 }],
  ['blanks', { count: ' 5 ' }, { count: 5 }],
  ['empty parameters', { count: '', startIndex: '', filter: '', sortBy: '', attributes: '', sortOrder: '' }, {}],
  ['R-004 unknown parameters', { aadOptscim062020: '', foo: ['1'], __proto__: 'x' }, {}],
  ['undefined values', { count: undefined, attributes: undefined }, {}],
  ['the last of a repeated parameter', { count: ['1', '2'] }, { count: 2 }],
  ['C-01 an empty cursor', { cursor: '', count: '5' }, { cursor: '', count: 5 }],
  ['C-01 a cursor in any case', { Cursor: 'a-b_c' }, { cursor: 'a-b_c' }],
  ['C-08 an empty startIndex beside a cursor', { cursor: '', startIndex: '' }, { cursor: '' }],
  ['C-04 a negative count with a cursor', { cursor: '', count: '-3' }, { cursor: '', count: 0 }],
  [
    'a filter',
    { filter: 'userName eq "x"' },
    { filter: { kind: 'compare', operator: 'eq', path: { name: 'userName' }, value: 'x' } },
  ],
  ['sortBy', { sortBy: 'name.familyName' }, { sortBy: { name: 'name', subAttribute: 'familyName' } }],
  ['R-091 descending', { sortOrder: 'Descending' }, { sortOrder: 'descending' }],
  ['R-111 attributes', { attributes: 'userName, emails.value,,' }, { attributes: ['userName', 'emails.value'] }],
  ['repeated attributes', { attributes: ['a,b', 'c'] }, { attributes: ['a', 'b', 'c'] }],
  ['excludedAttributes', { excludedattributes: 'members' }, { excludedAttributes: ['members'] }],
  ['one of both empty', { attributes: 'a', excludedAttributes: '' }, { attributes: ['a'] }],
  ['brackets in attributes', { attributes: 'emails[type eq "a,]b"],id' }, { attributes: ['emails', 'id'] }],
];

const refused: [title: string, parameters: Record<string, unknown>, scimType: string, detail: RegExp][] = [
  ['R-104 a count that is no number', { count: 'ten' }, 'invalidValue', /"count"/],
  ['R-104 a fraction', { startIndex: '1.5' }, 'invalidValue', /"startIndex"/],
  ['R-104 a number too long', { startIndex: '9'.repeat(40) }, 'invalidValue', /"startIndex"/],
  ['C-08 a cursor and an index', { cursor: '', startIndex: '1' }, 'invalidValue', /exclude each other/],
  ['C-06 a cursor that is no text', { cursor: 7 }, 'invalidCursor', /"cursor"/],
  ['R-091 another sortOrder', { sortOrder: 'up' }, 'invalidValue', /"sortOrder"/],
  ['a sortBy that is no path', { sortBy: 'a b' }, 'invalidValue', /"sortBy"/],
  ['R-113 both lists', { attributes: 'a', excludedAttributes: 'b' }, 'invalidValue', /exclude each other/],
  ['R-075 a bad filter', { filter: 'userName' }, 'invalidFilter', /operator/],
];

describe('parseListQuery', () => {
  it.each(rows)('%s', (_title, parameters, query) => {
    expect(parseListQuery(parameters)).toEqual({ ...DEFAULTS, ...query });
  });

  it.each(refused)('refuses %s', (_title, parameters, scimType, detail) => {
    expect(() => parseListQuery(parameters)).toThrow(detail);
    expect(() => parseListQuery(parameters)).toThrow(expect.objectContaining({ status: 400, scimType }) as Error);
  });

  it("takes the server's own limits and the tolerance for filters", () => {
    const options = { defaultCount: 20, maxCount: 50, tolerant: true };
    expect(parseListQuery({}, options).count).toBe(20);
    expect(parseListQuery({ count: '51', filter: 'userType eq Employee' }, options)).toMatchObject({
      count: 50,
      filter: { value: 'Employee' },
    });
    expect(() => parseListQuery({ filter: 'userType eq Employee' })).toThrow(ScimError);
  });
});

describe('parseProjectionRequest', () => {
  it('R-110 reads the lists of any request and looks at nothing else', () => {
    expect(parseProjectionRequest({ Attributes: 'a,b', count: 'ten' })).toEqual({ attributes: ['a', 'b'] });
    expect(parseProjectionRequest({})).toEqual({});
    expect(() => parseProjectionRequest({ attributes: 'a', excludedattributes: 'b' })).toThrow(ScimError);
  });
});

describe('parseSearchRequest', () => {
  it('R-120 reads numbers and arrays', () => {
    expect(
      search({
        Filter: 'title pr',
        startIndex: 3,
        COUNT: 7,
        attributes: ['userName', 'emails'],
        sortBy: 'userName',
        sortOrder: 'descending',
      }),
    ).toEqual({
      filter: { kind: 'present', path: { name: 'title' } },
      startIndex: 3,
      count: 7,
      attributes: ['userName', 'emails'],
      sortBy: { name: 'userName' },
      sortOrder: 'descending',
    });
  });

  it('treats null, [] and texts kindly', () => {
    expect(search({ filter: null, attributes: [], excludedAttributes: 'members,id', count: '5' })).toEqual({
      ...DEFAULTS,
      count: 5,
      excludedAttributes: ['members', 'id'],
    });
  });

  it.each([
    ['text', 'text'],
    ['null', null],
    ['an array', []],
    ['no schemas', {}],
    ['another schema', { schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'] }],
    ['schemas that are numbers', { schemas: [5] }],
  ])('R-120 refuses %s', (_title, body) => {
    expect(() => parseSearchRequest(body)).toThrow(expect.objectContaining({ scimType: 'invalidSyntax' }) as Error);
  });

  it.each([
    { count: 1.5 },
    { count: true },
    { filter: 5 },
    { sortBy: {} },
    { sortOrder: 1 },
    { attributes: [5] },
    { attributes: {} },
    { attributes: ['a'], excludedAttributes: ['b'] },
  ])('R-120 refuses %j', (body) => {
    expect(() => search(body)).toThrow(expect.objectContaining({ scimType: 'invalidValue' }) as Error);
  });

  it('accepts its schema in any case', () => {
    expect(parseSearchRequest({ SCHEMAS: [SEARCH_REQUEST_SCHEMA.toUpperCase()] })).toEqual(DEFAULTS);
  });
});

describe('splitAttributeNames', () => {
  it('never fails, takes no time, and gives no empty names', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('[', ']', '"', '\\', ',', 'a', ' ')), (pieces) => {
        expect(splitAttributeNames(pieces.join('')).every((name) => name.trim() !== '')).toBe(true);
      }),
    );
    const started = performance.now();
    splitAttributeNames('["\\"['.repeat(20_000));
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('resolveSortBy', () => {
  it.each([
    ['userName', { name: 'USERNAME' }, { attribute: 'userName' }],
    [
      'R-090 a sub-attribute',
      { name: 'name', subAttribute: 'givenName' },
      { attribute: 'name', subAttribute: 'givenName' },
    ],
    ['R-090 value of a multi-valued attribute', { name: 'emails' }, { attribute: 'emails', subAttribute: 'value' }],
    [
      'a bare name of the extension',
      { name: 'manager' },
      { schema: ENTERPRISE_USER_SCHEMA, attribute: 'manager', subAttribute: 'value' },
    ],
    ['meta.created', { name: 'meta', subAttribute: 'created' }, { attribute: 'meta', subAttribute: 'created' }],
  ])('finds %s', (_title, sortBy, path) => {
    expect(resolveSortBy(USER, sortBy).path).toEqual(path);
  });

  it.each([
    { name: 'shoeSize' },
    { name: 'name' },
    { name: 'addresses' },
    { name: 'password' },
    { schema: ENTERPRISE_USER_SCHEMA, name: '' },
  ])('R-093 refuses %j', (sortBy) => {
    expect(() => resolveSortBy(USER, sortBy)).toThrow(expect.objectContaining({ scimType: 'invalidValue' }) as Error);
  });

  it('asks the resource type; one of several may not have it', () => {
    expect(() => resolveSortBy(GROUP, { name: 'userName' })).toThrow(ScimError);
    expect(findSortBy(GROUP, { name: 'userName' })).toBeUndefined();
    expect(findSortBy(GROUP, { name: 'members' })!.path).toEqual({ attribute: 'members', subAttribute: 'value' });
  });
});

describe('toListResponse', () => {
  it('R-101, R-102 counts what is on the page and what there is', () => {
    expect(toListResponse([{ id: '1' }, { id: '2' }], { totalResults: 12, startIndex: 5 })).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      totalResults: 12,
      startIndex: 5,
      itemsPerPage: 2,
      Resources: [{ id: '1' }, { id: '2' }],
    });
  });

  it('C-02, C-05 a page by cursor has no index, and a total only if it is known', () => {
    expect(toListResponse([{ id: '1' }], { nextCursor: 'abc' })).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      nextCursor: 'abc',
      itemsPerPage: 1,
      Resources: [{ id: '1' }],
    });
  });

  it('R-103 an empty page has Resources too', () => {
    expect(toListResponse([], { totalResults: 12, startIndex: 50 })).toMatchObject({
      totalResults: 12,
      itemsPerPage: 0,
      Resources: [],
    });
    expect(toListResponse([{ id: '1' }])).toMatchObject({ totalResults: 1, startIndex: 1 });
  });
});
