/**
 * What a person who was refused may be told. It says nothing about accounts: everybody whom the directory does not let in reads the same.
 * - `not-accepted`: the answer of the IdP was not.
 * - `incomplete`: the IdP left out what an account needs.
 * - `no-access`: the directory decided.
 */
export type RefusalText = 'not-accepted' | 'incomplete' | 'no-access';

/** A sign-in that ends here. The cause is in the sign-in record under the incident code, and nowhere else. */
export class SignInRefused extends Error {
  constructor(
    readonly text: RefusalText,
    readonly incidentCode: string,
    /** Where the person can begin again; undefined where that is pointless. */
    readonly startAgain: string | undefined,
  ) {
    super('The sign-in was refused');
  }
}

const BY_REASON: Readonly<Record<string, RefusalText>> = {
  'attribute-missing': 'incomplete',
  'identity-conflict': 'no-access',
  ambiguous: 'no-access',
  deprovisioned: 'no-access',
  deactivated: 'no-access',
  'account-not-linked': 'no-access',
  'domain-not-allowed': 'no-access',
  'not-provisioned': 'no-access',
};

/** The text of a machine reason; every reason of the protocol reads the same. */
export const toRefusalText = (reason: string): RefusalText => BY_REASON[reason] ?? 'not-accepted';
