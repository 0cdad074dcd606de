import {
  MetadataError,
  parseIdpMetadata,
  type Binding,
  type IdpMetadata,
  type NarrowMetadata,
} from '../saml/protocol/parse-metadata.js';
import { ownAddressIn } from './own-address.js';

export interface ReadingOptions {
  /** Of the question; taken where the IdP offers it. */
  readonly binding: Binding;
  readonly now: Date;
  /** Of this server. */
  readonly ownOrigin: string;
}

/** A document that describes an IdP, uploaded or fetched; where somebody must have signed it, what they signed. Throws MetadataError. */
export function readIdpMetadata(document: NarrowMetadata, { binding, now, ownOrigin }: ReadingOptions): IdpMetadata {
  // What it says of its addresses is judged by the settings as well, which know the loopback.
  const metadata = parseIdpMetadata(document, { now, binding, allowLoopbackHttp: true });
  const own = ownAddressIn(metadata, ownOrigin);
  if (own !== undefined) throw new MetadataError(`The ${own} of the metadata is an address of this server`);
  return metadata;
}
