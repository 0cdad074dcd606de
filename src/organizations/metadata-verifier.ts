/**
 * Metadata that must be signed by a certificate which an operator has pinned. Typed here, where metadata are asked for; provided by the
 * SAML door, which has the threads for it: an aggregate takes long.
 */
export abstract class MetadataVerifier {
  /** The document as the certificate (PEM) signed it. `turn`: whose document it is; they take turns. Throws MetadataError. */
  abstract verify(turn: string, document: string, signer: string): Promise<string>;
}
