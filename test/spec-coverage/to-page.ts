import type { ProvingTest } from './find-tests.js';
import type { Requirement } from './requirements.js';

export interface Page {
  readonly title: string;
  readonly intro: string;
  readonly requirements: readonly Requirement[];
  /** Id -> why there is no test yet. */
  readonly gaps?: Readonly<Record<string, string>>;
  /** Each requirement as a paragraph with a list of its tests (the default), or as a row of one table. */
  readonly layout?: 'list' | 'table';
  /** The test files whose titles count; absent: all. */
  readonly files?: RegExp;
}

/** What the tests prove, as Markdown: each requirement with the tests that carry its id. */
export function toPage(page: Page, tests: readonly ProvingTest[]): string {
  const { title, intro, layout } = page;
  const sections = layout === 'table' ? [toTable(page, tests)] : toSections(page, tests);
  return [`# ${title}`, intro, ...sections].join('\n\n') + '\n';
}

function toSections({ requirements, gaps = {} }: Page, tests: readonly ProvingTest[]): string[] {
  return requirements.map((requirement) => {
    const { id, level, section, sentence } = requirement;
    const proofs = testsOf(requirement, tests).map(({ file, title }) => `- \`${file}\` ${plain(title)}`);
    const shown = proofs.length > 0 ? proofs : [`- **gap**: ${gaps[id] ?? 'no test carries this id'}`];
    return [`**${id}** ${level}, ${section}: ${plain(sentence)}`, '', ...shown].join('\n');
  });
}

function toTable({ requirements, gaps = {} }: Page, tests: readonly ProvingTest[]): string {
  const rows = requirements.map((requirement) => {
    const { id, level, section, sentence } = requirement;
    const proofs = testsOf(requirement, tests).map(({ file, title }) => `\`${file}\` ${plain(title)}`);
    const shown = proofs.length > 0 ? proofs.join('<br>') : `**gap**: ${gaps[id] ?? 'no test carries this id'}`;
    return `| ${[id, level, section, plain(sentence), shown].join(' | ')} |`;
  });
  return ['| id | level | section | requirement | tests |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}

export const testsOf = ({ id }: Requirement, tests: readonly ProvingTest[]): ProvingTest[] =>
  tests.filter(({ ids }) => ids.includes(id));

/** Nothing in a title is Markdown. */
const plain = (text: string): string => text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>#|~]/g, (sign) => `\\${sign}`);
