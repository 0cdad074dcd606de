import { Choice, Flag, Id, Instant, Json, Nested, NestedList, Text, Texts } from '../field.decorators.js';
import { SignInPreviewView } from './preview.view.js';

export class CheckView {
  @Text('Which check')
  name!: string;

  @Text('What is wanted, in words')
  title!: string;

  @Choice(['passed', 'failed', 'not-reached'], 'What became of it')
  state!: string;

  @Json('What was wanted', { nullable: true })
  wanted!: unknown;

  @Json('What was got', { nullable: true })
  got!: unknown;

  @Text('Of the failed one: the reason', { nullable: true })
  reason!: string | null;

  @Text('Of the failed one: what exactly was looked at', { nullable: true })
  detail!: string | null;
}

export class SubjectView {
  @Text('NameID')
  value!: string;

  @Text('Its format')
  format!: string;

  @Text('Its qualifier; empty: none')
  nameQualifier!: string;
}

export class ReceivedAttributeView {
  @Text('Name')
  name!: string;

  @Text('FriendlyName', { nullable: true })
  friendlyName!: string | null;

  @Texts('Values; what looks like a secret is shortened')
  values!: readonly string[];

  @Flag('Were values shortened or left out?')
  shortened!: boolean;
}

export class ReadFieldView {
  @Text('Which field of the mapping')
  field!: string;

  @Flag('Does the connection map it? Otherwise the usual names were looked for')
  mapped!: boolean;

  @Texts('The names that were looked for')
  lookedFor!: readonly string[];

  @Texts('The attributes that gave the values')
  foundIn!: readonly string[];

  @Texts('What was read')
  values!: readonly string[];
}

/** What was received and checked at a sign-in. Never the document or its signature. */
export class ReceivedView {
  @NestedList(CheckView, 'Every check in order')
  checks!: readonly CheckView[];

  @Nested(SubjectView, 'The subject; null: nothing was verified', { nullable: true })
  subject!: SubjectView | null;

  @NestedList(ReceivedAttributeView, 'The attributes; null: nothing was verified', { nullable: true })
  attributes!: readonly ReceivedAttributeView[] | null;

  @NestedList(ReadFieldView, 'What the mapping reads of them; null: nothing was verified', { nullable: true })
  mapping!: readonly ReadFieldView[] | null;

  @Texts('What may be done about it, and what to click at which IdP')
  hints!: readonly string[];
}

/** A sign-in of an operator that changes nothing. */
export class TestSignInView {
  @Id('Never changes')
  id!: string;

  @Text('Open it in any browser, once', { nullable: true })
  address!: string | null;

  @Instant('Until when the address begins it')
  expiresAt!: string;

  @Choice(['ready', 'under-way', 'ended', 'expired'], 'How far it came')
  state!: string;

  @Choice(['accepted', 'rejected'], 'What would become of the sign-in', { nullable: true })
  outcome!: string | null;

  @Text('Why it would be rejected', { nullable: true })
  reason!: string | null;

  @Nested(ReceivedView, 'What was received and checked; null: no answer yet', { nullable: true })
  received!: ReceivedView | null;

  @Nested(SignInPreviewView, 'What the sign-in would do; null: a check stopped it, or no answer yet', {
    nullable: true,
  })
  preview!: SignInPreviewView | null;
}
