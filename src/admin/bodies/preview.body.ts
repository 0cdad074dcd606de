import { Instant, LongText, NestedList, Text, Texts } from '../field.decorators.js';

export class AssertedAttributeBody {
  @Text('Name of the attribute, as the IdP sends it')
  name!: string;

  @Texts('Its values')
  values!: string[];
}

/** Either a recorded answer of the IdP, or what one would say. */
export class PreviewBody {
  @LongText('A recorded SAMLResponse, in base64 or as XML; it is verified, and nothing is used up', {
    optional: true,
    max: 300_000,
  })
  samlResponse?: string;

  @Instant('Judge the times of the SAMLResponse as of then; now when not given', { optional: true })
  at?: string;

  @Text('Instead of a SAMLResponse: the NameID', { optional: true, max: 1024 })
  nameId?: string;

  @Text('Its format', { optional: true })
  nameIdFormat?: string;

  @NestedList(AssertedAttributeBody, 'The attributes beside the NameID', { optional: true })
  attributes?: AssertedAttributeBody[];
}
