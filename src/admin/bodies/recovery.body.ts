import {
  MOST_RECOVERY_CODES_DAYS,
  RECOVERY_CODES_AT_ONCE,
  RECOVERY_CODES_DAYS,
} from '../../reconciliation/recovery-codes.reconciler.js';
import { Instant, Integer } from '../field.decorators.js';

export class CreateRecoveryCodesBody {
  @Integer(`How many; ${RECOVERY_CODES_AT_ONCE} when not given`, { min: 1, max: 50, optional: true })
  count?: number;

  @Instant(
    `When they stop working, within ${MOST_RECOVERY_CODES_DAYS} days; in ${RECOVERY_CODES_DAYS} days when not given`,
    { optional: true },
  )
  expiresAt?: string;
}
