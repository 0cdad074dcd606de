import { setImmediate } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { MetadataVerifier } from '../organizations/metadata-verifier.js';
import { PoolBusy } from '../platform/worker-pool.js';
import { MetadataError } from './protocol/parse-metadata.js';
import { isRejection } from './protocol/saml-rejection.js';
import { verifyMetadata } from './protocol/verify-metadata.js';
import { SignatureVerifier } from './signature.verifier.js';

/** Metadata are verified as answers are, on a thread; the look at their shape lets others have their turn. */
@Injectable()
export class SamlMetadataVerifier implements MetadataVerifier {
  constructor(@Inject(SignatureVerifier) private readonly signatures: SignatureVerifier) {}

  verify(turn: string, document: string, signer: string): Promise<string> {
    return verifyMetadata(
      document,
      async (xml) => {
        const signed = await this.signatures.verifyMetadata(turn, xml, signer).catch((error: unknown) => {
          if (!(error instanceof PoolBusy)) throw error;
          throw new MetadataError('Too many signatures are being verified at this moment; try again');
        });
        if (!isRejection(signed)) return signed;
        if (signed.reason === 'signature-invalid') return undefined;
        throw new MetadataError('The signature of the metadata takes more to verify than it may');
      },
      setImmediate,
    );
  }
}
