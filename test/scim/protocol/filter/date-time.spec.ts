import fc from 'fast-check';
import { toSortableDateTime } from '../../../../src/scim/protocol/filter/date-time.js';

describe('toSortableDateTime', () => {
  it.each([
    ['2011-05-13T04:42:34Z', '2011-05-13T04:42:34.000000000Z'],
    ['2011-05-13t04:42:34z', '2011-05-13T04:42:34.000000000Z'],
    ['2011-05-13T04:42:34', '2011-05-13T04:42:34.000000000Z'],
    ['2015-10-10T14:38:21.8617979-07:00', '2015-10-10T21:38:21.861797900Z'],
    ['2015-12-31T23:30:00.5+00:30', '2015-12-31T23:00:00.500000000Z'],
    ['2015-12-31T23:30:00-01:00', '2016-01-01T00:30:00.000000000Z'],
    ['2024-02-29T00:00:00.123456789012Z', '2024-02-29T00:00:00.123456789Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000000000Z'],
    ['9999-12-31T23:59:59+14:00', '9999-12-31T09:59:59.000000000Z'],
  ])('%s is %s', (text, sortable) => {
    expect(toSortableDateTime(text)).toBe(sortable);
  });

  it.each([
    '',
    'yesterday',
    '2011-05-13',
    '04:42:34Z',
    '2011-05-13 04:42:34Z',
    '2011-5-13T04:42:34Z',
    '2011-02-30T04:42:34Z',
    '2023-02-29T00:00:00Z',
    '2011-13-01T00:00:00Z',
    '2011-05-13T25:00:00Z',
    '2011-05-13T24:00:00Z',
    '2011-05-13T04:60:00Z',
    '2011-05-13T04:42:34+25:00',
    '2011-05-13T04:42:34+0700',
    '2011-05-13T04:42:34.Z',
    '2011-05-13T04:42:34Z ',
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
  ])('R-025 %p is no dateTime', (text) => {
    expect(toSortableDateTime(text)).toBeUndefined();
  });

  it('sorts as the instants do', () => {
    const date = fc.date({ min: new Date('0002-01-01'), max: new Date('9998-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(date, date, (a, b) => {
        const [first, second] = [a, b].map((each) => toSortableDateTime(each.toISOString()) ?? '');
        expect(Math.sign(a.getTime() - b.getTime())).toBe(first === second ? 0 : first! < second! ? -1 : 1);
      }),
    );
  });
});
