import { Choice, Id, Nested, Text } from '../field.decorators.js';
import { LogoutView } from './logout.view.js';
import { SignInDetailView } from './record.view.js';

/** What is behind a code that somebody was shown. */
export class IncidentView {
  @Choice(['sign-in', 'logout'], 'What was refused')
  kind!: 'sign-in' | 'logout';

  @Id('Where')
  organizationId!: string;

  @Text('The slug of that organization')
  organization!: string;

  @Text('The name of the connection; null: with a recovery code', { nullable: true })
  connectionName!: string | null;

  @Nested(SignInDetailView, 'The sign-in; null: it was a logout', { nullable: true })
  signIn!: SignInDetailView | null;

  @Nested(LogoutView, 'The logout; null: it was a sign-in', { nullable: true })
  logout!: LogoutView | null;
}
