import { timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { hashToken, mintToken } from '../../platform/secrets.js';

/**
 * A token for this process itself: the command line uses it where no operator token exists yet. It lives in memory, as long as the
 * process does, and leaves it only into the credentials file of a development server.
 */
@Injectable()
export class InternalToken {
  readonly value = mintToken('admin').token;
  private readonly hash = hashToken(this.value);

  accepts(token: string): boolean {
    return timingSafeEqual(hashToken(token), this.hash);
  }
}
