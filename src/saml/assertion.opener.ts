import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { SamlSettings } from '../organizations/connection.js';
import { SpKeyPairs } from '../organizations/sp-key-pairs.service.js';
import type { Checks } from './protocol/checks.js';
import { decryptAssertion } from './protocol/decrypt-assertion.js';
import type { ResponseFacts } from './protocol/prescan.js';
import { isRejection, reject, type SamlRejection } from './protocol/saml-rejection.js';
import { scanAssertion } from './protocol/scan-assertion.js';
import type { SamlConnection } from './saml-answer.js';
import { SignatureVerifier } from './signature.verifier.js';
import type { SpNames } from './sp-addresses.js';

export interface OpenedAssertion {
  readonly xml: string;
  /** Whose signature covers it, and was verified. */
  readonly signed: readonly ('response' | 'assertion')[];
}

/** The longest key of a cipher that is taken. */
const DECOY_BYTES = 32;

/**
 * Gets at the assertion of a scanned response: nothing leaves here that no certificate of the connection signed. Of a response that is
 * signed, the signature is verified before anything in it is decrypted; what was in it is looked at as strictly as what is sent in the
 * open. Throws SamlRejection, UnusableConnection and PoolBusy.
 */
@Injectable()
export class AssertionOpener {
  constructor(
    @Inject(SignatureVerifier) private readonly signatures: SignatureVerifier,
    @Inject(SpKeyPairs) private readonly keyPairs: SpKeyPairs,
  ) {}

  async open(
    connection: SamlConnection,
    document: string,
    response: ResponseFacts,
    sp: SpNames,
    checks: Checks,
  ): Promise<OpenedAssertion> {
    if (response.encrypted) return this.openEncrypted(connection, document, response, sp, checks);
    checks.passed('decryption', null);
    const xml = accepted(await this.signatures.verify(connection.id, document, connection.saml, sp));
    return { xml, signed: verifiedParts(connection.saml.wantSigned, response) };
  }

  private async openEncrypted(
    connection: SamlConnection,
    document: string,
    { responseSigned }: ResponseFacts,
    sp: SpNames,
    checks: Checks,
  ): Promise<OpenedAssertion> {
    const { saml, id: turn } = connection;
    if (!responseSigned && (saml.wantSigned === 'response' || saml.wantSigned === 'both')) {
      throw reject('signature-invalid', 'a signature on the response', 'none', saml.wantSigned);
    }
    const verified = responseSigned ? accepted(await this.signatures.verifyRoot(turn, document, saml, sp)) : document;
    const plain = await this.decrypt(connection, verified);
    checks.passed('decryption', `${plain.length} characters`);
    const assertion = accepted(scanAssertion(plain, saml));
    const demanded = !responseSigned || saml.wantSigned === 'assertion' || saml.wantSigned === 'both';
    if (!demanded) return { xml: plain, signed: ['response'] };
    if (!assertion.signed) throw reject('signature-missing', 'a signature on the assertion that was encrypted');
    const xml = accepted(await this.signatures.verifyRoot(turn, plain, saml, sp));
    return { xml, signed: responseSigned ? ['response', 'assertion'] : ['assertion'] };
  }

  private async decrypt({ organizationId, id }: SamlConnection, response: string): Promise<string> {
    const pairs = await this.keyPairs.decryption(organizationId, id);
    if (pairs.length === 0) {
      throw reject(
        'encryption-not-supported',
        'an encryption key of the connection',
        'none: create one with sp-key create',
      );
    }
    const keys = pairs.map(({ privateKey }) => privateKey);
    return accepted(decryptAssertion(response, keys, randomBytes(DECOY_BYTES)));
  }
}

/** Of an answer that was not encrypted. */
function verifiedParts(
  wanted: SamlSettings['wantSigned'],
  { responseSigned }: ResponseFacts,
): OpenedAssertion['signed'] {
  if (wanted === 'both') return ['response', 'assertion'];
  if (wanted === 'either') return [responseSigned ? 'response' : 'assertion'];
  return [wanted];
}

function accepted<T>(result: T | SamlRejection): T {
  if (isRejection(result)) throw result;
  return result;
}
