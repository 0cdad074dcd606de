import type { AttributeMapping, SamlOptions } from '../connection.js';

/** What one product is like as an IdP. Data: defaults of its connections, and what an operator is shown, in the words of its own forms. */
export interface IdpPreset {
  readonly title: string;
  /** Over the general defaults, when a connection learns of its IdP for the first time. */
  readonly saml: Partial<SamlOptions>;
  /** Of a new connection. Groups are named, so that they are read. */
  readonly attributeMapping: AttributeMapping;
  /** Where its metadata is found, and whether they can be kept up to date. */
  readonly metadata: {
    readonly by: 'url' | 'upload';
    readonly where: string;
    /** What the address looks like. */
    readonly example?: string;
  };
  /** What it signs unless somebody changes that. */
  readonly signs: string;
  readonly nameId: string;
  /** Where in its console, then what its form calls each value of ours. */
  readonly where: string;
  readonly paste: readonly PasteLine[];
  /** Attributes to add there: name in the assertion, what it is at the IdP. */
  readonly attributes: readonly (readonly [name: string, from: string])[];
  /** What its SCIM form calls our values; empty: it does not push to applications of one's own. */
  readonly scim: readonly PasteLine[];
  readonly traps: readonly string[];
}

export interface PasteLine {
  readonly label: string;
  /** One of our values, or a word to choose or type as it is. */
  readonly value: ServiceValue | { readonly set: string };
}

/** What a connection gives to its IdP. */
export const SERVICE_VALUES = {
  entityId: 'entity ID',
  acsUrl: 'answer address (ACS)',
  sloUrl: 'logout address',
  metadataUrl: 'metadata address',
  loginUrl: 'where a sign-in begins',
  scimBaseUrl: 'SCIM base URL',
  scimToken: 'a token (`scim-token create`)',
} as const;
export type ServiceValue = keyof typeof SERVICE_VALUES;

export const line = (label: string, value: ServiceValue): PasteLine => ({ label, value });
export const set = (label: string, word: string): PasteLine => ({ label, value: { set: word } });

export const WS_CLAIMS = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/';
export const MS_CLAIMS = 'http://schemas.microsoft.com/';
