import { MetadataError, parseIdpMetadata, type Binding, type IdpMetadata } from '../saml/protocol/parse-metadata.js';
import { verifyMetadata } from '../saml/protocol/verify-metadata.js';
import { ownAddressIn } from './own-address.js';

export interface ReadingOptions {
  /** Which IdP of several; undefined: the only one. */
  readonly entityId: string | undefined;
  /** Of the question; taken where the IdP offers it. */
  readonly binding: Binding;
  /** PEM of the certificate that must have signed it; null: nobody has to. */
  readonly signer: string | null;
  readonly now: Date;
  /** Of this server. */
  readonly ownOrigin: string;
}

/** A document that describes an IdP, uploaded or fetched. Throws MetadataError. */
export function readIdpMetadata(
  text: string,
  { entityId, binding, signer, now, ownOrigin }: ReadingOptions,
): IdpMetadata {
  const document = signer === null ? text : verifyMetadata(text, signer);
  // What it says of its addresses is judged by the settings as well, which know the loopback.
  const options = { now, binding, allowLoopbackHttp: true, ...(entityId === undefined ? {} : { entityId }) };
  const metadata = parseIdpMetadata(document, options);
  const own = ownAddressIn(metadata, ownOrigin);
  if (own !== undefined) throw new MetadataError(`The ${own} of the metadata is an address of this server`);
  return metadata;
}
