import type { Connection } from '../organizations/connection.js';
import { DECISION_HINTS, GROUP_HINTS, OVERAGE_HINT } from './decision-hint-texts.js';
import { guessIdp, IDP_NAMES } from './guess-idp.js';
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
}

/** What an operator may do about what a sign-in showed, with what to click at the IdP that the connection seems to have. */
export function hintsFor({ reason, connection, sp, readings, overage }: HintFacts): string[] {
  const product = connection.saml ? guessIdp(connection.saml) : undefined;
  const word = ({ text, at }: HintText): string => {
    const there = product && at?.[product];
    const words = there ? `${text} At ${IDP_NAMES[product]}: ${there}` : text;
    return words.replaceAll('{acsUrl}', sp.acsUrl).replaceAll('{entityId}', sp.entityId);
  };
  const found = reason === undefined ? undefined : (CHECK_HINTS[reason] ?? DECISION_HINTS[reason]);
  return [...(found ? [word(found)] : []), ...(readings ? groupHints(readings, overage, word) : [])];
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
