import { Choice, Flag, Instant, Integer, Nested, NestedList, Text, Texts } from '../field.decorators.js';

export class ClientGuessView {
  @Text('What the client seems to be')
  name!: string;

  @Texts('The quirks that speak for it; none: its User-Agent does')
  because!: readonly string[];
}

export class QuirkView {
  @Text('Its name')
  quirk!: string;

  @Text('What the client does')
  sentence!: string;

  @Flag('A strict connection refuses such requests')
  refusedWhenStrict!: boolean;

  @Integer('In how many requests', { min: 1, max: Number.MAX_SAFE_INTEGER })
  requests!: number;

  @Instant('When it was first seen')
  firstSeenAt!: string;

  @Instant('When it was last seen')
  lastSeenAt!: string;

  @Text('The User-Agent of the last of these requests', { nullable: true })
  userAgent!: string | null;
}

export class ConnectionQuirksView {
  @Choice(['tolerant', 'strict'], 'The dialect the connection takes')
  dialect!: 'tolerant' | 'strict';

  @Nested(ClientGuessView, 'Which product the client is; null: nothing tells it from others', { nullable: true })
  client!: ClientGuessView | null;

  @NestedList(QuirkView, 'The most frequent first; up to date to some seconds')
  quirks!: readonly QuirkView[];
}
