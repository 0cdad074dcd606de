import { parseBulkRequest } from '../../../../src/scim/protocol/bulk/parse-bulk-request.js';
import type { JsonObject } from '../../../../src/scim/protocol/schema/attribute.js';
import { ScimError } from '../../../../src/scim/protocol/scim-error.js';

const SCHEMAS = ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'];
const parse = (body: JsonObject) => parseBulkRequest(body, { maxOperations: 3 });
const parseOne = (operation: JsonObject) => parse({ schemas: SCHEMAS, Operations: [operation] }).operations[0]!;
const post = (bulkId: string) => ({ method: 'POST', path: '/Users', bulkId, data: { userName: bulkId } });

function refusal(body: JsonObject): [number, string | undefined, string] {
  try {
    parse(body);
  } catch (error) {
    if (error instanceof ScimError) return [error.status, error.scimType, error.detail];
    throw error;
  }
  throw new Error('it was accepted');
}

describe('parseBulkRequest', () => {
  it('R-150: reads method, path, bulkId, version and data', () => {
    expect(
      parse({
        schemas: SCHEMAS,
        failOnErrors: 2,
        Operations: [
          post('qwerty'),
          { method: 'PUT', path: '/Users/1', version: 'W/"4"', data: { userName: 'Bob' } },
          { method: 'DELETE', path: '/Users/2', version: 'W/"1"' },
        ],
      }),
    ).toEqual({
      failOnErrors: 2,
      operations: [
        post('qwerty'),
        { method: 'PUT', path: '/Users/1', version: 'W/"4"', data: { userName: 'Bob' } },
        { method: 'DELETE', path: '/Users/2', version: 'W/"1"' },
      ],
    });
  });

  it('R-150: an empty list is a request that does nothing', () => {
    expect(parse({ schemas: SCHEMAS, Operations: [] })).toEqual({ operations: [] });
  });

  it.each<[what: string, operation: JsonObject, read: JsonObject]>([
    [
      'keys and methods in any case',
      { Method: 'delete', PATH: '/Users/1', bulkid: 'x' },
      { method: 'DELETE', path: '/Users/1', bulkId: 'x' },
    ],
    ['no slash at the front', { method: 'DELETE', path: 'Users/1' }, { method: 'DELETE', path: '/Users/1' }],
    ['slashes too many', { method: 'DELETE', path: '//Users//1/' }, { method: 'DELETE', path: '/Users/1' }],
    [
      'R-004: parameters of the path',
      { method: 'DELETE', path: '/Users/1?attributes=x&y#z' },
      { method: 'DELETE', path: '/Users/1' },
    ],
    [
      'nulls for what is not given',
      { method: 'DELETE', path: '/Users/1', bulkId: null, version: null, data: null },
      { method: 'DELETE', path: '/Users/1' },
    ],
    [
      'data of a DELETE, which mean nothing',
      { method: 'DELETE', path: '/Users/1', data: { x: 1 } },
      { method: 'DELETE', path: '/Users/1' },
    ],
    [
      'R-157: a bare list of operations as data of a PATCH',
      { method: 'PATCH', path: '/Users/1', data: [{ op: 'remove', path: 'nickName' }] },
      { method: 'PATCH', path: '/Users/1', data: { Operations: [{ op: 'remove', path: 'nickName' }] } },
    ],
    [
      'R-157: a PatchOp object as data of a PATCH',
      { method: 'PATCH', path: '/Users/1', data: { schemas: ['x'], Operations: [] } },
      { method: 'PATCH', path: '/Users/1', data: { schemas: ['x'], Operations: [] } },
    ],
  ])('forgives %s', (_what, operation, read) => {
    expect(parseOne(operation)).toEqual(read);
  });

  it.each<[what: string, operation: JsonObject, field: string]>([
    ['no method', { path: '/Users', bulkId: 'a', data: {} }, 'method'],
    ['a method that only reads', { method: 'GET', path: '/Users' }, 'method'],
    ['a method that is no text', { method: 7, path: '/Users' }, 'method'],
    ['no path', { method: 'DELETE' }, 'path'],
    ['an empty path', { method: 'DELETE', path: '' }, 'path'],
    ['a path that is no text', { method: 'DELETE', path: ['/Users/1'] }, 'path'],
    ['R-150: a POST without bulkId', { method: 'POST', path: '/Users', data: {} }, 'bulkId'],
    ['an empty bulkId', { method: 'POST', path: '/Users', bulkId: '', data: {} }, 'bulkId'],
    ['a bulkId that is no text', { method: 'DELETE', path: '/Users/1', bulkId: 7 }, 'bulkId'],
    ['a version that is no text', { method: 'DELETE', path: '/Users/1', version: 4 }, 'version'],
    ['a POST without data', { method: 'POST', path: '/Users', bulkId: 'a' }, 'data'],
    ['a PUT with a list as data', { method: 'PUT', path: '/Users/1', data: [{}] }, 'data'],
    ['a PATCH with a text as data', { method: 'PATCH', path: '/Users/1', data: 'x' }, 'data'],
  ])('%s is the fault of that operation only', (_what, operation, field) => {
    const [first, second] = parse({ Operations: [operation, post('other')] }).operations;
    expect([first!.fault?.status, first!.fault?.scimType]).toEqual([400, 'invalidSyntax']);
    expect(first!.fault?.detail).toContain(`Operations[0].${field} `);
    expect(second).toEqual(post('other'));
  });

  it.each<[what: string, body: JsonObject, scimType: string]>([
    ['no operations', { schemas: SCHEMAS }, 'invalidSyntax'],
    ['operations that are no list', { schemas: SCHEMAS, Operations: {} }, 'invalidSyntax'],
    ['an operation that is no object', { Operations: [post('a'), 'x'] }, 'invalidSyntax'],
    [
      'another message',
      { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [] },
      'invalidSyntax',
    ],
    ['R-153: a bulkId that is there twice', { Operations: [post('a'), post('b'), post('a')] }, 'invalidSyntax'],
    ['failOnErrors 0', { failOnErrors: 0, Operations: [] }, 'invalidValue'],
    ['failOnErrors -1', { failOnErrors: -1, Operations: [] }, 'invalidValue'],
    ['failOnErrors 1.5', { failOnErrors: 1.5, Operations: [] }, 'invalidValue'],
    ['failOnErrors as a text', { failOnErrors: '1', Operations: [] }, 'invalidValue'],
  ])('refuses the whole request for %s', (_what, body, scimType) => {
    expect(refusal(body).slice(0, 2)).toEqual([400, scimType]);
  });

  it('R-154: refuses one operation too many with 413 and the name of the limit', () => {
    expect(parse({ Operations: ['a', 'b', 'c'].map(post) }).operations).toHaveLength(3);
    const [status, , detail] = refusal({ Operations: ['a', 'b', 'c', 'd'].map(post) });
    expect(status).toBe(413);
    expect(detail).toBe('A bulk request may have at most 3 operations (maxOperations).');
  });
});
