import type { Connection } from '../organizations/connection.js';
import { DECISION_HINTS, GROUP_HINTS, OVERAGE_HINT } from './decision-hint-texts.js';
import { IDP_PRESETS } from '../organizations/idp-presets/presets.js';
import { guessIdp, type IdpProduct } from './guess-idp.js';
import { CHECK_HINTS, type HintText } from './hint-texts.js';
import type { Readings } from './read-fields.js';
import type { SpAddresses } from './sp-addresses.js';

export interface HintFacts {
  /** Why the sign-in was, or would be, refused. */
  readonly reason: string | undefined;
  readonly connection: Connection;
  readonly sp: SpAddresses;
  /** undefined: nothing was verified. */
  readonly readings: Readings | undefined;
  readonly overage: boolean;
  /** What the answer says of who signed it, where nobody we know did. */
  readonly signer: string | undefined;
}

/** What an operator may do about what a sign-in showed, with what to click at the IdP that the connection seems to have. */
export function hintsFor({ reason, connection, sp, readings, overage, signer }: HintFacts): string[] {
  const product = productOf(connection);
  const word = ({ text, at }: HintText): string => {
    const there = product && at?.[product];
    const words = there ? `${text} At ${IDP_PRESETS[product].title}: ${there}` : text;
    return words.replaceAll('{acsUrl}', sp.acsUrl).replaceAll('{entityId}', sp.entityId);
  };
  const found = reason === undefined ? undefined : (CHECK_HINTS[reason] ?? DECISION_HINTS[reason]);
  return [
    ...(found ? [word(found)] : []),
    ...(signer ? [signer] : []),
    ...(readings ? groupHints(readings, overage, word) : []),
  ];
}

/** What the operator said it is; otherwise what it looks like. */
function productOf({ preset, saml }: Connection): IdpProduct | undefined {
  if (preset !== null && preset !== 'generic' && Object.hasOwn(IDP_PRESETS, preset)) return preset as IdpProduct;
  return saml ? guessIdp(saml) : undefined;
}

function groupHints({ groups }: Readings, overage: boolean, word: (hint: HintText) => string): string[] {
  if (groups.mapped) {
    if (overage) return [word(OVERAGE_HINT)];
    return groups.foundIn.length === 0 ? [word(GROUP_HINTS)] : [];
  }
  const [name] = groups.foundIn;
  if (name === undefined) return [];
  return [
    `Groups are not synchronised, but the assertion brings some in ${name}. To let memberships follow them, map it: attributeMapping {"groups": [${JSON.stringify(name)}]}.`,
  ];
}
