import { Choice, Json, NestedList, Nested, Text, Texts } from '../field.decorators.js';

export class PasteLineView {
  @Text("What the IdP's form calls it")
  label!: string;

  @Text('What to paste or choose')
  value!: string;
}

export class SheetAttributeView {
  @Text('Its name in the assertion')
  name!: string;

  @Text('What it is at the IdP')
  from!: string;
}

export class SheetMetadataView {
  @Choice(['url', 'upload'], 'How the connection gets it: metadataUrl, which is kept up to date, or metadataXml')
  by!: 'url' | 'upload';

  @Text('Where the IdP shows it')
  where!: string;

  @Text('What the address looks like', { nullable: true })
  example!: string | null;
}

/** What an operator does at the IdP, in the words of its forms. */
export class ConnectSheetView {
  @Text('The product')
  title!: string;

  @Text('Where its form is')
  where!: string;

  @NestedList(PasteLineView, 'What to paste there')
  paste!: readonly PasteLineView[];

  @NestedList(SheetAttributeView, 'Attributes to add there')
  attributes!: readonly SheetAttributeView[];

  @Text('What it sends as NameID, and what is better')
  nameId!: string;

  @Text('What it signs unless somebody changes that')
  signs!: string;

  @Nested(SheetMetadataView, 'Its metadata, for connection configure-saml')
  metadata!: SheetMetadataView;

  @NestedList(PasteLineView, 'What to paste into its SCIM form; empty: it has none')
  scim!: readonly PasteLineView[];

  @Json('Options a connection of this preset begins with')
  options!: object;

  @Texts('What usually goes wrong')
  traps!: readonly string[];
}
