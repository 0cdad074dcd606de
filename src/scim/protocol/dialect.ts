/**
 * How a connection wants its client to speak. `tolerant`: whatever leaves no doubt is understood, as provisioning connectors write it.
 * `strict`: RFC 7643 and RFC 7644 with the SCIM interoperability profile over them, and nothing beside.
 *
 * What strict refuses is data: every liberty a request can take is one entry of quirks/, and the entry says what strict answers to it.
 * Only what depends on what is stored is decided elsewhere, in patch/: a replaced complex attribute keeps nothing of its old value, and
 * to replace what is not there finds no target.
 */
export type Dialect = 'tolerant' | 'strict';

/** What a PATCH can take as a liberty only against what is stored. */
export type PatchLiberty = 'replaced-without-match' | 'complex-replaced-in-part';

/** By which rules a PATCH is applied, and whom to tell of the liberties it takes. */
export interface PatchRules {
  readonly dialect: Dialect;
  readonly took: (liberty: PatchLiberty) => void;
}

export const TOLERANT: PatchRules = { dialect: 'tolerant', took: () => undefined };
