import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { DEFAULT_SAML } from '../../src/organizations/connection.js';
import { SERVICE_VALUES, type IdpPreset, type PasteLine } from '../../src/organizations/idp-presets/idp-preset.js';
import { IDP_PRESETS, PRESET_NAMES, type PresetName } from '../../src/organizations/idp-presets/presets.js';

/** docs/connect/*.md say what the presets say: `npm run connect-pages` writes that part, and leaves alone what is below it. */

const END = '<!-- Above: written from the presets by `npm run connect-pages`. Below: by hand. -->';
const EXAMPLES: Readonly<Record<keyof typeof SERVICE_VALUES, string>> = {
  entityId: '`https://YOUR-HOST/saml/CONNECTION/metadata`',
  acsUrl: '`https://YOUR-HOST/saml/CONNECTION/acs`',
  sloUrl: '`https://YOUR-HOST/saml/CONNECTION/slo`',
  metadataUrl: '`https://YOUR-HOST/saml/CONNECTION/metadata`',
  loginUrl: '`https://YOUR-HOST/saml/CONNECTION/login`',
  scimBaseUrl: '`https://YOUR-HOST/scim/v2`',
  scimToken: SERVICE_VALUES.scimToken,
};

const rows = (lines: readonly PasteLine[]): string[] =>
  lines.map(({ label, value }) => `| ${label} | ${typeof value === 'string' ? EXAMPLES[value] : value.set} |`);

function toPage(name: PresetName, preset: IdpPreset): string {
  const { by, where, example } = preset.metadata;
  const source = by === 'url' ? `--metadata-url '${example ?? 'ADDRESS'}'` : '--metadata-xml metadata.xml';
  const options = Object.entries(preset.saml).map(([option, value]) => `\`${option}\`: \`${String(value)}\``);
  const mapping = Object.entries(preset.attributeMapping as Readonly<Record<string, readonly string[]>>).map(
    ([field, names]) => `\`${field}\`: ${names.map((each) => `\`${each}\``).join(', ')}`,
  );
  return [
    `# Connecting ${preset.title}`,
    '',
    '```sh',
    `npm run cli -- connection create ORGANIZATION --name NAME --preset ${name}`,
    'npm run cli -- connection connect-sheet ORGANIZATION CONNECTION    # the table below with your values',
    `npm run cli -- connection configure-saml ORGANIZATION CONNECTION ${source}`,
    'npm run cli -- connection test-sign-in ORGANIZATION CONNECTION     # an address: sign in there, and read what would happen',
    '```',
    '',
    '## At the IdP',
    '',
    `${preset.where}.`,
    '',
    '| its form says | put there |',
    '| --- | --- |',
    ...rows(preset.paste),
    '',
    'Attributes to add:',
    '',
    '| name | what it is there |',
    '| --- | --- |',
    ...preset.attributes.map(([attribute, from]) => `| \`${attribute}\` | ${from} |`),
    '',
    `- NameID: ${preset.nameId}.`,
    `- It signs ${preset.signs}.`,
    `- Its metadata: ${where}.`,
    '',
    '## What the preset sets here',
    '',
    options.length > 0 ? `- Options: ${options.join(', ')}.` : '- No options.',
    mapping.length > 0
      ? `- Attribute mapping: ${mapping.join('; ')}.`
      : '- No attribute mapping: the usual names are looked for.',
    '- For the rest, [what a sign-in reads](../sign-in-attributes.md) and [SAML](../saml.md).',
    '',
    '## What usually goes wrong',
    '',
    ...preset.traps.map((trap) => `- ${trap}`),
    ...(preset.scim.length > 0
      ? [
          '',
          '## SCIM',
          '',
          'Turn SCIM on (`connection update --scim`), create a token, and paste:',
          '',
          '| its form says | put there |',
          '| --- | --- |',
          ...rows(preset.scim),
        ]
      : []),
    '',
    END,
    '',
  ].join('\n');
}

const file = (name: string) => `docs/connect/${name}.md`;
const read = (name: string) => (existsSync(file(name)) ? readFileSync(file(name), 'utf8') : '');

describe('docs/connect', () => {
  it.each(PRESET_NAMES)('%s is as its preset says', (name) => {
    const wanted = toPage(name, IDP_PRESETS[name]);
    const [, below = ''] = read(name).split(`${END}\n`);
    if (process.env['WRITE_PAGES'] === 'true') writeFileSync(file(name), wanted + below);
    expect(read(name).slice(0, wanted.length)).toBe(wanted);
  });

  it('has a page for each product and no others, and the README names them all', () => {
    expect(readdirSync('docs/connect').sort()).toEqual(PRESET_NAMES.map((name) => `${name}.md`).sort());
    const readme = readFileSync('README.md', 'utf8');
    expect(PRESET_NAMES.filter((name) => !readme.includes(`(docs/connect/${name}.md)`))).toEqual([]);
  });

  it('presets say everything an operator needs', () => {
    for (const name of PRESET_NAMES) {
      const preset: IdpPreset = IDP_PRESETS[name];
      const pasted = preset.paste.map(({ value }) => value);
      expect({ name, has: pasted.includes('entityId') && pasted.includes('acsUrl') }).toEqual({ name, has: true });
      expect(preset.traps.length).toBeGreaterThan(2);
      expect(preset.attributes.length).toBeGreaterThan(1);
      for (const option of Object.keys(preset.saml)) expect(DEFAULT_SAML).toHaveProperty(option);
      for (const text of [preset.where, preset.nameId, preset.signs, preset.metadata.where])
        expect(text).not.toMatch(/\.$/);
      for (const trap of preset.traps) expect(trap).toMatch(/\.$|\)\.?$/);
    }
  });
});
