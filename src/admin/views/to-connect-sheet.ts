import { SERVICE_VALUES, type IdpPreset, type PasteLine } from '../../organizations/idp-presets/idp-preset.js';
import type { ConnectSheetView, PasteLineView } from './connect-sheet.view.js';
import type { ServiceProviderView } from './connection.view.js';

/** A preset with the values of one connection. */
export function toConnectSheet(preset: IdpPreset, values: ServiceProviderView): ConnectSheetView {
  const known = { ...values, scimToken: SERVICE_VALUES.scimToken };
  const toLine = ({ label, value }: PasteLine): PasteLineView => ({
    label,
    value: typeof value === 'string' ? known[value] : value.set,
  });
  const { by, where, example } = preset.metadata;
  return {
    title: preset.title,
    where: preset.where,
    paste: preset.paste.map(toLine),
    attributes: preset.attributes.map(([name, from]) => ({ name, from })),
    nameId: preset.nameId,
    signs: preset.signs,
    metadata: { by, where, example: example ?? null },
    scim: preset.scim.map(toLine),
    options: preset.saml,
    traps: preset.traps,
  };
}
