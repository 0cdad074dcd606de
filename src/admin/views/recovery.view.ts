import { Id, Instant, Integer, Text, Texts } from '../field.decorators.js';

export class NewRecoveryCodesView {
  @Text('The page that takes the codes')
  signInUrl!: string;

  @Text('What the person types beside a code')
  userName!: string;

  @Instant('When they stop working')
  expiresAt!: string;

  @Texts('The codes themselves, each good for one sign-in: shown here and never again')
  codes!: readonly string[];
}

export class RecoveryCodeView {
  @Id('Never changes')
  id!: string;

  @Text('The last characters of the code, to recognise it by')
  lastFour!: string;

  @Instant('When it was made')
  createdAt!: string;

  @Instant('When it stops working')
  expiresAt!: string;

  @Instant('When it was used', { nullable: true })
  usedAt!: string | null;

  @Instant('When it was revoked', { nullable: true })
  revokedAt!: string | null;
}

export class RevokedCodesView {
  @Integer('How many could still be used', { min: 0, max: 1000 })
  revoked!: number;
}
