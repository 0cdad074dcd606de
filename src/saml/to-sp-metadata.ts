import { html as xml } from '../platform/html.js';
import type { SpAddresses } from './sp-addresses.js';

/**
 * What an IdP needs to know of one connection (SAML 2.0 metadata, section 2.4.4). No key: requests are not signed and assertions not
 * encrypted. `wantAssertionsSigned`: a hint that some IdPs follow.
 */
export function toSpMetadata({ entityId, acsUrl }: SpAddresses, wantAssertionsSigned: boolean): string {
  return xml`<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entityId}">
  <md:SPSSODescriptor AuthnRequestsSigned="false" WantAssertionsSigned="${String(wantAssertionsSigned)}" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${acsUrl}" index="1" isDefault="true"/>
  </md:SPSSODescriptor>
</md:EntityDescriptor>
`.text;
}
