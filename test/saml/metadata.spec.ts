import { setImmediate } from 'node:timers/promises';
import { narrowMetadata } from '../../src/saml/protocol/narrow-metadata.js';
import { MetadataError, parseIdpMetadata, type MetadataOptions } from '../../src/saml/protocol/parse-metadata.js';
import { longestBlock } from '../support/longest-block.js';
import { certificate } from '../organizations/certificates.js';
import { aggregate, PUBLISHED, type IdpShape } from '../support/idp-metadata.js';
import { makeIdpKey, type IdpKey } from '../support/test-idp.js';

const NOW = new Date('2026-03-01T12:00:00Z');
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';
const POST = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';

let key: IdpKey;
let next: IdpKey;
let encryption: IdpKey;
let weak: IdpKey;
beforeAll(async () => {
  [key, next, encryption, weak] = await Promise.all([makeIdpKey(), makeIdpKey(), makeIdpKey(), makeIdpKey(1024)]);
});

const body = (pem: string): string => pem.replace(/-----[^-]+-----/g, '').trim();
const keyDescriptor = (pem: string, use?: string): string =>
  `<md:KeyDescriptor${use ? ` use="${use}"` : ''}><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>\n    ${body(pem)}\n  </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`;
const sso = (location: string, binding = REDIRECT): string =>
  `<md:SingleSignOnService Binding="${binding}" Location="${location}"/>`;
const role = (inner: string, attributes = ''): string =>
  `<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"${attributes}>${inner}</md:IDPSSODescriptor>`;
const entity = (inner: string, id = 'https://idp.example.com/entity', attributes = ''): string =>
  `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${id}"${attributes}>${inner}</md:EntityDescriptor>`;
const good = (): string =>
  entity(role(keyDescriptor(key.certificate, 'signing') + sso('https://idp.example.com/sso?idpid=C01')));
const parse = async (xml: string, entityId?: string, options: Partial<MetadataOptions> = {}) =>
  parseIdpMetadata(await narrowMetadata(xml, entityId, () => Promise.resolve()), { now: NOW, ...options });

describe('IdP metadata', () => {
  it('takes entity ID, address with its query, and certificate', async () => {
    const read = await parse(good());
    expect(read).toMatchObject({
      entityId: 'https://idp.example.com/entity',
      ssoUrl: 'https://idp.example.com/sso?idpid=C01',
    });
    expect(read.certificates.map(body)).toEqual([body(key.certificate)]);
  });

  it('AD FS: passes over WS-Federation and SP roles, encryption keys, comments and a byte order mark', async () => {
    const adfs = entity(
      `<!-- made by AD FS --><RoleDescriptor/><md:SPSSODescriptor/>` +
        role(
          keyDescriptor(encryption.certificate, 'encryption') +
            keyDescriptor(key.certificate) +
            sso('https://a.example.com/adfs/ls/'),
        ),
      'http://a.example.com/adfs/services/trust',
    );
    const read = await parse(`\uFEFF${adfs}`);
    expect(read.entityId).toBe('http://a.example.com/adfs/services/trust');
    expect(read.certificates.map(body)).toEqual([body(key.certificate)]);
  });

  it('takes old and new certificate during a rollover, once each', async () => {
    const keys = [key, next, key].map(({ certificate }) => keyDescriptor(certificate, 'signing')).join('');
    expect((await parse(entity(role(keys + sso('https://i.example.com/'))))).certificates).toHaveLength(2);
  });

  it('#23 passes over keys that we cannot verify with, beside one that we can', async () => {
    const ec = await certificate({ keyType: 'ec' });
    const of = (...pems: string[]) =>
      parse(entity(role(pems.map((pem) => keyDescriptor(pem)).join('') + sso('https://i.example.com/'))));
    const read = await of(ec, weak.certificate, key.certificate);
    expect(read.certificates.map(body)).toEqual([body(key.certificate)]);
    await expect(of(ec, weak.certificate)).rejects.toThrow(/ec; RSA is needed.*1024 bits/);
  });

  it('#23 logout with another address for answers', async () => {
    const slo = `<md:SingleLogoutService Binding="${REDIRECT}" Location="https://i.example.com/slo" ResponseLocation="https://i.example.com/slo/done"/>`;
    const read = await parse(entity(role(keyDescriptor(key.certificate) + slo + sso('https://i.example.com/'))));
    expect(read.singleLogout).toEqual({
      url: 'https://i.example.com/slo',
      responseUrl: 'https://i.example.com/slo/done',
      binding: 'redirect',
    });
  });

  it('takes the binding that is preferred where it is offered, and the other one otherwise', async () => {
    const both = sso('https://i.example.com/redirect') + sso('https://i.example.com/post', POST);
    const of = (endpoints: string, binding?: 'redirect' | 'post') =>
      parse(entity(role(keyDescriptor(key.certificate) + endpoints)), undefined, binding ? { binding } : {});
    expect(await of(both)).toMatchObject({ requestBinding: 'redirect', ssoUrl: 'https://i.example.com/redirect' });
    expect(await of(both, 'post')).toMatchObject({ requestBinding: 'post', ssoUrl: 'https://i.example.com/post' });
    expect(await of(sso('https://i.example.com/p', POST))).toMatchObject({ requestBinding: 'post' });
    expect(await of(sso('https://i.example.com/r'), 'post')).toMatchObject({ requestBinding: 'redirect' });
  });

  it.each([
    ['true', true],
    ['1', true],
    ['false', false],
  ])('WantAuthnRequestsSigned="%s"', async (said, wanted) => {
    const xml = entity(
      role(keyDescriptor(key.certificate) + sso('https://i.example.com/'), ` WantAuthnRequestsSigned="${said}"`),
    );
    expect((await parse(xml)).wantAuthnRequestsSigned).toBe(wanted);
    expect((await parse(good())).wantAuthnRequestsSigned).toBe(false);
  });

  it('#23 an aggregate needs a choice', async () => {
    const two = ['https://one.example', 'https://two.example'].map((id) =>
      entity(role(keyDescriptor(key.certificate) + sso('https://i.example.com/')), id),
    );
    const aggregate = `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"><md:EntitiesDescriptor>${two[0]}</md:EntitiesDescriptor>${two[1]}</md:EntitiesDescriptor>`;
    await expect(parse(aggregate)).rejects.toThrow(
      expect.objectContaining({ candidates: ['https://one.example', 'https://two.example'] }) as Error,
    );
    expect((await parse(aggregate, 'https://two.example')).entityId).toBe('https://two.example');
    await expect(parse(aggregate, 'https://three.example')).rejects.toThrow(MetadataError);
  });

  it('#23 logout over POST where there is no redirect, and none over SOAP alone', async () => {
    const slo = (binding: string) =>
      `<md:SingleLogoutService Binding="${binding}" Location="https://i.example.com/slo"/>`;
    const soap = slo('urn:oasis:names:tc:SAML:2.0:bindings:SOAP');
    const read = async (inner: string) =>
      (await parse(entity(role(keyDescriptor(key.certificate) + inner + sso('https://i.example.com/'))))).singleLogout;
    expect(await read(soap + slo(POST))).toEqual({
      url: 'https://i.example.com/slo',
      responseUrl: null,
      binding: 'post',
    });
    expect(await read(soap)).toBeNull();
    await expect(read(slo(REDIRECT).replace('https:', 'javascript:'))).rejects.toThrow(/must be https/);
    await expect(read(slo(REDIRECT).replace('/>', ' ResponseLocation="http://i.example.com/"/>'))).rejects.toThrow(
      /must be https/,
    );
  });

  it.each(Object.entries(PUBLISHED))(
    '#23 what %s publishes is read, before, during and after a rollover',
    async (_name, idp) => {
      const { entityId, ssoUrl, singleLogout } = idp;
      for (const pems of [[key], [key, next], [next]].map((keys) => keys.map(({ certificate }) => certificate))) {
        const xml = idp.xml({ certificates: pems, encryption: encryption.certificate });
        const read = await parse(xml);
        expect(read).toMatchObject({ entityId, ssoUrl, singleLogout });
        expect(read.certificates.map(body)).toEqual(pems.map(body));
      }
      await expect(
        parse(idp.xml({ certificates: [key.certificate], validUntil: '2026-02-28T00:00:00Z' })),
      ).rejects.toThrow(/expired/);
    },
  );

  it('#23 a federation of them needs a choice; one of them twice is refused', async () => {
    const names = Object.keys(PUBLISHED) as IdpShape[];
    const made = names.map((name) => PUBLISHED[name].xml({ certificates: [key.certificate] }));
    const file = aggregate([...made, entity('<md:SPSSODescriptor/>', 'https://sp.example')]);
    const candidates = names.map((name) => PUBLISHED[name].entityId);
    await expect(parse(file)).rejects.toThrow(expect.objectContaining({ candidates }) as Error);
    for (const name of names) expect((await parse(file, PUBLISHED[name].entityId)).ssoUrl).toBe(PUBLISHED[name].ssoUrl);
    await expect(parse(aggregate([...made, made[0]!]), candidates[1])).rejects.toThrow(/twice/);
  });

  it('#23 validUntil and cacheDuration of everything around count: the earliest, the shortest', async () => {
    const inner = PUBLISHED.okta.xml({ certificates: [key.certificate], validUntil: '2026-05-01T00:00:00Z' });
    const file = (attributes: string) => aggregate([aggregate([inner], attributes)], ' cacheDuration="P1D"');
    expect(await parse(file(' validUntil="2026-04-01T00:00:00Z" cacheDuration="PT5H30M"'))).toMatchObject({
      validUntil: new Date('2026-04-01T00:00:00Z'),
      cacheDuration: 19_800,
    });
    expect(await parse(file(''))).toMatchObject({
      validUntil: new Date('2026-05-01T00:00:00Z'),
      cacheDuration: 86_400,
    });
    await expect(parse(file(' validUntil="2026-02-01T00:00:00Z"'))).rejects.toThrow(/expired/);
    expect((await parse(inner)).cacheDuration).toBeUndefined();
  });

  const REFUSED: readonly [string, () => string, RegExp][] = [
    ['a document type', () => `<!DOCTYPE x>${good()}`, /document type/],
    [
      'a processing instruction',
      () => good().replace('<md:KeyDescriptor', '<?x y?><md:KeyDescriptor'),
      /processing instruction/,
    ],
    ['no XML', () => 'hello', /well-formed/],
    ['no IdP', () => entity('<md:SPSSODescriptor/>'), /no IdP/],
    ['no certificate', () => entity(role(sso('https://i.example.com/'))), /no signing certificate/],
    [
      'only an encryption certificate',
      () => entity(role(keyDescriptor(key.certificate, 'encryption') + sso('https://i.example.com/'))),
      /no signing certificate/,
    ],
    ['a weak key', () => entity(role(keyDescriptor(weak.certificate) + sso('https://i.example.com/'))), /1024 bits/],
    [
      'no certificate in the element',
      () => entity(role(keyDescriptor('AAAA') + sso('https://i.example.com/'))),
      /not an X.509/,
    ],
    [
      'no binding that a browser can carry',
      () =>
        entity(
          role(
            keyDescriptor(key.certificate) + sso('https://i.example.com/', 'urn:oasis:names:tc:SAML:2.0:bindings:SOAP'),
          ),
        ),
      /HTTP-Redirect/,
    ],
    ['http', () => good().replace('https://idp.example.com/sso', 'http://idp.example.com/sso'), /must be https/],
    ['javascript', () => good().replace('https://idp.example.com/sso', 'javascript:alert(1)//'), /must be https/],
    [
      'an expired document',
      () =>
        entity(
          role(keyDescriptor(key.certificate) + sso('https://i.example.com/')),
          'x',
          ' validUntil="2026-02-01T00:00:00Z"',
        ),
      /expired/,
    ],
    [
      'an expired role',
      () =>
        entity(
          role(keyDescriptor(key.certificate) + sso('https://i.example.com/'), ' validUntil="2026-02-01T00:00:00Z"'),
        ),
      /expired/,
    ],
    ['no entityID', () => entity(role(keyDescriptor(key.certificate) + sso('https://i.example.com/')), ''), /entityID/],
    [
      'SAML 1.1 only',
      () => good().replace('urn:oasis:names:tc:SAML:2.0:protocol', 'urn:oasis:names:tc:SAML:1.1:protocol'),
      /exactly one SAML 2.0/,
    ],
    [
      'two megabytes',
      () => good().replace('<md:KeyDescriptor', `<!--${'x'.repeat(2_000_000)}--><md:KeyDescriptor`),
      /larger/,
    ],
    [
      'thirty thousand elements',
      () => good().replace('<md:KeyDescriptor', `${'<a/>'.repeat(30_000)}<md:KeyDescriptor`),
      /more than/,
    ],
  ];
  it.each(REFUSED)('#23 refuses %s and says why', async (_what, make, message) => {
    await expect(parse(make())).rejects.toThrow(message);
    await expect(parse(make())).rejects.toThrow(MetadataError);
  });

  it('allows http on this computer only where it is asked to', async () => {
    const local = good().replace('https://idp.example.com/sso', 'http://localhost:3001/sso');
    await expect(parse(local)).rejects.toThrow(MetadataError);
    const read = await parse(local, undefined, { allowLoopbackHttp: true });
    expect(read.ssoUrl).toBe('http://localhost:3001/sso?idpid=C01');
  });

  it('#23 reads what is written in any way, and keeps it to the letter', async () => {
    const id = 'https://idp.example.com/?a=1&b="<ü>"';
    const xml = entity(
      role(keyDescriptor(key.certificate) + sso('https://idp.example.com/sso?a=1&amp;b=2')),
      'https://idp.example.com/?a=1&#38;b=&quot;&lt;ü>&quot;',
    ).replace('\n  </ds:', '\r\n<!-- x -->\r\n  </ds:');
    const read = await parse(xml, id);
    expect(read).toMatchObject({ entityId: id, ssoUrl: 'https://idp.example.com/sso?a=1&b=2' });
    expect(read.certificates.map(body)).toEqual([body(key.certificate)]);
  });

  it('#23 an IdP of a file is one that stands in it as such, whatever else has its name', async () => {
    const hidden = good().replace('https://idp.example.com/entity', 'https://hidden.example');
    const file = aggregate([
      `<md:Extensions xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">${hidden}</md:Extensions>`,
      entity(`<md:Extensions>${role(sso('https://evil.example/'))}</md:Extensions>`, 'https://empty.example'),
      good(),
    ]);
    expect((await parse(file)).entityId).toBe('https://idp.example.com/entity');
    const candidates = ['https://idp.example.com/entity'];
    for (const wanted of ['https://hidden.example', 'https://empty.example'])
      await expect(parse(file, wanted)).rejects.toThrow(expect.objectContaining({ candidates }) as Error);
  });
});

/** As large as they may be, or larger; each is read to where it is refused. */
const LARGE: Readonly<Record<string, () => string>> = {
  'thousands of IdPs': () =>
    aggregate(Array.from({ length: 6000 }, (_, n) => entity('<md:IDPSSODescriptor/>', `https://${n}.example`))),
  'a hundred thousand attributes': () =>
    aggregate([`<a ${Array.from({ length: 80_000 }, (_, n) => `a${n}="x"`).join(' ')}/>`]),
  'fifty thousand namespaces': () =>
    aggregate([`<a ${Array.from({ length: 40_000 }, (_, n) => `xmlns:a${n}="u:${n}"`).join(' ')}/>`]),
  'attributes everywhere': () => aggregate(Array.from({ length: 5000 }, () => '<a b="1" c="2" d="3" e="4" f="5"/>')),
  'a hundred thousand comments': () => aggregate(['<!--x-->'.repeat(120_000)]),
  'hundreds of thousands of references': () => aggregate(['&amp;'.repeat(200_000)]),
  'a role that never ends': () => entity(role('<a b="1" c="2" d="3"/>'.repeat(15_000))),
  'very many certificates': () => entity(role(Array.from({ length: 450 }, (_, n) => keyDescriptor(`A${n}`)).join(''))),
};

it.each(Object.entries(LARGE))('#20 metadata with %s keep nobody waiting', async (_what, make) => {
  const xml = make();
  const blocks: number[] = [];
  for (let round = 0; round < 3; round++) {
    blocks.push(
      await longestBlock(async () => {
        await expect(
          narrowMetadata(xml, undefined, setImmediate).then((it) => parseIdpMetadata(it, { now: NOW })),
        ).rejects.toThrow(MetadataError);
      }),
    );
  }
  expect(Math.min(...blocks)).toBeLessThan(50);
});
