import { toWantedIdp } from '../../src/admin/tenants/to-wanted-idp.js';
import type { ConfigureSamlBody } from '../../src/admin/bodies/saml.body.js';
import { narrowMetadata } from '../../src/saml/protocol/narrow-metadata.js';
import { DEFAULT_SAML, type SamlSettings } from '../../src/organizations/connection.js';
import { certificate } from '../organizations/certificates.js';

const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';
const POST = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';
const NOW = new Date('2026-03-01T12:00:00Z');

describe('the SAML settings an operator asks for', () => {
  let pem: string;
  beforeAll(async () => {
    pem = await certificate();
  });

  const metadata = (attributes: string, bindings: readonly string[]) =>
    `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"${attributes}>` +
    `<md:KeyDescriptor><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${pem.replace(/-----[^-]+-----/g, '')}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>` +
    bindings
      .map(
        (binding) =>
          `<md:SingleSignOnService Binding="${binding}" Location="https://idp.example/${binding.slice(-4)}"/>`,
      )
      .join('') +
    `</md:IDPSSODescriptor></md:EntityDescriptor>`;
  const settings = async (body: ConfigureSamlBody, current: SamlSettings | null = null) => {
    const { metadataXml } = body;
    const document =
      metadataXml === undefined ? undefined : await narrowMetadata(metadataXml, undefined, () => Promise.resolve());
    const around = { now: NOW, ownOrigin: 'https://sp.example', fetched: undefined, document };
    return toWantedIdp(body, { saml: current, preset: null }, around).saml;
  };
  const DEMANDS = ' WantAuthnRequestsSigned="true"';

  it('sign requests for an IdP whose metadata demands it, unless the operator says otherwise', async () => {
    const metadataXml = metadata(DEMANDS, [REDIRECT]);
    expect((await settings({ metadataXml })).signRequests).toBe(true);
    expect((await settings({ metadataXml, signRequests: false })).signRequests).toBe(false);
    const indifferent = metadata('', [REDIRECT]);
    expect((await settings({ metadataXml: indifferent })).signRequests).toBe(false);
    // An IdP that does not demand it may still get it.
    expect((await settings({ metadataXml: indifferent }, { ...(await settings({ metadataXml })) })).signRequests).toBe(
      true,
    );
  });

  it('take the address of the binding that is asked for, or used so far, or offered', async () => {
    const both = metadata('', [REDIRECT, POST]);
    const first = await settings({ metadataXml: both });
    expect(first).toMatchObject({ requestBinding: 'redirect', ssoUrl: 'https://idp.example/rect' });
    const asked = await settings({ metadataXml: both, requestBinding: 'post' }, first);
    expect(asked).toMatchObject({ requestBinding: 'post', ssoUrl: 'https://idp.example/POST' });
    expect(await settings({ metadataXml: both }, asked)).toMatchObject({ requestBinding: 'post' });
    expect(await settings({ metadataXml: metadata('', [REDIRECT]) }, asked)).toMatchObject({
      requestBinding: 'redirect',
    });
    await expect(settings({ metadataXml: metadata('', [REDIRECT]), requestBinding: 'post' })).rejects.toThrow(
      /binding/,
    );
  });

  it('keep options that are not given, and clear those that are null', async () => {
    const byHand = { idpEntityId: 'https://idp.example', ssoUrl: 'https://idp.example/sso', certificates: [pem] };
    const wanted = {
      nameIdFormat: 'urn:f',
      loginHint: 'login_hint',
      requestedAuthnContext: ['urn:c'],
      signMetadata: true,
    };
    const first = await settings({ ...byHand, ...wanted, clockSkewSeconds: 5 });
    expect(first).toMatchObject({ ...DEFAULT_SAML, ...wanted, clockSkewSeconds: 5 });
    expect(await settings(byHand, first)).toEqual(first);
    expect(await settings({ ...byHand, nameIdFormat: null, loginHint: null }, first)).toEqual({
      ...first,
      nameIdFormat: null,
      loginHint: null,
    });
  });
});
