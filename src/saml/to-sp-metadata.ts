import { createHash, X509Certificate } from 'node:crypto';
import type { SamlSettings } from '../organizations/connection.js';
import type { SpKey } from '../organizations/sp-key.js';
import { html as xml, type Html } from '../platform/html.js';
import { encryptionMethods } from './protocol/encryption-methods.js';
import { BINDING_POST, FORMAT_EMAIL, FORMAT_PERSISTENT, FORMAT_UNSPECIFIED, NS } from './protocol/names.js';
import type { SpAddresses } from './sp-addresses.js';

export interface SpDescription {
  readonly addresses: SpAddresses;
  /** The live keys, those to use first. */
  readonly keys: readonly Pick<SpKey, 'use' | 'certificate'>[];
  readonly settings: Pick<SamlSettings, 'wantSigned' | 'signRequests' | 'nameIdFormat'> | null;
  /** Where the IdP sends logout messages. */
  readonly singleLogout?: readonly { readonly binding: string; readonly location: string }[];
}

/** Where none is asked for, any name will do; these are what most IdPs can give. */
const FORMATS = [FORMAT_PERSISTENT, FORMAT_EMAIL, FORMAT_UNSPECIFIED];

/**
 * What an IdP needs to know of one connection (SAML 2.0 metadata, section 2.4.4), its elements in the order of the schema. "When used as
 * the root element of a metadata instance, this element MUST contain either a validUntil or cacheDuration attribute" (2.3.2): an IdP
 * that reads it daily follows a change of keys by itself.
 */
export function toSpMetadata({ addresses, keys, settings, singleLogout = [] }: SpDescription): string {
  const wantAssertionsSigned = String(settings?.wantSigned !== 'response');
  const formats = settings?.nameIdFormat ? [settings.nameIdFormat] : FORMATS;
  const content = [
    ...keys.map((key) => toKeyDescriptor(key, settings)),
    ...singleLogout.map(
      ({ binding, location }) => xml`
    <md:SingleLogoutService Binding="${binding}" Location="${location}"/>`,
    ),
    ...formats.map(
      (format) => xml`
    <md:NameIDFormat>${format}</md:NameIDFormat>`,
    ),
  ];
  return xml`<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="${NS.metadata}" ID="${idOf(addresses, content)}" entityID="${addresses.entityId}" cacheDuration="P1D">
  <md:SPSSODescriptor AuthnRequestsSigned="${String(settings?.signRequests ?? false)}" WantAssertionsSigned="${wantAssertionsSigned}" protocolSupportEnumeration="${NS.protocol}">${content}
    <md:AssertionConsumerService Binding="${BINDING_POST}" Location="${addresses.acsUrl}" index="1" isDefault="true"/>
  </md:SPSSODescriptor>
</md:EntityDescriptor>
`.text;
}

function toKeyDescriptor(
  { use, certificate }: SpDescription['keys'][number],
  settings: SpDescription['settings'],
): Html {
  const methods = use === 'encryption' ? encryptionMethods(settings?.wantSigned ?? 'either') : [];
  return xml`
    <md:KeyDescriptor use="${use}">
      <ds:KeyInfo xmlns:ds="${NS.signature}"><ds:X509Data><ds:X509Certificate>${new X509Certificate(certificate).raw.toString('base64')}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>${methods.map(
        ({ algorithm, digest }) => xml`
      <md:EncryptionMethod Algorithm="${algorithm}">${digest === undefined ? null : xml`<ds:DigestMethod xmlns:ds="${NS.signature}" Algorithm="${digest}"/>`}</md:EncryptionMethod>`,
      )}
    </md:KeyDescriptor>`;
}

/** The same as long as the content is: a signature refers to it, and readers may compare. */
const idOf = ({ entityId }: SpAddresses, content: readonly Html[]): string =>
  `_${createHash('sha256')
    .update(`${entityId} ${content.map(({ text }) => text).join('')}`)
    .digest('hex')}`;
