/** What shows only against what is stored; the engine of patch/ tells of it. */
import type { PatchLiberty } from '../dialect.js';
import type { Quirk } from './quirk.js';

/** `noTarget` comes from the engine, which alone knows; here stands that it does. */
export const STORED_QUIRKS = [
  {
    // {"op":"replace","path":"emails[type eq \"work\"].value","value":"a@b"} to somebody without such an address: Entra
    name: 'replaced-without-match',
    sentence: 'Replaces elements of lists that are not there; they are made.',
    refusal: {
      status: 400,
      scimType: 'noTarget',
      demand: 'what is not there is added, not replaced (RFC 7644 section 3.5.2.3)',
    },
  },
  {
    // {"op":"replace","path":"name","value":{"familyName":"x"}} to somebody with a givenName: Entra
    name: 'complex-replaced-in-part',
    sentence:
      'Replaces complex values without mentioning all that is in them; the rest stays, and would go if the connection were strict.',
  },
] as const satisfies readonly (Omit<Quirk<never>, 'seenIn'> & { readonly name: PatchLiberty })[];
