import { invalidValue, notFound } from '../../../../src/scim/protocol/scim-error.js';
import { toBulkResponse } from '../../../../src/scim/protocol/bulk/to-bulk-response.js';

describe('toBulkResponse', () => {
  it('R-151: has an entry for each operation that was performed, in the order of the request, with status as a text', () => {
    const operations = [
      { method: 'POST', path: '/Users', bulkId: 'qwerty' },
      { method: 'POST', path: '/Users', bulkId: 'bad' },
      { method: 'PATCH', path: '/Users/1' },
      { method: 'DELETE', path: '/Users/2', bulkId: 'own' },
      { method: 'DELETE', path: '/Users/3' },
    ];
    const error = invalidValue('"userName" is required.');
    const missing = notFound('There is no user.');
    const response = toBulkResponse(
      operations,
      new Map([
        [3, { status: 204, location: 'https://x/Users/2' }],
        [0, { status: 201, location: 'https://x/Users/0', version: 'W/"1"' }],
        [2, { status: 404, location: 'https://x/Users/1', error: missing }],
        [1, { status: 400, error }],
      ]),
    );
    const body = {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: '400',
      scimType: 'invalidValue',
      detail: '"userName" is required.',
    };
    expect(response).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkResponse'],
      Operations: [
        { location: 'https://x/Users/0', method: 'POST', bulkId: 'qwerty', version: 'W/"1"', status: '201' },
        { method: 'POST', bulkId: 'bad', response: body, status: '400' },
        {
          location: 'https://x/Users/1',
          method: 'PATCH',
          response: { schemas: body.schemas, status: '404', detail: 'There is no user.' },
          status: '404',
        },
        { location: 'https://x/Users/2', method: 'DELETE', bulkId: 'own', status: '204' },
      ],
    });
  });
});
