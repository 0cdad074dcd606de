import { availableParallelism } from 'node:os';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { SamlSettings } from '../organizations/connection.js';
import { JobOutgrown, WorkerPool } from '../platform/worker-pool.js';
import { MAX_RESPONSE_BYTES } from './protocol/decode-response.js';
import { MAX_METADATA_BYTES } from './protocol/parse-metadata.js';
import { reject, type SamlRejection } from './protocol/saml-rejection.js';
import type { SpNames } from './sp-addresses.js';
import { UnusableConnection } from './unusable-connection.js';

type Job = SpNames &
  Pick<SamlSettings, 'certificates' | 'wantSigned' | 'ssoUrl'> & {
    readonly document: string;
    readonly part: 'assertion' | 'root';
    readonly maxSigned: number;
  };
type Verdict =
  | { readonly signed: string }
  | { readonly tooLarge: number }
  | { readonly refused: string }
  | { readonly unusable: string };

const ENTRY = new URL('./signature.worker.mjs', import.meta.url);
const SECONDS = 2;
const METADATA_SECONDS = 15;
/** Exclusive canonicalisation declares a namespace again wherever it is used: group-heavy answers grow by half. */
const MAX_SIGNED = MAX_RESPONSE_BYTES * 1.5;
/** Metadata are of no connection yet: the engine wants names, and looks at them only for assertions. */
const PINNED = {
  part: 'root',
  wantSigned: 'either',
  ssoUrl: '',
  entityId: 'metadata',
  acsUrl: 'metadata',
  maxSigned: MAX_METADATA_BYTES,
} as const;

/**
 * Verifies signatures on threads of their own: a document within the limits of the scan can still cost a second, while everybody else
 * would wait (docs/decisions/2026-11-27-signatures-on-threads.md). Throws UnusableConnection and PoolBusy.
 */
@Injectable()
export class SignatureVerifier implements OnModuleDestroy {
  private readonly messages = new WorkerPool<Job, Verdict>(ENTRY, {
    threads: Math.min(4, availableParallelism()),
    // A company begins its day within a minute; a good answer takes some milliseconds, and a whole house of them fits into waitMs.
    waiting: 512,
    waitingPerKey: 128,
    waitMs: 5000,
    runMs: SECONDS * 1000,
    memoryMb: 256,
  });
  /** A federation's file may take seconds, while nobody stands before it; people who sign in do not wait behind it. */
  private readonly metadata = new WorkerPool<Job, Verdict>(ENTRY, {
    threads: 1,
    waiting: 64,
    waitingPerKey: 4,
    waitMs: 15_000,
    runMs: METADATA_SECONDS * 1000,
    memoryMb: 256,
  });

  /** The assertion as the bytes that a certificate of the settings signed. `turn`: whose document it is; they take turns. */
  verify(turn: string, document: string, settings: SamlSettings, sp: SpNames): Promise<string | SamlRejection> {
    return this.run(turn, document, 'assertion', settings, sp);
  }

  /** The root of the document, whatever it is, as the bytes that a certificate of the settings signed. */
  verifyRoot(turn: string, document: string, settings: SamlSettings, sp: SpNames): Promise<string | SamlRejection> {
    return this.run(turn, document, 'root', settings, sp);
  }

  /** As `verifyRoot`, of metadata, by the one certificate (PEM) that is pinned. */
  verifyMetadata(turn: string, document: string, signer: string): Promise<string | SamlRejection> {
    return this.judge(this.metadata, turn, { ...PINNED, document, certificates: [signer] });
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.messages.close(), this.metadata.close()]);
  }

  private run(
    turn: string,
    document: string,
    part: Job['part'],
    settings: SamlSettings,
    sp: SpNames,
  ): Promise<string | SamlRejection> {
    const { certificates, wantSigned, ssoUrl } = settings;
    const names = { entityId: sp.entityId, acsUrl: sp.acsUrl };
    const job = { document, part, certificates, wantSigned, ssoUrl, ...names, maxSigned: MAX_SIGNED };
    return this.judge(this.messages, turn, job);
  }

  private async judge(pool: WorkerPool<Job, Verdict>, turn: string, job: Job): Promise<string | SamlRejection> {
    try {
      return toResult(await pool.run(turn, job), job);
    } catch (error) {
      if (!(error instanceof JobOutgrown)) throw error;
      const seconds = pool === this.metadata ? METADATA_SECONDS : SECONDS;
      return reject('too-complex', `${error.what} of the verification`, 'ended', `${seconds} seconds`);
    }
  }
}

function toResult(verdict: Verdict, { wantSigned, maxSigned }: Job): string | SamlRejection {
  if ('signed' in verdict) return verdict.signed;
  if ('unusable' in verdict) throw new UnusableConnection(verdict.unusable);
  if ('tooLarge' in verdict)
    return reject('too-large', 'length of the canonical assertion', verdict.tooLarge, maxSigned);
  // The library refuses a few more things than signatures; the operator should not look for a certificate then.
  if (/notbefore|notonorafter/i.test(verdict.refused))
    return reject('time-malformed', 'NotBefore and NotOnOrAfter are there and instants', verdict.refused);
  return reject('signature-invalid', `a signature by a certificate of the connection (${wantSigned})`, verdict.refused);
}
