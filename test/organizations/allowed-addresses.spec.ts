import { checkAllowedAddresses, isAllowed } from '../../src/organizations/allowed-addresses.js';
import { networkOf } from '../../src/organizations/attempts.js';

describe('R-007: addresses a token may be used from', () => {
  it.each<[allowed: readonly string[] | null, address: string, may: boolean]>([
    [null, '203.0.113.9', true],
    [null, '', true],
    [['192.0.2.7'], '192.0.2.7', true],
    [['192.0.2.7'], '192.0.2.8', false],
    [['192.0.2.7'], '::ffff:192.0.2.7', true],
    [['192.0.2.0/25'], '192.0.2.127', true],
    [['192.0.2.0/25'], '192.0.2.128', false],
    [['192.0.2.99/25'], '192.0.2.1', true],
    [['0.0.0.0/0'], '203.0.113.9', true],
    [['0.0.0.0/0'], '2001:db8::1', false],
    [['2001:db8::/32'], '2001:db8:ffff::1', true],
    [['2001:db8::/32'], '2001:db9::1', false],
    [['2001:DB8::1'], '2001:db8:0:0::1', true],
    [['::/0'], '2001:db8::1', true],
    [['fe80::/10'], 'fe80::1%eth0', true],
    [['192.0.2.7', '2001:db8::/32'], '2001:db8::9', true],
    [['192.0.2.7'], '', false],
    [['192.0.2.7'], 'not an address', false],
  ])('%j and %s: %s', (allowed, address, may) => {
    expect(isAllowed(allowed, address)).toBe(may);
  });

  it.each([
    [['192.0.2.0/33']],
    [['2001:db8::/129']],
    [['192.0.2']],
    [['192.0.2.1/']],
    [['192.0.2.1/8/8']],
    [['192.0.2.1/08']],
    [['192.0.2.1/-1']],
    [['010.0.0.1']],
    [['fe80::1%eth0']],
    [['idp.example.com']],
    [[' 192.0.2.1']],
    [[]],
    [Array.from({ length: 101 }, (_, index) => `192.0.2.${index}`)],
  ])('%j is no list', (list) => {
    expect(() => checkAllowedAddresses(list)).toThrow(/allowedAddresses: /);
  });

  it('names what is wrong, and keeps each once', () => {
    expect(() => checkAllowedAddresses(['192.0.2.1', 'x'])).toThrow('"x" is no IP address');
    expect(checkAllowedAddresses(['192.0.2.1', '192.0.2.1'])).toEqual(['192.0.2.1']);
    expect(checkAllowedAddresses(null)).toBeNull();
  });

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:0DB8:0001::6', '2001:db8:1:0'],
    ['2001:db8::', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['', ''],
  ])('attempts of %s count for %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
